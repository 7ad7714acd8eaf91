"""Writes the tables of the README that are made from declarations: `make docs`; a test compares them.

Each stands between `<!-- name -->` and `<!-- /name -->`. A block of code whose language is followed by the path of a
file shows that file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
from pydantic import RootModel

from lookalike import control
from lookalike.cli import main as main_group
from lookalike.routes import Operation
from lookalike.settings import declared
from lookalike.vendor import discover

_NUMBERS = (click.types.IntParamType, click.types.FloatParamType)

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings() -> str:
    """Flag, environment variable, default and meaning of every setting."""
    return table(
        ("Flag", "Environment", "Default", "What"),
        (
            (
                f"`{setting.flag}`" if setting.switch else f"`{setting.flag} {setting.metavar}`",
                f"`{setting.variable}`",
                f"`{setting.default}`" if setting.default else "",
                setting.description,
            )
            for setting in declared()
        ),
    )


def commands() -> str:
    """Every command with its arguments and options; `--json` is everywhere, and those of `SERVING` are the settings."""
    return table(
        ("Command", "Options", "What"),
        (
            (
                f"`{' '.join([found.name, *found.arguments])}`",
                "the settings below" if found.name in SERVING else _codes(found.options),
                found.help,
            )
            for found in every_command()
        ),
    )


SERVING = ("lookalike serve", "lookalike run")
"""The commands whose options are the settings."""


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


class Found(NamedTuple):
    """A command under its full name; `help` is the first sentence of what it says about itself."""

    name: str
    help: str
    arguments: list[str]
    options: list[str]


def every_command(group: click.Group = main_group, path: str = "lookalike") -> Iterator[Found]:
    """Every command of the command line, groups that do something by themselves included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        arguments = [_argument(found, context) for found in command.params if isinstance(found, click.Argument)]
        options = [_option(found, context) for found in command.params if isinstance(found, click.Option)]
        first = (command.help or "").split("\n\n")[0]
        yield Found(f"{path} {name}", first, arguments, [option for option in options if option != "--json"])
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")


def _argument(argument: click.Argument, context: click.Context) -> str:
    word = argument.make_metavar(context).strip("[]")
    return word if argument.required else f"[{word}]"


def _option(option: click.Option, context: click.Context) -> str:
    if option.is_flag:
        return option.opts[0]
    return f"{option.opts[0]} {'N' if isinstance(option.type, _NUMBERS) else option.make_metavar(context)}"


def routes() -> str:
    """Every route of the control API, what it takes, and what its handler says about itself."""
    return table(
        ("Route", "Query or body", "What"),
        (
            (f"`{operation.method} /_lookalike{operation.paths[0]}`", _taken(operation), operation.summary)
            for module in control.ROUTES
            for operation in module
        ),
    )


def _taken(operation: Operation) -> str:
    model = operation.query or operation.body
    if model is None:
        return ""
    if issubclass(model, RootModel):
        return "a rule, or a list of rules"
    return _codes(field.alias or name for name, field in model.model_fields.items())


def vendors() -> str:
    """Every vendor with its names on the network and how much of its documentation is there."""
    rows = []
    for vendor in discover().values():
        summary = vendor.coverage.summary()
        rows.append(
            [
                vendor.title,
                f"`http://127.0.0.1:7357/{vendor.name}{vendor.base_path}`",
                f"`{vendor.sample_key}`",
                ", ".join(f"`{host}`" for host in (*vendor.hosts, f"{vendor.name}.localhost")),
                _implemented(summary),
            ]
        )
    return table(("Vendor", "Base URL", "A key that works", "Reached at the root by `Host`", "Operations"), rows)


def _implemented(summary: Mapping[str, Any]) -> str:
    return f"{summary['implemented']} of {summary['documented']}"


TABLES: Mapping[str, Callable[[], str]] = {
    "vendors": vendors,
    "routes": routes,
    "commands": commands,
    "settings": settings,
}


def facts(name: str) -> str:
    """Every implemented operation of a vendor, where its facts come from, and what of them is inferred."""
    entries = discover()[name].coverage.entries
    return table(
        ("Operation", "Route", "Source", "What is documented and what is inferred"),
        (
            (f"`{entry.id}`", f"`{entry.method} {entry.paths[0]}`", entry.source, entry.why)
            for entry in entries
            if entry.state != "planned"
        ),
    )


def tables(text: str) -> Mapping[str, Callable[[], str]]:
    """What makes each table that has to be in the text, `facts <vendor>` wherever there is a place for it."""
    told = re.findall(r"<!-- (facts (\w+)) -->", text)
    return {**TABLES, **{name: partial(facts, vendor) for name, vendor in told}}


def render(text: str) -> str:
    """The README with every table as the declarations have it now, and every file that it shows as it is."""
    for name, make in tables(text).items():
        place = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        found = place.search(text)
        if found is None:
            raise LookupError(f"README.md has no place for the table {name!r}")
        text = text[: found.start()] + make() + "\n" + text[found.end() :]
    return _SHOWN_FILE.sub(lambda block: f"{block[1]}{(ROOT / block[2]).read_text(encoding='utf-8')}```", text)


_SHOWN_FILE = re.compile(r"^(```\w+ (\S+)\n).*?^```$", re.MULTILINE | re.DOTALL)
"""A block of code whose language is followed by the path of the file that it shows."""


def main() -> int:
    """Rewrite README.md."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
