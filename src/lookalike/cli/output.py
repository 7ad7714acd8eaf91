"""What commands print: the server's answer as JSON, or as a table for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from lookalike.cli.failure import Failure, unwritable, write_no_more

C = TypeVar("C", bound=Callable[..., Any])


def json_option(command: C) -> C:
    """`--json`: the answer as the server gave it, on one line."""
    return click.option("--json", "as_json", is_flag=True, help="Print the server's answer as one line of JSON.")(
        command
    )


def show(answer: Any, as_json: bool, lines: Callable[[], Iterable[str]]) -> None:
    """Print an answer, for programs or for people. Raises Failure."""
    say([json.dumps(answer, ensure_ascii=False, separators=(",", ":"))] if as_json else lines())


def say(lines: Iterable[str]) -> None:
    """Print lines. Raises Failure if the output takes nothing."""
    try:
        for line in lines:
            click.echo(line)
    except BrokenPipeError:
        raise
    except OSError as error:
        write_no_more()
        raise Failure(unwritable(error)) from None


def table(rows: Iterable[Sequence[Any]], empty: str) -> list[str]:
    """Rows as aligned columns; `empty` where there are none."""
    texts = [["" if cell is None else _visible(str(cell)) for cell in row] for row in rows]
    if not texts:
        return [empty]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]


def _visible(text: str) -> str:
    """What would break a row, or give the terminal orders, as Python writes it: a subject is anybody's text."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
