"""Which URLs OpenSend refuses to call: webhook targets and attachments that lie on its own side of the wall."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from socket import inet_aton
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from lookalike.part import Part

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
_NOT_PUBLIC_REASONS = ("blocked_hostname", "private_ip_literal")
_SPECIAL = re.compile(r"(https?|ftp|wss?):[/\\]*", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NO_HOST = re.compile(r"[\x00-\x20\x7f<>^|%\"`{}]")


def split_url(text: str) -> SplitResult | None:
    """The parts of an absolute URL as JavaScript reads it (any number of slashes will do), or None."""
    text = text.strip()
    special = _SPECIAL.match(text)
    if special is not None:
        text = f"{special[1].lower()}://{text[special.end() :]}"
    elif _SCHEME.match(text) is None:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if special is None or _is_host(parts.hostname or "") else None


def _is_host(text: str) -> bool:
    if not text or _NO_HOST.search(text) is not None:
        return False
    if ":" not in text:
        return True
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


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


def webhook_refusal(part: Part, text: str) -> str | None:
    """The same for a webhook's URL; one that is not public will do unless the vendor's own rule is asked for.

    The rule would keep webhooks from every receiver on the developer's machine, which is where they are wanted here.
    """
    reason = refusal(text)
    return None if reason in _NOT_PUBLIC_REASONS and part.workspace.deliveries.any_url else reason


def _is_private(host: str) -> bool:
    if ":" in host:
        address = IPv6Address(host)
        mapped = address.ipv4_mapped
        return _is_private_v6(address) if mapped is None else _in_blocked_range(int(mapped))
    try:
        # Short, octal and hexadecimal forms too: `127.1` and `0x7f000001` are the same address.
        return _in_blocked_range(int.from_bytes(inet_aton(host), "big"))
    except OSError:
        return False


def _is_private_v6(address: IPv6Address) -> bool:
    unique_local = address.packed[0] >> 1 == 0xFC >> 1
    return address.is_loopback or address.is_unspecified or address.is_link_local or unique_local


def _in_blocked_range(address: int) -> bool:
    return any(address >> (32 - bits) == network >> (32 - bits) for network, bits in _NOT_PUBLIC)
