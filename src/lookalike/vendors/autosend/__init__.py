"""AutoSend: contacts, lists and segments, events, suppression groups, webhooks, sends."""

from __future__ import annotations

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.vendor import Vendor
from lookalike.vendors.autosend import contacts
from lookalike.vendors.autosend.problems import CONTENT_TYPE, render
from lookalike.vendors.autosend.schemas import ErrorAnswer


def read_key(call: Call) -> str:
    """`Authorization: Bearer AS_...`, or `x-api-key`; older keys (`as_`) and account keys (`ASA_`) go too."""
    scheme, _, key = (call.header("Authorization") or "").partition(" ")
    key = key if scheme == "Bearer" else call.header("x-api-key") or ""
    if not key.lower().startswith(("as_", "asa_")):
        raise Problem("unauthorized")
    return key


def unrouted(_call: Call, _allowed: tuple[str, ...]) -> None:
    """Express answers a wrong method as it answers an unknown path."""
    raise Problem("no_route")


VENDOR = Vendor(
    name="autosend",
    title="AutoSend",
    hosts=("api.autosend.com",),
    base_path="/v1",
    sample_key="AS_lookalike",
    key_header=lambda key: ("Authorization", f"Bearer {key}"),
    modules=(contacts.routes,),
    resources=(contacts.CONTACTS,),
    read_key=read_key,
    render=render,
    unrouted=unrouted,
    error_model=ErrorAnswer,
    content_type=CONTENT_TYPE,
    package=__name__,
)
