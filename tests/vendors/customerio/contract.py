"""The vendor's own descriptions of Track and Pipelines, as far as they say what a body looks like."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support import Client, Reply

HERE = Path(__file__).parent / "openapi"

EXAMPLES: list[dict[str, Any]] = json.loads((HERE / "examples.json").read_text())
"""Bodies that the vendor's documents show: operation (our id), name, body."""

UNDOCUMENTED = {
    ("PUT", "/api/v1/customers/{identifier}", 400): "recorded several times, and yet not in the description",
    ("POST", "/api/v1/forms/{form_id}/submit", 401): "described with Basic credentials, and no answer without them",
    ("POST", "/api/v1/metrics", 400): "described with required members, and no answer without them",
    ("POST", "/api/v1/push/events", 400): "what is no JSON cannot be received",
    ("POST", "/v1/*", 400): "described as what strict mode is for, but not among the answers",
    ("POST", "/v1/*", 401): "the same",
}
"""Answers that the description of their operation does not mention, and why they are given all the same."""

EVERYWHERE = {404, 405, 413, 429, 500, 503}


@cache
def _documents() -> dict[str, dict[str, Any]]:
    """Both, with `anyOf` for `oneOf`: the vendor writes that where several fit (an object of one identifier, say)."""
    texts = {name: (HERE / f"{name}.json").read_text() for name in ("track", "pipelines")}
    return {name: json.loads(text.replace('"oneOf"', '"anyOf"')) for name, text in texts.items()}


@cache
def operations() -> list[tuple[re.Pattern[str], str, str, dict[str, Any], dict[str, Any]]]:
    """Pattern and method, template, description and document of every operation."""
    return [
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), method.upper(), path, described, document)
        for document in _documents().values()
        for path, methods in document["operations"].items()
        for method, described in methods.items()
    ]


def described(method: str, path: str) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    """Template, description and document of an operation, or None for what the two do not describe."""
    plain = path.partition("?")[0]
    for pattern, known, template, operation, document in operations():
        if known == method and pattern.fullmatch(plain):
            return template, operation, document
    return None


def faults(schema: dict[str, Any], document: dict[str, Any], body: Any) -> list[str]:
    """What a body does not have of what a schema asks for."""
    validator = Draft202012Validator({"components": document["components"], **schema})
    return [error.message for error in validator.iter_errors(body)]


def check(method: str, path: str, reply: Reply) -> None:
    """An answer is one that the vendor describes, and has the form that it describes."""
    found = described(method, path)
    if found is None:
        return
    template, operation, document = found
    place = "/v1/*" if template.startswith("/v1/") else template
    if reply.status not in EVERYWHERE and (method, place, reply.status) not in UNDOCUMENTED:
        assert str(reply.status) in operation["responses"], f"{method} {template} does not answer {reply.status}"
    schema = operation["responses"].get(str(reply.status))
    if schema is not None:
        assert not faults(schema, document, reply.json)


@dataclass
class Described(Client):
    """A client whose every answer is held against the vendor's descriptions too."""

    def __call__(self, method: str, path: str, json: Any = ..., **more: Any) -> Reply:
        reply = super().__call__(method, path, json, **more)
        check(method, path, reply)
        return reply
