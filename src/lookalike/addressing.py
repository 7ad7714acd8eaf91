"""The front door: which vendor a request is for, and its path on that vendor's own host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from lookalike.vendor import Vendor

SLASH = "\ue000"
"""Stands for an encoded slash inside a path segment while the router works."""

CONTROL = "/_lookalike"


def raw_path(environ: Mapping[str, Any]) -> str:
    """The path with every escape decoded but `%2F`, which becomes `SLASH`; bytes that are no UTF-8 are replaced."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        path: str = environ.get("PATH_INFO", "")
        return path.encode("latin-1").decode("utf-8", "replace")
    path = raw.partition("?")[0]
    if "://" in path[:9]:
        path = "/" + path.partition("://")[2].partition("/")[2]
    if "%" not in path:
        return str(path)
    segments = (unquote_to_bytes(segment).decode("utf-8", "replace") for segment in path.split("/"))
    return "/".join(segment.replace("/", SLASH) for segment in segments)


def is_control(path: str) -> bool:
    """Whether a path without a vendor is for the control API."""
    return path == CONTROL or path.startswith(CONTROL + "/")


class FrontDoor:
    """Finds the vendor by the port's own vendor, by `Host`, or by the first path segment, in this order."""

    def __init__(self, vendors: Iterable[Vendor]) -> None:
        self._by_name = {vendor.name: vendor for vendor in vendors}
        self._by_host = {host: vendor for vendor in self._by_name.values() for host in vendor.hosts}
        self._by_host |= {f"{vendor.name}.localhost": vendor for vendor in self._by_name.values()}

    def find(self, environ: Mapping[str, Any], path: str) -> tuple[Vendor, str, str] | None:
        """(vendor, prefix, path on the vendor's host), or None when nobody is meant."""
        by_port = environ.get("lookalike.vendor")
        if by_port is not None:
            return None if is_control(path) else (self._by_name[by_port], "", path)
        host = environ.get("HTTP_HOST", "")
        vendor = self._by_host.get(host.partition(":")[0].lower())
        if vendor is not None:
            return vendor, "", path
        _, _, rest = path.partition("/")
        name, slash, tail = rest.partition("/")
        vendor = self._by_name.get(name)
        return None if vendor is None else (vendor, f"/{name}", slash + tail or "/")
