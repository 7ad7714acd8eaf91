"""`lookalike vendors`, `coverage`, `reset`, `workspaces`: the server as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show, table
from lookalike.remote import ControlError, fixture_text


@click.command()
@json_option
def vendors(as_json: bool) -> None:
    """Show every vendor's base URL and a key that works."""
    answer = ask("GET", "/vendors")
    rows = [(vendor["name"], vendor["url"], vendor["key"]) for vendor in answer["vendors"]]
    show(answer, as_json, lambda: table(rows, "no vendors"))


@click.command()
@click.option("--vendor", metavar="NAME", help="List this vendor's operations.")
@json_option
def coverage(vendor: str | None, as_json: bool) -> None:
    """Show how many documented operations there are, and how their facts are known."""
    answer = ask("GET", "/coverage", query={"vendor": vendor})
    show(answer, as_json, lambda: _coverage_lines(answer["vendors"]))


_COVERAGE = ("vendor", "documented", "full", "partial", "unimplemented", "S", "D", "I")


def _coverage_lines(vendors: dict[str, Any]) -> Iterator[str]:
    """A line a vendor: its operations by how far they are there, and what the facts of those rest on."""
    yield from table([_COVERAGE, *(_coverage_row(name, summary) for name, summary in vendors.items())], "")
    for summary in vendors.values():
        rows = [
            (entry["state"], entry["method"], entry["paths"][0], entry["id"], entry["source"], entry["why"])
            for entry in summary.get("operations", ())
        ]
        yield from ["", *table(rows, "")] if rows else ()


def _coverage_row(name: str, summary: dict[str, Any]) -> list[Any]:
    counts = [summary[state] for state in ("documented", "full", "partial", "planned")]
    return [name, *counts, *(f"{known['share']:.0%}" for known in summary["sources"].values())]


def _fixture_options(command: Any) -> Any:
    """What a workspace starts with, where that is not what the server's start with."""
    command = click.option("--seed", type=int, metavar="N", help="The seed of this workspace.")(command)
    return click.option("--fixture", metavar="NAME", help="A shipped fixture or a YAML or JSON file.")(command)


def _sent(fixture: str | None) -> str | None:
    try:
        return fixture_text(fixture)
    except ControlError as error:
        raise Failure(str(error)) from None


@click.command()
@click.option("--workspace", metavar="NAME", help="Only this workspace.")
@click.option("--vendor", metavar="NAME", help="Only this vendor's part.")
@_fixture_options
@json_option
def reset(workspace: str | None, vendor: str | None, fixture: str | None, seed: int | None, as_json: bool) -> None:
    """Go back to the fixture, or have one workspace hold another."""
    asked = {"workspace": workspace, "vendor": vendor, "fixture": _sent(fixture), "seed": seed}
    answer = ask("POST", "/reset", {name: value for name, value in asked.items() if value is not None})
    show(answer, as_json, lambda: [f"reset: {', '.join(answer['workspaces']) or 'nothing was in use'}"])


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def workspaces(ctx: click.Context, as_json: bool) -> None:
    """List the workspaces, make one or drop one."""
    if ctx.invoked_subcommand is None:
        answer = ask("GET", "/workspaces")
        rows = [(found["name"], found["now"], ", ".join(found["vendors"])) for found in answer["workspaces"]]
        show(answer, as_json, lambda: table(rows, "no workspaces"))


@workspaces.command("add")
@click.argument("name")
@_fixture_options
@click.option("--from", "origin", metavar="NAME", help="Begin as this workspace is now.")
@json_option
def add_workspace(name: str, fixture: str | None, seed: int | None, origin: str | None, as_json: bool) -> None:
    """Make a workspace and show a key for every vendor."""
    asked = {"name": name, "fixture": _sent(fixture), "seed": seed, "from": origin}
    answer = ask("POST", "/workspaces", {name: value for name, value in asked.items() if value is not None})
    rows = [(vendor, given["url"], given["key"]) for vendor, given in answer["vendors"].items()]
    show(answer, as_json, lambda: table(rows, "no vendors"))


@workspaces.command("remove")
@click.argument("name")
@json_option
def remove_workspace(name: str, as_json: bool) -> None:
    """Drop a workspace with all that is in it."""
    answer = ask("DELETE", f"/workspaces/{part(name)}")
    show(answer, as_json, lambda: [f"removed {name}"])
