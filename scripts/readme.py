"""Writes the tables of the README that are made from declarations: `make docs`; a test compares them.

Each stands between `<!-- name -->` and `<!-- /name -->`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from lookalike import control
from lookalike.settings import ENVIRONMENT_PREFIX, Settings
from lookalike.vendor import discover

README = Path(__file__).parent.parent / "README.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings() -> str:
    """Flag, environment variable, default and meaning of every setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        key = field.alias or name
        rows.append(
            [
                f"`--{key.replace('_', '-')}{_placeholder(field.annotation)}`",
                f"`{ENVIRONMENT_PREFIX}{key.upper()}`",
                _default(field.default),
                field.description or "",
            ]
        )
    return table(("Flag", "Environment", "Default", "What"), rows)


def _placeholder(annotation: Any) -> str:
    if annotation is bool:
        return ""
    if get_origin(annotation) is Literal:
        return " " + "|".join(get_args(annotation))
    return " N" if int in (annotation, *get_args(annotation)) else " TEXT"


def _default(value: Any) -> str:
    return "" if value is None or value == () or value is False else f"`{value}`"


def routes() -> str:
    """Every route of the control API with what its handler says about itself."""
    return table(
        ("Route", "What"),
        (
            (f"`{operation.method} /_lookalike{operation.paths[0]}`", operation.summary)
            for module in control.ROUTES
            for operation in module
        ),
    )


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


TABLES: Mapping[str, Callable[[], str]] = {"vendors": vendors, "routes": routes, "settings": settings}


def render(text: str) -> str:
    """The README with every table as the declarations have it now."""
    for name, make in TABLES.items():
        place = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)", re.DOTALL)
        found = place.search(text)
        if found is None:
            raise LookupError(f"README.md has no place for the table {name!r}")
        text = text[: found.start()] + make() + text[found.end() :]
    return text


def main() -> int:
    """Rewrite README.md."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
