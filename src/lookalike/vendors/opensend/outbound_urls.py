"""Which URLs OpenSend refuses to call: webhook targets and attachments that lie on its own side of the wall."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

_BLOCKED_HOSTS = frozenset(("localhost", "metadata"))
_BLOCKED_SUFFIXES = (".internal", ".local", ".localhost")
_NOT_PUBLIC = (
    (0x00000000, 8),
    (0x0A000000, 8),
    (0x7F000000, 8),
    (0x64400000, 10),
    (0xA9FE0000, 16),
    (0xAC100000, 12),
    (0xC0A80000, 16),
    (0xC6120000, 15),
    (0xC6336400, 24),
    (0xCB007100, 24),
    (0xE0000000, 3),
)
_SPECIAL_SCHEMES = ("http", "https", "ftp", "ws", "wss")


def split_url(text: str) -> SplitResult | None:
    """The parts of an absolute URL as a browser would take it, or None."""
    text = text.strip()
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) is None or re.search(r"[\x00-\x20\x7f]", text.partition("?")[0]):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.scheme in _SPECIAL_SCHEMES and not parts.hostname else parts


def refusal(text: str) -> str | None:
    """Why a URL is not called (`private_ip_literal`, ...), or None. Names are not resolved here."""
    parts = split_url(text)
    if parts is None:
        return "invalid_url"
    if parts.scheme not in ("http", "https"):
        return "blocked_protocol"
    if parts.username or parts.password:
        return "credentials_in_url"
    host = (parts.hostname or "").lower()
    if host in _BLOCKED_HOSTS or host.endswith(_BLOCKED_SUFFIXES):
        return "blocked_hostname"
    return "private_ip_literal" if _is_private(host) else None


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            return (
                address.is_loopback or address.is_unspecified or address.is_link_local or address.packed[0] >> 1 == 0x7E
            )
        address = mapped
    return _in_blocked_range(address)


def _in_blocked_range(address: IPv4Address) -> bool:
    return any(int(address) >> (32 - bits) == network >> (32 - bits) for network, bits in _NOT_PUBLIC)
