"""The local certificate authority: made on first use, kept for this user alone, and what it signs.

The folder holds `authority.pem` (key and certificate; the truth), `ca.pem` (the certificate, to hand to clients) and
`bundle-*.pem` (the certificate beside the roots that were trusted anyway; named after what is in it). Whoever has the
key could speak for any host to a client that trusts the certificate: the folder is the user's own, files included.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustme import CA

LOCAL_NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s.+?\s-----END CERTIFICATE-----", re.DOTALL)
_USUAL_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_TRUST_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


class CertificateError(Exception):
    """A folder that cannot hold the authority; the message is one sentence for the user."""


def data_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Where this user's data of lookalike lives, by the custom of the platform."""
    environment = os.environ if environment is None else environment
    home = Path(os.path.expanduser("~"))
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "lookalike"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "lookalike"
    chosen = environment.get("XDG_DATA_HOME", "")
    # The specification says that a relative path is to be ignored.
    return (Path(chosen) if chosen.startswith("/") else home / ".local" / "share") / "lookalike"


class Authority:
    """The authority in a folder (by default the user's data folder), made if there is none. Raises CertificateError."""

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = data_folder() if folder is None else Path(folder).expanduser().absolute()
        self.certificate = self.folder / "ca.pem"
        try:
            self._ca = self._load() or self._make()
            pem = self._ca.cert_pem.bytes()
            if not self.certificate.exists() or self.certificate.read_bytes() != pem:
                _write(self.certificate, pem)
        except OSError as error:
            raise _trouble(self.folder, error.strerror or str(error)) from None

    def _load(self) -> CA | None:
        path = self.folder / "authority.pem"
        if not path.exists():
            return None
        from trustme import CA

        text = path.read_bytes()
        try:
            return CA.from_pem(cert_bytes=text, private_key_bytes=text)
        except (TypeError, ValueError):
            raise _trouble(self.folder, f"{path.name} holds no key with a certificate") from None

    def _make(self) -> CA:
        from trustme import CA

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = CA(organization_name="lookalike", organization_unit_name="local sandbox authority")
        pem = made.private_key_pem.bytes() + made.cert_pem.bytes()
        # Of several that start at once the first to link its file wins; the others take that one.
        with _private_file(self.folder, pem) as path, suppress(FileExistsError):
            os.link(path, self.folder / "authority.pem")
        return self._load() or made

    def server_context(self, names: Iterable[str]) -> ssl.SSLContext:
        """What a server for these names (or addresses) needs; its certificate lives as long as the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        self._ca.issue_cert(*names, organization_name="lookalike").configure_cert(context)
        return context


def bundle(certificate: Path, environment: Mapping[str, str]) -> Path:
    """A file beside ours with our certificate and every root that was trusted before, by variable or by the system.

    Raises CertificateError when ours cannot be read or the file cannot be written.
    """
    try:
        blocks = dict.fromkeys([*_PEM.findall(certificate.read_text(encoding="utf-8")), *_trusted(environment)])
        content = ("\n".join(blocks) + "\n").encode()
        path = certificate.parent / f"bundle-{blake2b(content, digest_size=6).hexdigest()}.pem"
        if not path.exists():
            _write(path, content)
    except OSError as error:
        raise _trouble(certificate.parent, error.strerror or str(error)) from None
    return path


def _trouble(folder: Path, reason: str) -> CertificateError:
    return CertificateError(
        f"certificate folder {str(folder)!r} cannot be used: {reason}; choose another with --ca-folder"
    )


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole, or not at all."""
    with _private_file(path.parent, content) as made:
        os.replace(made, path)


@contextmanager
def _private_file(folder: Path, content: bytes) -> Iterator[str]:
    """The name of a new file that only this user may read; what is left of it at the end is removed."""
    with NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
        file.write(content)
    try:
        yield file.name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(file.name)


def _trusted(environment: Mapping[str, str]) -> Iterator[str]:
    """Every certificate, as PEM, in the files that the variables name and among the system's roots."""
    for name in _TRUST_VARIABLES:
        yield from _certificates(environment.get(name))
    for path in (ssl.get_default_verify_paths().openssl_cafile, *_USUAL_ROOTS):
        found = _certificates(path)
        if found:
            yield from found
            return
    with suppress(OSError, ssl.SSLError):
        # Where there is no such file (Windows) Python asks the system's own store.
        for der in ssl.create_default_context().get_ca_certs(binary_form=True):
            yield ssl.DER_cert_to_PEM_cert(der).strip()


def _certificates(path: str | None) -> list[str]:
    if not path:
        return []
    try:
        return _PEM.findall(Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []
