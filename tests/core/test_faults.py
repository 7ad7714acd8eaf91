"""Fault rules: when they apply, how often, in which order; the short forms; what is refused."""

from __future__ import annotations

import pytest

from lookalike.clock import Clock
from lookalike.faults import FaultError, Faults, parse_fault, parse_script
from lookalike.stores.memory import MemoryStore
from lookalike.workspace import Workspace

ANN = {"email": "ann@example.com"}


@pytest.fixture
def client(sandbox):
    return sandbox("autosend")


def statuses(client, count):
    return [client.post("/v1/contacts", {"email": f"p{n}@example.com"}).status for n in range(count)]


def test_an_injected_kind_is_the_vendors_own_answer(client):
    client.sandbox.faults.add({"fault": {"type": "error", "kind": "rate_limited", "retry_after": 7}})
    reply = client.post("/v1/contacts", ANN)
    assert reply.status == 429
    assert reply.headers["retry-after"] == "7"
    assert reply.json == {
        "success": False,
        "error": {"message": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 7},
        "retryAfter": 7,
    }


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 502, 503])
def test_a_status_is_answered_in_the_vendors_envelope(client, status):
    client.sandbox.faults.add({"fault": {"type": "error", "status": status}})
    reply = client.post("/v1/contacts", ANN)
    assert reply.status == status
    assert reply.json["success"] is False


def test_a_body_replaces_the_vendors(client):
    client.sandbox.faults.add({"fault": {"type": "error", "status": 502, "body": {"down": True}}})
    reply = client.post("/v1/contacts", ANN)
    assert (reply.status, reply.json) == (502, {"down": True})


def test_a_body_leaves_the_kinds_status_and_headers(client):
    fault = {"type": "error", "kind": "rate_limited", "retry_after": 7, "body": {"slow": "down"}}
    client.sandbox.faults.add({"fault": fault})
    reply = client.post("/v1/contacts", ANN)
    assert (reply.status, reply.headers["retry-after"], reply.json) == (429, "7", {"slow": "down"})
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


def test_a_log_normal_latency_has_an_end(client):
    client.sandbox.faults.add({"fault": {"type": "latency", "median": 3_600_000, "sigma": 10}})
    for _ in range(20):
        client.post("/v1/contacts", ANN)
    # The witness of the test client would have told of an overflow.
    assert all(entry.status in (200, 409) for entry in client.sandbox.journal)


def test_a_glob_sees_an_encoded_slash_as_it_was_sent(client):
    client.sandbox.faults.add({"when": {"path": "/v1/contacts/a%2F*"}, "fault": {"type": "error", "status": 503}})
    assert [client.get(f"/v1/contacts/{id}").status for id in ("a%2Fb", "ab")] == [503, 404]


def test_an_error_before_has_no_effect_and_an_error_after_has(client):
    for when, second in (("before", 200), ("after", 409)):
        other = client.as_key(f"AS_k~{when}")
        client.sandbox.faults.replace([{"fault": {"type": "error", "status": 503, "when": when}, "times": 1}])
        assert other.post("/v1/contacts", ANN).status == 503
        assert other.post("/v1/contacts", ANN).status == second


def test_times_and_skip_count_only_what_matches(client):
    client.sandbox.faults.add(
        {"when": {"operation": "create_contact"}, "fault": {"type": "error", "status": 503}, "skip": 1, "times": 2}
    )
    assert client.get("/v1/contacts/507f1f77bcf86cd799439011").status == 404
    assert statuses(client, 5) == [200, 503, 503, 200, 200]


def test_a_script_says_what_each_request_meets(client):
    client.sandbox.faults.add({"script": "429x2, ok, 503, ok"})
    assert statuses(client, 6) == [429, 429, 200, 503, 200, 200]


def test_probability_draws_from_the_seed_so_that_a_run_repeats(sandbox):
    def run(seed):
        client = sandbox("autosend", seed=seed)
        client.sandbox.faults.add({"fault": {"type": "error", "status": 503}, "probability": 0.5})
        return statuses(client, 40)

    first = run(7)
    assert first == run(7)
    assert first != run(8)
    assert 8 < first.count(503) < 32


def test_each_rule_draws_by_itself(client):
    for path in ("/v1/contacts", "/v1/contacts*"):
        fault = {"type": "latency", "ms": 0}
        client.sandbox.faults.add({"when": {"path": path}, "fault": fault, "probability": 0.5})
    statuses(client, 40)
    met = [len(entry.as_json()["faults"]) for entry in client.sandbox.journal]
    assert {0, 1, 2} == set(met)


def test_each_rate_limit_counts_by_itself_and_anew_once_all_are_gone(client):
    client.clock(freeze="2026-01-01T00:00:00Z")

    def limit() -> None:
        for operation in ("create_contact", "*"):
            fault = {"type": "rate_limit", "limit": 2, "window": "10s"}
            client.sandbox.faults.add({"when": {"operation": operation}, "fault": fault})

    limit()
    assert statuses(client, 3) == [200, 200, 429]
    client.sandbox.faults.clear()
    limit()
    assert [client.post("/v1/contacts", {"email": f"q{n}@example.com"}).status for n in range(3)] == [200, 200, 429]


