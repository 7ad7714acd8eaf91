"""`lookalike seed`: a large audience for a running server."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Any

import click

from lookalike.cli.connection import ask
from lookalike.cli.output import json_option, show

AT_ONCE = 10_000
"""People that one request asks for: some tenths of a second, so that the progress bar moves."""


@click.command()
@click.option("--people", type=click.IntRange(1, 10_000_000), required=True, metavar="N", help="How many.")
@click.option("--first", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Number of the first.")
@click.option("--vendor", metavar="NAME", help="Only with this vendor.")
@click.option("--workspace", metavar="NAME", help="Another workspace than default.")
@click.option("--seed", type=int, metavar="N", help="Another seed than the server's.")
@json_option
def seed(people: int, first: int, vendor: str | None, workspace: str | None, seed: int | None, as_json: bool) -> None:
    """Let many fake people join, the same ones for the same seed; those who are there already stay."""
    told = {"vendor": vendor, "workspace": workspace, "seed": seed}
    more = {name: value for name, value in told.items() if value is not None}
    answer: dict[str, Any] = {}
    # Where nobody looks a bar is but a line too many.
    with click.progressbar(
        length=people, label="people", file=sys.stderr if sys.stderr.isatty() else StringIO()
    ) as bar:
        for done in range(0, people, AT_ONCE):
            some = min(AT_ONCE, people - done)
            answer = ask("POST", "/crowds", {"people": some, "first": first + done, **more})
            bar.update(some)
    answer |= {"first": first, "people": people}
    show(answer, as_json, lambda: [f"{people} people with {', '.join(answer['vendors'])} in {answer['workspace']}"])
