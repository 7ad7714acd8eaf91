"""The addresses at resend.dev that OpenSend never mails but answers for."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"(delivered|bounced|complained)(\+[^@]*)?@resend\.dev|(suppressed)@resend\.dev", re.IGNORECASE)


def outcome(address: str) -> str | None:
    """`delivered`, `bounced`, `complained` or `suppressed`; None for every ordinary address."""
    match = _ADDRESS.fullmatch(address.strip())
    return None if match is None else (match[1] or match[3]).lower()


def outcomes(addresses: Iterable[str]) -> set[str | None]:
    """The different outcomes that these addresses ask for: more than one is a mix that OpenSend refuses."""
    return {outcome(address) for address in addresses}
