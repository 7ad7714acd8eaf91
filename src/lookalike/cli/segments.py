"""`lookalike segments`: rule-based groups, why somebody is in one, and by how much membership lags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.lists import VENDOR, WORKSPACE, list_alone
from lookalike.cli.output import json_option, show, table


@click.group(invoke_without_command=True)
@VENDOR
@WORKSPACE
@json_option
@click.pass_context
def segments(ctx: click.Context, /, **chosen: Any) -> None:
    """Show the groups whose members follow from a rule, and explain who is in them."""
    list_alone(ctx, list_segments, **chosen)


@segments.command("list")
@VENDOR
@WORKSPACE
@json_option
def list_segments(as_json: bool, **chosen: Any) -> None:
    """Show each with how many are in it."""
    answer = ask("GET", "/segments", query=chosen)
    show(answer, as_json, lambda: table(map(_row, answer["segments"]), "no segments with a rule"))


@segments.command("why")
@click.argument("segment")
@click.argument("contact")
@click.option("--vendor", metavar="GLOB", help="Of this vendor, where several have a segment of that id.")
@click.option("--workspace", metavar="GLOB", help="In this workspace.")
@json_option
def explain(segment: str, contact: str, as_json: bool, **filters: Any) -> None:
    """Say why CONTACT (an address or id) is in SEGMENT (an id), or is not."""
    query = {"contact": contact, **filters}
    answer = ask("GET", f"/segments/{part(segment)}/why", query=query)
    show(answer, as_json, lambda: _explained(answer))


@segments.command("lag")
@click.argument("duration", required=False)
@click.option("--workspace", metavar="NAME", help="Only this workspace; without it all.")
@json_option
def lag(duration: str | None, workspace: str | None, as_json: bool) -> None:
    """Show by how much membership trails what it follows from, or have it trail by DURATION (2s, 1500ms)."""
    if duration is None:
        answer = ask("GET", "/lag", query={"workspace": workspace})
    else:
        chosen = {} if workspace is None else {"workspace": workspace}
        answer = ask("PUT", "/lag", {"lag": duration, **chosen})
    found = answer.get("workspaces", {answer.get("workspace"): answer["lag"]})
    show(answer, as_json, lambda: table([(name, f"{seconds:g}s") for name, seconds in found.items()], "no workspace"))


def _row(segment: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(segment[name] for name in ("vendor", "workspace", "id", "name", "count", "since"))


def _explained(answer: dict[str, Any]) -> list[str]:
    verb = "is" if answer["member"] else "is not"
    lines = [f"{answer['contact']['title']} {verb} in {answer['segment']['name']}", *_conditions(answer["conditions"])]
    if answer["next_change"] is not None:
        lines.append(f"time alone may change that at {answer['next_change']}")
    passages = [(one["at"], one["what"], one["why"]) for one in answer["history"]]
    passages += [(one["at"], f"will have {one['what']}", one["why"]) for one in answer["pending"]]
    return [*lines, *table(passages, "never entered or left")]


def _conditions(tree: dict[str, Any], depth: int = 1) -> Iterator[str]:
    """A line for every condition, deeper ones further in; those that hold have a plus."""
    mark = f"{'  ' * depth}{'+' if tree['holds'] else '-'} "
    branch = next((kind for kind in ("all", "any", "not") if kind in tree), None)
    if branch is None:
        said = [tree[name] for name in ("field", "event", "group") if name in tree]
        said += [json.dumps(tree[name], ensure_ascii=False) for name in ("value", "times", "within") if name in tree]
        said.insert(1, tree.get("op", "has the contact"))
        yield f"{mark}{' '.join(map(str, said))} (seen: {json.dumps(tree['seen'], ensure_ascii=False)})"
        return
    yield f"{mark}{branch}"
    for child in tree[branch] if branch != "not" else [tree["not"]]:
        yield from _conditions(child, depth + 1)
