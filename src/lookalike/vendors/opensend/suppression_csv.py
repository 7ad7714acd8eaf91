"""The CSV that suppressions are imported from and exported to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lookalike.vendors.opensend.validation import js_length

REASONS = ("bounced", "complained", "manual")
IMPORT_ROWS = 200
IMPORT_BYTES = 65_536

_PLAIN = re.compile(r'"|,|\r\n|\n|\r|[^",\r\n]+')
_QUOTED = re.compile(r'(?:[^"]|"")+|"')
_ADDRESS = re.compile(r"\S+@\S+\.\S+")
_COLUMNS = ("id", "email", "reason", "source", "source_email_id", "source_message_id", "suppressed_at", "updated_at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class Import:
    """The rows of an import file as (row number, email, reason), or what is wrong with it."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, row: int, name: str, message: str, **value: str) -> None:
        self.errors.append({"row": row, "field": name, **value, "message": message})


def read_import(text: str) -> Import:
    """Read a file with a header row; the header counts as row 1, blank lines are skipped and not counted."""
    result = Import()
    if len(text.encode()) > IMPORT_BYTES:
        result.refuse(0, "file", f"CSV is too large. Import at most {IMPORT_BYTES} bytes per request.")
        return result
    table, unclosed = _table(text.strip())
    if unclosed is not None:
        result.refuse(unclosed, "row", "Unclosed quoted CSV field.")
    if not table:
        result.errors = []
        result.refuse(0, "file", "CSV must include a header row.")
        return result
    header = [cell.strip().lower() for cell in table[0]]
    if "email" not in header:
        result.refuse(1, "email", "CSV header must include an email column.")
    rows = [row for row in table[1:] if any(cell.strip() for cell in row)]
    if len(rows) > IMPORT_ROWS:
        result.refuse(0, "file", f"CSV import is limited to {IMPORT_ROWS} suppression rows per request.")
    for number, row in enumerate(rows[:IMPORT_ROWS], start=2):
        _read_row(result, number, _cell_of(row, header, "email"), _cell_of(row, header, "reason") or "manual")
    return result


def _cell_of(row: list[str], header: list[str], column: str) -> str:
    place = header.index(column) if column in header else len(row)
    return row[place].strip() if place < len(row) else ""


def _read_row(result: Import, number: int, email: str, reason: str) -> None:
    if js_length(email) > 512 or _ADDRESS.fullmatch(email) is None:
        message = "Email must be a valid address no longer than 512 characters."
        result.refuse(number, "email", message, value=email)
    if reason not in REASONS:
        result.refuse(number, "reason", "Reason must be one of manual, bounced, or complained.", value=reason)
    result.rows.append((number, email, reason))


def _table(text: str) -> tuple[list[list[str]], int | None]:
    """The cells of a text, and the line on which a quote was opened and never closed.

    Lenient as the vendor's reader is: a quote opens or closes wherever it stands.
    """
    table: list[list[str]] = []
    row: list[str] = []
    cell, at, quoted = "", 0, False
    line = began = 1
    while token := (_QUOTED if quoted else _PLAIN).match(text, at):
        at, piece = token.end(), token[0]
        if piece == '"':
            quoted = not quoted
        elif quoted:
            cell += piece.replace('""', '"')
            line += piece.count("\n")
        elif piece[0] in ",\r\n":
            row.append(cell)
            cell = ""
            if piece != ",":
                table.append(row)
                row, line = [], line + 1
            began = line
        else:
            cell += piece
    if cell or row:
        table.append([*row, cell])
    return table, began if quoted else None


def write_export(suppressions: Iterable[dict[str, Any]]) -> str:
    """The header and one line each, joined by line feeds, without one at the end."""
    lines = [",".join(_COLUMNS)]
    for suppression in suppressions:
        cells = {**suppression, "source": (suppression["metadata"] or {}).get("source")}
        lines.append(",".join(_cell(cells[column]) for column in _COLUMNS))
    return "\n".join(lines)


def _cell(value: str | None) -> str:
    text = value or ""
    if text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text