def test_a_rate_limit_counts_per_credential_on_the_sandbox_clock(client):
    client.clock(freeze="2026-01-01T00:00:00Z")
    client.sandbox.faults.add({"fault": {"type": "rate_limit", "limit": 2, "window": "10s"}})
    assert statuses(client, 3) == [200, 200, 429]
    assert client.as_key("AS_other").post("/v1/contacts", {"email": "x@example.com"}).status == 200
    client.clock(advance="4s")
    refused = client.post("/v1/contacts", ANN)
    assert (refused.status, refused.headers["retry-after"]) == (429, "6")
    client.clock(advance="6s")
    assert client.post("/v1/contacts", ANN).status == 200


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({}, True),
        ({"vendor": "autosend"}, True),
        ({"vendor": "auto*"}, True),
        ({"vendor": "other"}, False),
        ({"operation": "create_*"}, True),
        ({"operation": "get_contact"}, False),
        ({"workspace": "default"}, True),
        ({"workspace": "ci7"}, False),
        ({"method": "post"}, True),
        ({"method": "GET"}, False),
        ({"path": "/v1/contacts*"}, True),
        ({"path": "/autosend/v1/contacts"}, False),
        ({"body": {"email": "*@vip.test"}}, True),
        ({"body": {"email": "*@other.test"}}, False),
        ({"body": {"missing": "*"}}, False),
        ({"body": {"customFields": {"age": 42}}}, True),
        ({"body": {"customFields": {"age": "4?"}}}, True),
        ({"body": {"customFields": {"age": 43}}}, False),
        ({"body": {"customFields": {"vip": True}}}, True),
        ({"body": {"customFields": {"vip": 1}}}, False),
        ({"vendor": "autosend", "operation": "get_contact"}, False),
    ],
)
def test_every_member_of_when_must_fit(client, when, fits):
    client.sandbox.faults.add({"when": when, "fault": {"type": "error", "status": 503}})
    body = {"email": "ann@vip.test", "customFields": {"age": 42, "vip": True}}
    assert client.post("/v1/contacts", body).status == (503 if fits else 200)


def test_a_body_that_is_no_json_fits_no_body_rule(client):
    client.sandbox.faults.add({"when": {"body": {"email": "*"}}, "fault": {"type": "error", "status": 503}})
    assert client.post("/v1/contacts", body=b"{oops").status == 400


def test_rules_nest_in_their_order(client):
    client.sandbox.faults.add({"fault": {"type": "latency", "ms": 40}})
    client.sandbox.faults.add({"fault": {"type": "latency", "ms": 2}})
    client.sandbox.faults.add({"fault": {"type": "error", "kind": "unavailable"}})
    client.post("/v1/contacts", ANN)
    entry = list(client.sandbox.journal)[-1]
    assert entry.as_json()["faults"] == ["latency", "latency", "error"]


def test_an_outer_error_keeps_the_inner_faults_and_the_handler_out(client):
    client.sandbox.faults.add({"fault": {"type": "error", "kind": "unavailable"}, "times": 1})
    client.sandbox.faults.add({"fault": {"type": "error", "status": 500, "when": "after"}, "times": 1})
    assert client.post("/v1/contacts", ANN).status == 503
    assert client.post("/v1/contacts", ANN).status == 200


def test_the_header_injects_for_that_request_alone(client):
    assert client.post("/v1/contacts", ANN, headers={"X-Lookalike-Fault": "unavailable"}).status == 503
    assert client.post("/v1/contacts", ANN).status == 200
    assert client.post("/v1/contacts", ANN, headers={"X-Lookalike-Fault": "ok"}).status == 409


def test_a_header_that_is_no_fault_is_refused_with_one_sentence(client):
    reply = client.post("/v1/contacts", ANN, headers={"X-Lookalike-Fault": "tornado"})
    assert reply.status == 400
    assert reply.json["error"].startswith("X-Lookalike-Fault: 'tornado' is no fault: write ok, a status such as 503")
    assert client.post("/v1/contacts", ANN).status == 200


