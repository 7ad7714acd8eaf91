"""The variables that make a command, and the SDKs in it, talk to the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.sandbox import Sandbox
    from lookalike.vendor import Vendor

NO_PROXY = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Address:
    """Where a server is; what is None is not there."""

    url: str | None = None
    tls_url: str | None = None
    ca: str | None = None
    """The path of the certificate to trust, on the server's machine."""
    proxy_url: str | None = None


def sdk_variables(sandbox: Sandbox) -> dict[str, str]:
    """The base URLs and keys: under lookalike's own names, and under those that the vendors' SDKs read."""
    found = {"LOOKALIKE_URL": sandbox.address.url} if sandbox.address.url else {}
    if sandbox.control_token is not None:
        found["LOOKALIKE_CONTROL_TOKEN"] = sandbox.control_token
    for vendor in sandbox.vendors.values():
        found |= vendor_variables(vendor, sandbox.urls[vendor.name], sandbox.credentials.sample(vendor))
    return found


def vendor_variables(vendor: Vendor, url: str, key: str | None) -> dict[str, str]:
    """Those of one vendor; without a key the ones that hold one are left out."""
    name = re.sub(r"\W", "_", vendor.name.upper())
    own = {f"LOOKALIKE_{name}_URL": "{url}", f"LOOKALIKE_{name}_KEY": "{key}"}
    wanted = {**own, **vendor.environment}.items()
    return {name: text.format(url=url, key=key) for name, text in wanted if key is not None or "{key}" not in text}


def network_variables(address: Address, environment: Mapping[str, str]) -> dict[str, str]:
    """Those of the proxy and of trust, for a command that would otherwise run in `environment`.

    Raises CertificateError when the certificate cannot be read here, or nothing written beside it.
    """
    return {**_proxy_variables(address, environment), **_trust_variables(address, environment)}


def _proxy_variables(address: Address, environment: Mapping[str, str]) -> dict[str, str]:
    if address.proxy_url is None:
        return {}
    # Some programs read the one spelling, some the other, and some both.
    found = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), address.proxy_url)
    before = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    kept = [host for host in map(str.strip, before.split(",")) if host not in ("", "*")]
    excepted = ",".join(dict.fromkeys([*kept, *NO_PROXY]))
    return {**found, "NO_PROXY": excepted, "no_proxy": excepted, "NODE_USE_ENV_PROXY": "1"}


def _trust_variables(address: Address, environment: Mapping[str, str]) -> dict[str, str]:
    if address.ca is None:
        return {}
    from lookalike.certificates import bundle

    whole = str(bundle(Path(address.ca), environment))
    # Node adds what it finds to its own roots; the others trust nothing but what is in the file.
    node = address.ca if environment.get("NODE_EXTRA_CA_CERTS", "") in ("", address.ca) else whole
    return {
        "SSL_CERT_FILE": whole,
        "REQUESTS_CA_BUNDLE": whole,
        "CURL_CA_BUNDLE": whole,
        "NODE_EXTRA_CA_CERTS": node,
    }
