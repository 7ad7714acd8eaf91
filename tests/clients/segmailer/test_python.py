"""The same calls from Python, by three clients, each with and without a content type."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests

from tests.clients.segmailer.support import JANE, expected

pytestmark = pytest.mark.client

Answer = tuple[int, Any]
Send = Callable[[str, str, dict[str, str], str | None], tuple[int, str]]


def by_urllib(method: str, url: str, headers: dict[str, str], body: str | None) -> tuple[int, str]:
    request = urllib.request.Request(url, None if body is None else body.encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def by_requests(method: str, url: str, headers: dict[str, str], body: str | None) -> tuple[int, str]:
    answer = requests.request(method, url, headers=headers, data=body, timeout=10)
    return answer.status_code, answer.text


def by_httpx(method: str, url: str, headers: dict[str, str], body: str | None) -> tuple[int, str]:
    answer = httpx.request(method, url, headers=headers, content=body)
    return answer.status_code, answer.text


def where(plan: str) -> dict[str, str]:
    return {"attribute": "plan", "op": "eq", "value": plan}


ANN = {"email": "user@example.com"}
PATH = "/api/v2/contacts/" + urllib.parse.quote("user@example.com", safe="")
STEPS = {
    "premium": ("POST", "/api/v2/segments", {"name": "Premium", "filter": where("premium")}),
    "free": ("POST", "/api/v2/segments", {"name": "Free", "filter": where("free")}),
    "create": ("POST", "/api/v2/contacts", {"identifier": ANN, "attributes": JANE}),
    "again": ("POST", "/api/v2/contacts", {"identifier": ANN, "attributes": JANE}),
    "moved": ("POST", "/api/v2/contacts", {"identifier": ANN, "attributes": {"plan": "free"}}),
    "left": ("POST", "/api/v2/contacts", {"identifier": ANN, "attributes": {"plan": None}}),
    "event": (
        "POST",
        "/v1/events",
        {"identifier": ANN, "event": "feature_X_used", "data": {"feature_name": "reports"}},
    ),
    "read": ("GET", PATH, None),
    "bad": ("POST", "/api/v2/contacts", {"identifier": {}}),
    "delete": ("DELETE", PATH, None),
    "gone": ("GET", PATH, None),
}


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
@pytest.mark.parametrize("send", [by_urllib, by_requests, by_httpx])
def test_the_sample(variables: dict[str, str], send: Send, content_type: str | None) -> None:
    headers = {"Authorization": f"Bearer {variables['SEGMAILER_API_KEY']}"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    answers: dict[str, Answer] = {}
    for name, (method, path, body) in STEPS.items():
        text = None if body is None else json.dumps(body)
        status, said = send(method, variables["SEGMAILER_URL"] + path, headers, text)
        answers[name] = (status, json.loads(said) if said else None)
    assert answers == expected()
