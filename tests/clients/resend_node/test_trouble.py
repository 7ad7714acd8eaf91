"""Routes that OpenSend lacks, refused keys and injected faults, as npm `resend` tells them."""

from __future__ import annotations

from tests.clients.resend_node.support import UNREADABLE, listed, not_json, public, refused, short


def test_what_opensend_has_no_route_for(resend):
    # A root path that OpenSend does not know is redirected to its sign-in page, which answers GET alone.
    page, no_method = UNREADABLE, not_json(405)
    assert resend("missing.mjs") == {
        "create in audience": no_method,
        "get in audience": not_json(404),  # below /audiences a GET is not redirected
        "update in audience": no_method,
        "remove in audience": no_method,
        "import": no_method,
        "suppress": no_method,
        "list suppressions": page,
        "get suppression": page,
        "unsuppress": no_method,
        "suppress many": no_method,
        "not there yet": refused(
            {
                "error": "lookalike does not implement list_automations (GET /automations) yet",
                "code": "unimplemented",
            }
        ),
        "nothing happened": listed(),
    }


def test_refusals_and_faults(resend):
    seen = resend("trouble.mjs")
    assert seen.pop("late by") >= 290
    assert seen == {
        "bad key": short("Missing or invalid API key"),
        "bad key on a send": public(401, "invalid_api_key", "Invalid API key."),
        "no permission": public(
            403,
            "insufficient_api_key_permission",
            "This API key does not have permission to access this resource.",
        ),
        "rate limited": short("Rate limit exceeded. Try again later."),
        "rate limited send": public(429, "rate_limit_exceeded", "Rate limit exceeded. Try again later."),
        "unavailable": short("Rate limiting is temporarily unavailable."),
        "reset": UNREADABLE,
        "closed without an answer": UNREADABLE,
        "cut short": UNREADABLE,
        "no JSON": UNREADABLE,
        "late": listed(),
        "well again": listed(),
    }
