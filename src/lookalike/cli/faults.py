"""`lookalike faults`: rules that make the server fail on demand."""

from __future__ import annotations

import json
from typing import Any

import click

from lookalike.cli.connection import ask, part
from lookalike.cli.failure import Failure
from lookalike.cli.lists import VENDOR, WORKSPACE
from lookalike.cli.output import json_option, show, table


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def faults(ctx: click.Context, as_json: bool) -> None:
    """List, add and drop fault rules."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_faults, as_json=as_json)


@faults.command("list")
@json_option
def list_faults(as_json: bool) -> None:
    """Show the rules in force."""
    answer = ask("GET", "/faults")
    show(answer, as_json, lambda: table(map(_row, answer["faults"]), "no faults"))


def _row(rule: dict[str, Any]) -> tuple[Any, ...]:
    what = rule.get("script") or _fault(rule["fault"])
    when = " ".join(f"{name}={value}" for name, value in rule["when"].items() if value != "*")
    times = f"of {rule['times']}" if "times" in rule else ""
    return rule["id"], what, when or "every request", f"hits {rule['hits']} {times}".rstrip()


def _fault(fault: dict[str, Any]) -> str:
    """`error status=429`: the type and what is not as usual."""
    usual = {"type": fault["type"], "when": "before", "retry_after": 1}
    shown = [f"{name}={value}" for name, value in fault.items() if usual.get(name) != value]
    return " ".join([fault["type"], *shown])


@faults.command("add")
@click.argument("fault", required=False)
@click.option("--script", metavar="STEPS", help="Faults of the first, second, ... request: '429x2, ok, 503'.")
@VENDOR
@click.option("--operation", metavar="GLOB", help="Only this operation, as 'lookalike coverage' names it.")
@WORKSPACE
@click.option("--method", metavar="GLOB", help="Only this HTTP method.")
@click.option("--path", metavar="GLOB", help="Only this path, as on the vendor's own host.")
@click.option("--body", metavar="JSON", help="Only bodies with these members; texts are globs.")
@click.option("--times", type=click.IntRange(1), help="Fire so often, then no more.")
@click.option("--skip", type=click.IntRange(0), help="Let so many requests pass first.")
@click.option("--probability", type=click.FloatRange(0, 1), help="Fire by chance; draws come from the server's seed.")
@json_option
def add_fault(fault: str | None, as_json: bool, **options: Any) -> None:
    """Put a rule in force.

    FAULT is a status (429), a kind (rate_limited), latency=200, timeout=2, reset, empty, truncate=10, garbage,
    slow=100, or a whole rule (or list of rules) as JSON.
    """
    answer = ask("POST", "/faults", _rule(fault, {name: value for name, value in options.items() if value is not None}))
    show(answer, as_json, lambda: table(map(_row, answer["faults"]), "no faults"))


def _rule(fault: str | None, options: dict[str, Any]) -> Any:
    if fault is not None and fault.lstrip().startswith(("{", "[")):
        if options:
            raise Failure("a rule given as JSON takes no options: put them into the JSON.")
        rule = _json("the rule", fault)
        return {"fault": rule} if isinstance(rule, dict) and "type" in rule else rule
    if (fault is None) == ("script" not in options):
        raise Failure("say what shall happen: either a FAULT such as 429, or --script.")
    of_rule = {name: options.pop(name) for name in ("script", "times", "skip", "probability") if name in options}
    if "body" in options:
        options["body"] = _json("--body", options["body"])
    return {"when": options, **({} if fault is None else {"fault": fault}), **of_rule}


def _json(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Failure(f"{what} is not JSON ({error}): correct it.") from None


@faults.command("clear")
@json_option
def clear_faults(as_json: bool) -> None:
    """Drop every rule."""
    answer = ask("DELETE", "/faults")
    show(answer, as_json, lambda: [f"removed {len(answer['deleted'])}"])


@faults.command("remove")
@click.argument("id")
@json_option
def remove_fault(id: str, as_json: bool) -> None:
    """Drop one rule."""
    answer = ask("DELETE", f"/faults/{part(id)}")
    show(answer, as_json, lambda: [f"removed {id}"])
