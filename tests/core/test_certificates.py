"""The local authority: where it is kept, who may read it, and for which names it signs."""

from __future__ import annotations

import os
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lookalike.certificates import LOCAL_NAMES, Authority, CertificateError, bundle, data_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def certificates(path: Path) -> list[str]:
    return path.read_text().split("-----END CERTIFICATE-----\n")[:-1]


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "~/.local/share/lookalike"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/lookalike"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "~/.local/share/lookalike"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "~/Library/Application Support/lookalike"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/lookalike"),
        ("win32", {}, "~/AppData/Local/lookalike"),
    ],
)
def test_the_data_folder_is_where_the_platform_has_it(platform, environment, expected):
    assert data_folder(environment, platform) == Path(expected).expanduser()


def test_without_a_folder_it_is_the_users_data_folder(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    authority = Authority()
    assert authority.certificate == data_folder() / "ca.pem"
    assert tmp_path in authority.certificate.parents


def test_it_is_made_once_and_for_this_user_alone(tmp_path):
    before = os.umask(0)
    try:
        first = Authority(tmp_path / "deep" / "ca")
        bundle(first.certificate, {})
    finally:
        os.umask(before)
    assert mode(first.folder) == 0o700
    files = sorted(first.folder.iterdir())
    assert [path.name for path in files][:1] + [path.name for path in files][2:] == ["authority.pem", "ca.pem"]
    assert files[1].name.startswith("bundle-")
    assert {path.name: mode(path) for path in files} == dict.fromkeys([path.name for path in files], 0o600)
    assert "PRIVATE KEY" not in first.certificate.read_text()
    made = first.certificate.read_bytes()
    assert Authority(first.folder).certificate.read_bytes() == made


def test_a_lost_certificate_comes_back_from_the_authority(tmp_path):
    authority = Authority(tmp_path / "ca")
    made = authority.certificate.read_bytes()
    authority.certificate.write_text("something else")
    assert Authority(tmp_path / "ca").certificate.read_bytes() == made
    authority.certificate.unlink()
    assert Authority(tmp_path / "ca").certificate.read_bytes() == made


def test_many_that_start_at_once_have_one_authority(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Authority(tmp_path / "ca"), range(8)))
    assert len({authority.certificate.read_bytes() for authority in made}) == 1
    assert len({authority._ca.cert_pem.bytes() for authority in made}) == 1
    assert sorted(path.name for path in (tmp_path / "ca").iterdir()) == ["authority.pem", "ca.pem"]


def handshake(context: ssl.SSLContext, trusted: Path, name: str) -> dict[str, object]:
    """The certificate that a client which trusts this file sees when it asks for this name."""
    client_context = ssl.create_default_context(cafile=str(trusted))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    pending = [client, server, client]
    for one in pending:
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.getpeercert() or {}


def test_the_certificate_is_for_every_name_and_for_no_other(tmp_path):
    authority = Authority(tmp_path / "ca")
    context = authority.server_context([*LOCAL_NAMES, "api.vendor.example"])
    shown = handshake(context, authority.certificate, "api.vendor.example")
    assert shown["subjectAltName"] == (
        ("DNS", "localhost"),
        ("DNS", "*.localhost"),
        ("IP Address", "127.0.0.1"),
        ("IP Address", "0:0:0:0:0:0:0:1"),
        ("DNS", "api.vendor.example"),
    )
    for name in ("localhost", "127.0.0.1", "::1"):
        handshake(context, authority.certificate, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, authority.certificate, "other.vendor.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, Authority(tmp_path / "another").certificate, "localhost")


def test_the_bundle_has_ours_and_all_that_was_trusted_before(tmp_path):
    ours = Authority(tmp_path / "ca").certificate
    companys = Authority(tmp_path / "company").certificate
    others = Authority(tmp_path / "other").certificate
    plain = bundle(ours, {})
    assert certificates(plain)[0] == certificates(ours)[0]
    told = bundle(ours, {"SSL_CERT_FILE": str(companys), "NODE_EXTRA_CA_CERTS": str(others)})
    assert certificates(told)[:3] == [certificates(path)[0] for path in (ours, companys, others)]
    assert set(certificates(told)) > set(certificates(plain))
    system = ssl.create_default_context().get_ca_certs()
    seen = ssl.create_default_context(cafile=str(plain)).get_ca_certs()
    assert {root["serialNumber"] for root in system} - {root["serialNumber"] for root in seen} == set()


def test_a_bundle_of_a_bundle_is_the_same(tmp_path):
    ours = Authority(tmp_path / "ca").certificate
    first = bundle(ours, {})
    assert bundle(ours, {"SSL_CERT_FILE": str(first), "CURL_CA_BUNDLE": str(tmp_path / "gone.pem")}) == first


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "ca").write_text("")
    with pytest.raises(CertificateError) as caught:
        Authority(tmp_path / "ca")
    sentence = f"certificate folder '{tmp_path}/ca' cannot be used: File exists; choose another with --ca-folder"
    assert str(caught.value) == sentence


def test_an_authority_that_makes_no_sense_is_one_sentence(tmp_path):
    Authority(tmp_path)
    (tmp_path / "authority.pem").write_text("no key")
    with pytest.raises(CertificateError, match=r"authority.pem holds no key with a certificate; choose another"):
        Authority(tmp_path)


def test_a_certificate_that_is_not_here_makes_no_bundle(tmp_path):
    with pytest.raises(CertificateError, match=r"cannot be used: No such file or directory; choose another"):
        bundle(tmp_path / "ca.pem", {})
    assert list(tmp_path.iterdir()) == []
