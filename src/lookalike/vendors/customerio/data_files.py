"""Files that requests point at by URL. Nothing is fetched from a network: a `data:` URL carries its file along."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from lookalike.vendors.customerio.problems import bad_request


def read_file(url: str) -> str:
    """The text behind `data:text/csv,...` or `data:text/csv;base64,...`. Raises the vendor's 400."""
    scheme, _, rest = url.partition(":")
    head, comma, tail = rest.partition(",")
    if scheme.lower() != "data" or not comma:
        raise bad_request("unable to download file: the sandbox reads data: URLs alone")
    raw = unquote_to_bytes(tail)
    try:
        return (b64decode(raw, validate=True) if head.endswith(";base64") else raw).decode("utf-8-sig")
    except ValueError:
        raise bad_request("unable to read file") from None


def read_csv(text: str) -> list[dict[str, str]]:
    """Rows by the names of the first line; what a row lacks is empty. Raises the vendor's 400."""
    try:
        return [{name: cell or "" for name, cell in row.items() if name} for row in _reader(text)]
    except csv.Error:
        raise bad_request("unable to read file") from None


def _reader(text: str) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO(text), restval="", strict=True)


def read_rows(text: str) -> list[dict[str, Any]]:
    """The rows of a file that is a JSON array of objects, or CSV. Raises the vendor's 400."""
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError:
        return list(read_csv(text))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_request("unable to read file")
    return rows
