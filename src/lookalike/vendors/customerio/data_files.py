"""Files that requests point at by URL: `data:` URLs carry theirs along, others are fetched from this machine alone."""

from __future__ import annotations

import asyncio
import csv
import io
import ssl
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection, HTTPException
from socket import create_connection
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import orjson

from lookalike.answer import Lengthy
from lookalike.clock import monotonic
from lookalike.outbox import Refused
from lookalike.outbox.destinations import Destinations, Target, target
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.vendors.customerio.problems import bad_request

R = TypeVar("R")

File = Callable[[], str]
"""Gives the text of a file. Raises the vendor's 400."""

TIMEOUT = 10.0
"""Seconds in which a file has to be there."""
LARGEST = 50 * 1024 * 1024
"""Bytes of a file that is fetched (I)."""
_PIECE = 64 * 1024


def with_file(part: Part, url: str | None, act: Callable[[File], R | Lengthy]) -> R | Lengthy:
    """What a handler returns where it acts upon a file: `act` is given it in a unit of the workspace.

    A file that has to be fetched is fetched before, while others are answered.
    """
    if url is None or url.lower().startswith("data:"):
        return act(partial(_decode, url or ""))
    return Lengthy(partial(_fetch_and_act, part, url, act))


def _fetch_and_act(part: Part, url: str, act: Callable[[File], R | Lengthy]) -> Any:
    file = _fetched(url)
    with part.workspace.unit():
        if part.workspace.part(part.vendor.name) is not part:
            raise Problem("unavailable", "the workspace was reset meanwhile")
        result = act(file)
    return result.run() if isinstance(result, Lengthy) else result


def _decode(url: str) -> str:
    """The text behind `data:text/csv,...` or `data:text/csv;base64,...`. Raises the vendor's 400."""
    head, comma, tail = url.partition(":")[2].partition(",")
    if not comma:
        raise bad_request("unable to download file: the data: URL has no comma")
    raw = unquote_to_bytes(tail)
    try:
        return _text(b64decode(raw, validate=True) if head.endswith(";base64") else raw)
    except ValueError:
        raise bad_request("unable to read file") from None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig")


def _fetched(url: str) -> File:
    """A file that was fetched, or the reason why there is none."""
    try:
        text = _text(_fetch(url))
    except Refused:
        return partial(_fail, "unable to download file: the sandbox fetches files from this machine alone")
    except UnicodeDecodeError:
        return partial(_fail, "unable to read file")
    except (OSError, HTTPException, ValueError) as error:
        return partial(_fail, f"unable to download file: {error}")
    return lambda: text


def _fail(why: str) -> str:
    raise bad_request(why)


def _fetch(url: str) -> bytes:
    """What is at a URL of this machine. Raises Refused for any other; redirects are not followed."""
    where = target(url)
    address = asyncio.run(Destinations().addresses(where))[0]
    until = monotonic() + TIMEOUT
    connection = _connect(where, address)
    try:
        headers = {"Host": where.authority, "Accept": "*/*", "User-Agent": "Customer.io"}
        connection.request("GET", where.path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"{where.authority} answered {response.status}")
        body = b""
        while piece := response.read(_PIECE):
            body += piece
            if len(body) > LARGEST or monotonic() > until:
                raise ValueError("it is too large, or too slow")
        return _unpacked(body) if response.getheader("Content-Encoding", "").lower() == "gzip" else body
    finally:
        connection.close()


def _unpacked(packed: bytes) -> bytes:
    """What a file holds that was sent as gzip (D)."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        body = unpacking.decompress(packed, LARGEST)
    except zlib.error:
        raise ValueError("it is no gzip") from None
    if not unpacking.eof:
        raise ValueError("it is too large, or not whole")
    return body


def _connect(where: Target, address: str) -> HTTPConnection:
    connection = HTTPConnection(where.host, where.port, timeout=TIMEOUT)
    plain = create_connection((address, where.port), TIMEOUT)
    tls = ssl.create_default_context() if where.tls else None
    connection.sock = plain if tls is None else tls.wrap_socket(plain, server_hostname=where.host)
    return connection


def read_csv(text: str) -> Iterator[dict[str, str]]:
    """Rows by the names of the first line, one by one; what a row lacks is empty. Raises the vendor's 400."""
    try:
        for row in csv.DictReader(io.StringIO(text), restval="", strict=True):
            yield {name: cell or "" for name, cell in row.items() if name}
    except csv.Error:
        raise bad_request("unable to read file") from None


def read_rows(text: str) -> list[dict[str, Any]]:
    """The rows of a file that is a JSON array of objects, or CSV. Raises the vendor's 400."""
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError:
        return list(read_csv(text))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_request("unable to read file")
    return rows
