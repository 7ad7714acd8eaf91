"""What may hang on a mail: files by name, as base64."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from pathlib import PurePosixPath

from lookalike.vendors.customerio.problems import refused

MOST_BYTES = 2 * 1024 * 1024
"""What all attachments of a mail may have together."""

_PROGRAMS = "bat cmd com cpl dll exe hta jar js jse lnk msi pif ps1 reg scr sh vb vbe vbs wsf"
FORBIDDEN = frozenset(_PROGRAMS.split())
"""Extensions of programs. That some are refused is documented, which ones is inferred."""


def check(attachments: Mapping[str, str]) -> None:
    """Raises what the vendor says of a file that is not base64 (400), of a program (403), of too much (413)."""
    total = 0
    for name, content in attachments.items():
        extension = PurePosixPath(name).suffix.lstrip(".").lower()
        if extension in FORBIDDEN:
            raise refused(f"Forbidden file type {extension} for attachment {name}.", 403)
        try:
            total += len(b64decode(content, validate=True))
        except (Error, ValueError):
            raise refused(f'Attachment must be base64 encoded: "{name}"') from None
    if total > MOST_BYTES:
        raise refused("Total attachment size exceeds the limit", 413)
