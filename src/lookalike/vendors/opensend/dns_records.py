"""The DNS records that a sending domain asks for. The keys in them are random: nothing is ever signed with them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from lookalike.ids import Ids
from lookalike.part import Part

# A 2048-bit RSA key as SubjectPublicKeyInfo is these bytes, the modulus, and the exponent 65537.
_KEY_START = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_KEY_END = bytes.fromhex("0203010001")

TRACKING_TARGET = "localhost"
"""Where tracking links lead in the recordings: the name of the installation's own host."""


def make_records(part: Part, domain: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of a new domain, all pending."""
    name = domain["name"]
    sender = f"{domain['custom_return_path'] or 'send'}.{name}"
    records = [
        _record(f"{_selector(part)}._domainkey.{name}", "TXT", f"v=DKIM1; k=rsa; p={_public_key(part.ids)}"),
        _record(sender, "TXT", "v=spf1 include:amazonses.com ~all"),
        {**_record(sender, "MX", f"feedback-smtp.{domain['region']}.amazonses.com"), "priority": 10},
        _record(f"_dmarc.{name}", "TXT", "v=DMARC1; p=none;"),
    ]
    return with_tracking(records, name, None, domain["tracking_subdomain"])


def with_tracking(
    records: list[dict[str, Any]], name: str, before: str | None, after: str | None
) -> list[dict[str, Any]]:
    """The records once the tracking subdomain changed: the old one's CNAME is gone, the new one's is last."""
    old, new = (_tracking_name(name, label) for label in (before, after))
    kept = [record for record in records if record["type"] != "CNAME" or record["name"] not in (old, new)]
    return kept if new is None else [*kept, _record(new, "CNAME", TRACKING_TARGET)]


def _tracking_name(name: str, label: str | None) -> str | None:
    return f"{label.lower()}.{name}" if label else None


def _record(name: str, kind: str, value: str) -> dict[str, Any]:
    return {"ttl": "Auto", "name": name, "type": kind, "value": value, "status": "pending"}


def _selector(part: Part) -> str:
    """The same for all domains of an owner."""
    return f"opensend-{Ids('dkim selector', part.workspace.name).hex(8)}"


def _public_key(ids: Ids) -> str:
    modulus = bytearray(bytes.fromhex("".join(ids.hex(128) for _ in range(4))))
    modulus[0] |= 0x80
    modulus[-1] |= 1
    return b64encode(_KEY_START + modulus + _KEY_END).decode()