def test_a_rule_tells_how_often_it_was_met_and_fired(client):
    client.sandbox.faults.add({"fault": {"type": "error", "status": 503}, "skip": 1, "times": 1})
    statuses(client, 3)
    [rule] = client.sandbox.faults
    assert rule.as_json() == {
        "id": "fault_1",
        "when": {"vendor": "*", "operation": "*", "workspace": "*", "method": "*", "path": "*"},
        "fault": {"type": "error", "status": 503, "when": "before", "retry_after": 1},
        "times": 1,
        "skip": 1,
        "probability": 1.0,
        "seen": 3,
        "hits": 1,
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "Input should be a valid dictionary or instance of RuleModel"),
        ({}, "a rule needs either a fault or a script"),
        ({"fault": {"type": "error", "status": 503}, "script": "ok"}, "a rule needs either a fault or a script"),
        ({"script": "ok", "times": 2}, "a script replaces times and skip"),
        ({"script": "429x2, , ok"}, "script '429x2, , ok' has an empty step: write for example '429x2, ok, 503'"),
        ({"fault": {"type": "error"}}, "fault.error: an error fault needs a kind or a status"),
        (
            {"fault": {"type": "error", "status": 200}},
            "fault.error.status: Input should be greater than or equal to 400",
        ),
        (
            {"fault": {"type": "latency"}},
            "fault.latency: a latency fault needs ms, or min and max, or median (and sigma)",
        ),
        ({"fault": {"type": "latency", "min": 5, "max": 1}}, "fault.latency: min must not be above max"),
        ({"fault": {"type": "latency", "ms": -1}}, "fault.latency.ms: Input should be greater than or equal to 0"),
        (
            {"fault": {"type": "latency", "ms": 1e308}},
            "fault.latency.ms: Input should be less than or equal to 3600000",
        ),
        (
            {"fault": {"type": "latency", "median": 1, "sigma": 1e3}},
            "fault.latency.sigma: Input should be less than or equal to 10",
        ),
        (
            {"fault": {"type": "rate_limit", "limit": 1, "window": 0}},
            "fault.rate_limit.window: a window is longer than nothing and at most 366 days",
        ),
        (
            {"fault": {"type": "rate_limit", "limit": 1, "window": "9" * 400}},
            "fault.rate_limit.window: a window is longer than nothing and at most 366 days",
        ),
        ({"fault": {"type": "slow", "rate": 1e-9}}, "fault.slow.rate: Input should be greater than or equal to 0.1"),
        ({"fault": {"type": "reset", "bytes": 1}}, "fault.reset.bytes: Extra inputs are not permitted"),
        ({"fault": {"type": "reset"}, "whem": {}}, "whem: Extra inputs are not permitted"),
        ({"fault": {"type": "reset"}, "probability": 2}, "probability: Input should be less than or equal to 1"),
        ({"fault": {"type": "reset"}, "times": 0}, "times: Input should be greater than or equal to 1"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(data, message):
    faults = Faults(Workspace("home", MemoryStore(), {}, 1, Clock()))
    with pytest.raises(FaultError) as refused:
        faults.add(data)
    assert str(refused.value) == message
    assert list(faults) == []


def test_an_unknown_kind_or_type_names_the_known_ones():
    faults = Faults(Workspace("home", MemoryStore(), {}, 1, Clock()))
    with pytest.raises(FaultError, match="kind 'boom' is unknown: use one of unauthorized, forbidden"):
        faults.add({"fault": {"type": "error", "kind": "boom"}})
    with pytest.raises(FaultError, match="'error', 'latency', 'rate_limit', 'timeout', 'reset', 'empty', 'truncate'"):
        faults.add({"fault": {"type": "boom"}})


def test_replacing_with_one_bad_rule_keeps_the_old_ones():
    faults = Faults(Workspace("home", MemoryStore(), {}, 1, Clock()))
    faults.add({"script": "503"})
    with pytest.raises(FaultError):
        faults.replace([{"script": "429"}, {"script": "nonsense"}])
    assert [rule.as_json()["script"] for rule in faults] == ["503"]
    assert [rule.id for rule in faults.replace([{"script": "429"}])] == ["fault_1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("503", {"type": "error", "status": 503, "when": "before", "retry_after": 1}),
        ("rate_limited", {"type": "error", "kind": "rate_limited", "when": "before", "retry_after": 1}),
        ("latency=200", {"type": "latency", "ms": 200.0, "sigma": 0.5}),
        ("timeout=2", {"type": "timeout", "seconds": 2.0}),
        ("reset", {"type": "reset", "when": "before"}),
        ("empty", {"type": "empty", "when": "before"}),
        ("truncate", {"type": "truncate"}),
        ("truncate=10", {"type": "truncate", "bytes": 10}),
        ("garbage", {"type": "garbage", "bytes": 64}),
        ("slow=50", {"type": "slow", "rate": 50.0}),
    ],
)
def test_the_short_forms(text, expected):
    assert parse_fault(text).model_dump(exclude_none=True) == expected


@pytest.mark.parametrize(
    "text", ["", "200", "boom", "latency=soon", "latency=inf", "slow=0", "slow=inf", "timeout=-1", "truncate=x"]
)
def test_what_is_no_short_form(text):
    with pytest.raises(FaultError, match="is no fault"):
        parse_fault(text)


def test_a_script_is_bounded():
    assert len(parse_script("ok x3, 503".replace(" x", "x"))) == 4
    for steps in ("okx99999", "okx99999999999999", "okx10000, ok", "okx" + "9" * 5000):
        with pytest.raises(FaultError, match="at most 10000 steps"):
            parse_script(steps)


@pytest.mark.parametrize("script", ["503x0", "ok, 503x00"])
def test_a_step_that_never_comes_is_refused(script):
    with pytest.raises(FaultError, match="is none: leave it out"):
        parse_script(script)
