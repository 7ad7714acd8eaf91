"""The calls of Invent's cookbook and its API pages, as they are printed there but for the host, over a real socket.

Invent has no SDK: its samples are curl commands. They are made with curl where there is one, and with requests.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.lacking import lacking
from tests.vendors.invent.test_assistants import assistant

pytestmark = pytest.mark.client

REAL = "https://api.useinvent.com"

COOKBOOK = {
    "create an assistant": """curl -X POST "https://api.useinvent.com/orgs/c/assistants"
        -H "Authorization: Bearer YOUR_API_KEY"
        -H "Content-Type: application/json"
        -d '{ "name": "Customer Support Bot", "enabled": true }'""",
    "fetch it back": """curl -X GET "https://api.useinvent.com/orgs/c/assistants/ASSISTANT_ID"
        -H "Authorization: Bearer YOUR_API_KEY\"""",
    "list contacts": """curl -X GET "https://api.useinvent.com/orgs/c/contacts?page=1&take=20&status=SUBSCRIBED"
        -H "Authorization: Bearer YOUR_API_KEY\"""",
    "audit your connections": """curl -X GET "https://api.useinvent.com/orgs/c/connections?page=1&take=50"
        -H "Authorization: Bearer YOUR_API_KEY\"""",
}


@pytest.fixture
def base(live_server):
    return f"{live_server.url}/invent"


def by_curl(command: str, base: str, workspace: str, **values: str):
    """What a printed command answers, and its headers."""
    if shutil.which("curl") is None:
        lacking("there is no curl")
    for name, value in {"YOUR_API_KEY": f"key~{workspace}", **values}.items():
        command = command.replace(name, value)
    arguments = shlex.split(command.replace(REAL, base))
    done = subprocess.run(
        [*arguments, "-sS", "-D", "/dev/stderr"], capture_output=True, text=True, timeout=30, check=True
    )
    status, *lines = done.stderr.splitlines()
    assert " 200 " in status, done.stderr
    return json.loads(done.stdout), dict(line.lower().split(": ", 1) for line in lines if line)


def test_the_cookbook_as_printed(base, workspace):
    made, _ = by_curl(COOKBOOK["create an assistant"], base, workspace)
    times = {"created_at": made["created_at"], "updated_at": made["updated_at"]}
    assert made == assistant("Customer Support Bot", **times)
    assert by_curl(COOKBOOK["fetch it back"], base, workspace, ASSISTANT_ID=made["id"])[0] == made
    requests.post(
        f"{base}/orgs/c/contacts",
        json={"channel": {"email": "ann@example.com"}},
        headers={"Authorization": f"Bearer key~{workspace}"},
        timeout=30,
    ).raise_for_status()
    people, headers = by_curl(COOKBOOK["list contacts"], base, workspace)
    assert [found["channels"][0]["email"] for found in people] == ["ann@example.com"]
    assert [headers[f"pagination-{name}"] for name in ("count", "page", "take")] == ["1", "1", "20"]
    assert by_curl(COOKBOOK["audit your connections"], base, workspace)[0] == []


def test_the_same_with_requests(base, workspace):
    invent = requests.Session()
    with invent:
        invent.headers["Authorization"] = f"Bearer key~{workspace}"
        made = invent.post(
            f"{base}/orgs/c/assistants", json={"name": "Customer Support Bot", "enabled": True}, timeout=30
        )
        assert made.status_code == 200
        again = invent.get(f"{base}/orgs/c/assistants/{made.json()['id']}", timeout=30)
        assert again.json() == made.json()
        query = {"page": 1, "take": 20, "status": "SUBSCRIBED"}
        people = invent.get(f"{base}/orgs/c/contacts", params=query, timeout=30)
        assert (people.json(), people.headers["pagination-count"]) == ([], "0")
        connections = invent.get(f"{base}/orgs/c/connections", params={"page": 1, "take": 50}, timeout=30)
        assert (connections.status_code, connections.json()) == (200, [])


def test_the_trigger_of_the_guide(base, workspace):
    """A backend's day: an audience by bulk, a broadcast that is opened, a code sent, what became of it."""
    with requests.Session() as invent:
        invent.headers["Authorization"] = f"Bearer key~{workspace}"

        def call(method: str, path: str, **more):
            answer = invent.request(method, f"{base}/orgs/c{path}", timeout=60, **more)
            assert answer.status_code == 200, answer.text
            return answer.json()

        vip = call("POST", "/segments", json={"name": "VIP", "color": "amber"})
        channels = [{"type": "email", "email": f"p{number}@example.com"} for number in range(2_000)]
        assert call("POST", "/contacts/bulk/dry", json={"channels": channels})["created"] == channels
        call("POST", "/contacts/bulk", json={"channels": channels, "segment_id": vip["id"]})
        assert call("GET", f"/segments/{vip['id']}")["contacts_count"] == 2_000
        news = call("POST", "/broadcasts", json={"name": "News", "segment_ids": [vip["id"]]})
        assert call("POST", f"/broadcasts/{news['id']}/send")["sent_count"] == 2_000
        code = call("POST", "/broadcasts", json={"name": "Code", "type": "TRANSACTIONAL"})
        call("POST", f"/broadcasts/{code['id']}/activate")
        trigger = {"email": "p7@example.com", "variables": {"otp": "1234"}, "background": False}
        [sent] = call("POST", f"/broadcasts/{code['id']}/send", json=trigger)["recipients"]
        assert call("GET", f"/broadcasts/{code['id']}/recipients") == [sent]
        assert sent["contact"]["segments"][0]["name"] == "VIP"


def test_others_are_answered_while_ten_thousand_are_taken_in(base, workspace):
    """The bulk is done in pieces: whoever asks meanwhile sees the segment grow."""
    key = {"Authorization": f"Bearer key~{workspace}"}
    segment = requests.post(f"{base}/orgs/c/segments", json={"name": "VIP"}, headers=key, timeout=30).json()["id"]
    channels = [{"type": "email", "email": f"p{number}@example.com"} for number in range(10_000)]
    body = {"channels": channels, "segment_id": segment}
    seen = set()
    with ThreadPoolExecutor(1) as pool, requests.Session() as other:
        bulk = pool.submit(requests.post, f"{base}/orgs/c/contacts/bulk", json=body, headers=key, timeout=60)
        while not bulk.done():
            seen.add(other.get(f"{base}/orgs/c/segments/{segment}", headers=key, timeout=60).json()["contacts_count"])
    assert bulk.result().json() == {"created": channels, "updated": [], "invalid": []}
    assert len(seen - {0, 10_000}) >= 5


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/orgs/c/contacts", {}, 401), ("/orgs/c/contacts?page=0", {"Authorization": "Bearer x"}, 400)],
)
def test_the_errors_of_the_cookbook(base, path, headers, status):
    answer = requests.get(f"{base}{path}", headers=headers, timeout=30)
    assert answer.status_code == status
    assert answer.json()["statusCode"] == status
