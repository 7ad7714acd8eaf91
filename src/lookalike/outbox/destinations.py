"""Where webhooks may go: this machine, and what the operator names besides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import IPPROTO_TCP, SOCK_STREAM
from urllib.parse import quote, urlsplit

from lookalike.outbox.sender import Refused

Address = IPv4Address | IPv6Address

LOCAL = ("127.0.0.1", "::1")
"""What `localhost` and the names below it mean, whatever a resolver says."""

_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)
_PATH_SAFE = "%/:=&?~+!$,;'@()*[]|"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: the `host` as its sender wrote it, and what goes into the request line and `Host`."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """`localhost:3000`, `[::1]:3000`, or the host alone at the scheme's own port."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def target(url: str) -> Target:
    """A URL taken apart. Raises Refused for one that two readers could take apart differently."""
    if _FORBIDDEN.search(url):
        raise Refused(f"{url!r} is no proper URL: leave out blanks, control characters and backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{url!r} is no proper URL: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Refused(f"{url!r} is no URL of a receiver: use http:// or https:// and a host")
    if "@" in parts.netloc:
        raise Refused(f"{url!r} names a user: webhooks carry no credentials in their URL")
    if "%" in parts.hostname:
        raise Refused(f"{parts.hostname!r} is no host: leave out percent signs and zones")
    path = quote(parts.path or "/", safe=_PATH_SAFE) + (
        f"?{quote(parts.query, safe=_PATH_SAFE)}" if parts.query else ""
    )
    return Target(parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port, path)


def check_host(text: str) -> str:
    """A host that an operator may name: a name, `*.name`, an address, a network, or `*`. Raises ValueError."""
    if text == "*" or _NAME.fullmatch(text) or _network(text) is not None:
        return text
    raise ValueError(f"{text!r} is no host: name one without scheme and port, as in host.docker.internal or 10.0.0.0/8")


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one, as what it is."""
    return getattr(address, "ipv4_mapped", None) or address


class Destinations:
    """Decides on addresses, never on names alone: what was checked is what gets connected to.

    Names are looked up only if they were named. `localhost` and the names below it are this machine without a look.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        named = [host.lower().rstrip(".") for host in hosts]
        self._all = "*" in named
        self._networks = [network for host in named if (network := _network(host)) is not None]
        self._names = {host for host in named if not host.startswith("*")}
        self._suffixes = tuple(host[1:] for host in named if host.startswith("*."))

    async def addresses(self, target: Target) -> list[str]:
        """The addresses to try, in this order. Raises Refused, and OSError when a name has none."""
        host = target.host.lower().rstrip(".")
        try:
            literal = _plain(ip_address(host))
        except ValueError:
            return await self._of_name(host, target.port)
        if not self._may(literal):
            raise self._refusal(target.host)
        return [str(literal)]

    async def _of_name(self, host: str, port: int) -> list[str]:
        if host == "localhost" or host.endswith(".localhost"):
            return list(LOCAL)
        named = self._all or host in self._names or host.endswith(self._suffixes or ("\0",))
        if not named and not self._networks:
            raise self._refusal(host)
        return await self._looked_up(host, port, named=named)

    async def _looked_up(self, host: str, port: int, *, named: bool) -> list[str]:
        from asyncio import get_running_loop  # the settings are read without it

        loop = get_running_loop()
        found = await loop.getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
        addresses = [_plain(ip_address(str(entry[4][0]).partition("%")[0])) for entry in found]
        fit = [str(one) for one in addresses if self._may(one) or (named and _is_ordinary(one))]
        if not fit:
            raise self._refusal(host, addresses)
        return list(dict.fromkeys(fit))

    def _may(self, address: Address) -> bool:
        if address.is_loopback or (self._all and _is_ordinary(address)):
            return True
        return any(address in network for network in self._networks if network.version == address.version)

    @staticmethod
    def _refusal(host: str, addresses: Iterable[Address] = ()) -> Refused:
        where = f" ({', '.join(map(str, addresses))})" if addresses else ""
        return Refused(
            f"{host}{where} is not this machine, and webhooks go nowhere else: "
            f"start lookalike with --webhook-hosts {host} to let them"
        )


def _is_ordinary(address: Address) -> bool:
    """Not one of those that stand for something else: a cloud's metadata service, everybody, nobody."""
    return not (address.is_link_local or address.is_multicast or address.is_unspecified)
