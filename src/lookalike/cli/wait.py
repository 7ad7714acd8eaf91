"""`lookalike wait`: until something has happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show
from lookalike.remote import ControlError

KINDS = ("request", "message", "delivery", "sink", "member")


@click.command()
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("members", metavar="MEMBER=VALUE", nargs=-1)
@click.option("--count", type=click.IntRange(1), help="Wait for so many (1).")
@click.option("--timeout", metavar="DURATION", help="Wait so long at most, in real time (5s; 60s is the most).")
@json_option
def wait(kind: str, members: tuple[str, ...], as_json: bool, **bounds: Any) -> None:
    """Wait until a request, message, delivery, sink's request or member is as described.

    KIND is request, message, delivery, sink or member. What happened before counts. Exit status 1 says that it did
    not happen in time, and what came close is told:

    \b
      lookalike wait request operation=create_contact status=2xx
      lookalike wait delivery event='contact.*' status=delivered --timeout 10s
      lookalike wait member vendor=NAME segment=VIP contact=ada@example.com
    """
    wanted = dict(_member(text) for text in members)
    given = {name: value for name, value in bounds.items() if value is not None}
    try:
        answer = ask("POST", "/wait", {kind: wanted, **given})
    except Failure as failure:
        near = failure.__cause__.answer.get("near_misses", []) if isinstance(failure.__cause__, ControlError) else []
        for line in map(_near, near):
            click.echo(line, err=True)
        raise
    show(answer, as_json, lambda: _lines(answer["found"]))


def _member(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(f"{text!r} is no MEMBER=VALUE: write for example status=2xx.")
    return name, {"true": True, "false": False}.get(value, value)


def _near(found: dict[str, Any]) -> str:
    """What came close on a line, with what it differs in."""
    shown = {name: value for name, value in found.items() if name != "differences"}
    differences = [
        f"{one['member']} is {json.dumps(one['actual'])} and not {json.dumps(one['expected'])}"
        for one in found.get("differences", [])
    ]
    return f"near: {json.dumps(shown)} {'; '.join(differences)}".rstrip()


def _lines(found: list[dict[str, Any]]) -> Iterator[str]:
    for one in found:
        yield json.dumps(one, ensure_ascii=False)
