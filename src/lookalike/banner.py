"""What the server says once it is ready: a banner for people, one line of JSON for programs."""

from __future__ import annotations

import json
from shlex import quote
from typing import TYPE_CHECKING, Any

from lookalike import __version__
from lookalike.addressing import CONTROL

if TYPE_CHECKING:
    from lookalike.server import Server


def banner(server: Server) -> str:
    """Per vendor the base URL, a key that works and one line to paste."""
    sandbox = server.sandbox
    lines = [f"lookalike {__version__} is ready at {server.url}", ""]
    for vendor in sandbox.vendors.values():
        url, key = sandbox.urls[vendor.name], sandbox.credentials.sample(vendor)
        lines += [f"  {vendor.title}", f"    base URL  {url}", f"    key       {key or 'none in the strict keys file'}"]
        if vendor.snippet and key is not None:
            lines.append(f"    paste     {vendor.snippet.format(url=url, key=quote(key))}")
    lines += ["", f"  control API  {server.url}{CONTROL}"]
    if sandbox.control_token is not None:
        lines.append(f"    token     {sandbox.control_token}")
    if server.tls_url is not None:
        lines += [f"  TLS          {server.tls_url}", f"    trust     {server.ca}"]
    if server.proxy_url is not None:
        lines += [
            f"  proxy        {server.proxy_url}",
            f'    paste     eval "$(LOOKALIKE_URL={server.url} lookalike env)"',
        ]
    return "\n".join([*lines, "", "Stop with Ctrl-C."])


def ready_line(server: Server) -> str:
    """The same as one line of JSON."""
    sandbox = server.sandbox
    vendors = {
        vendor.name: {"url": sandbox.urls[vendor.name], "key": sandbox.credentials.sample(vendor)}
        for vendor in sandbox.vendors.values()
    }
    ready: dict[str, Any] = {
        "url": server.url,
        "tls_url": server.tls_url,
        "ca": str(server.ca) if server.ca else None,
        "control_token": sandbox.control_token,
        "vendors": vendors,
    }
    if server.proxy_url is not None:
        ready["proxy_url"] = server.proxy_url
    return json.dumps(ready)
