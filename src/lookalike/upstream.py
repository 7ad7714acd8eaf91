"""The proxy that this machine uses for the world: what is for no vendor goes the way it would have gone without us."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]  # not in typeshed

Address = tuple[str, int]


@dataclass(frozen=True)
class Upstream:
    """Another proxy, and what it wants to hear beside the request."""

    address: Address
    headers: tuple[str, ...] = ()


def find_upstream(scheme: str, host: str) -> Upstream | None:
    """The proxy that the environment names for a host, by the customary variables (`https_proxy`, `no_proxy`, ...)."""
    named = getproxies_environment()
    url = named.get(scheme) or named.get("all")
    return None if not url or proxy_bypass_environment(host, named) else _parse(url)


def _parse(url: str) -> Upstream | None:
    """None for what is no address, and for kinds of proxy that are spoken to in another way."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or not host:
        return None
    if parts.username is None:
        return Upstream((host, port))
    secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Upstream((host, port), (f"Proxy-Authorization: Basic {b64encode(secret.encode()).decode()}",))
