"""Which URLs are refused, at the edges of every range."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from lookalike.vendors.opensend.outbound_urls import refusal

RANGES = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "255.255.255.255"),
]


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_ranges(first, last):
    for address in (IPv4Address(first), IPv4Address(last)):
        assert refusal(f"http://{address}/") == "private_ip_literal"
        assert refusal(f"http://[::ffff:{address}]/") == "private_ip_literal"
    before, after = int(IPv4Address(first)) - 1, int(IPv4Address(last)) + 1
    for number in (before, after):
        if 0 <= number < 2**32:
            assert refusal(f"http://{IPv4Address(number)}/") is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.com/", None),
        ("https://internal.example.com/", None),
        ("https://localhost.example.com/", None),
        ("https://a.internal/", "blocked_hostname"),
        ("https://a.local/", "blocked_hostname"),
        ("https://a.localhost/", "blocked_hostname"),
        ("https://LOCALHOST/", "blocked_hostname"),
        ("https://metadata/", "blocked_hostname"),
        ("https://[::1]/", "private_ip_literal"),
        ("https://[fd00::1]/", "private_ip_literal"),
        ("https://[fe80::1]/", "private_ip_literal"),
        ("https://[2606:4700::1]/", None),
        ("http://0x7f.1/", "private_ip_literal"),
        ("ftp://example.com/", "blocked_protocol"),
        ("https://u@example.com/", "credentials_in_url"),
        ("example.com", "invalid_url"),
    ],
)
def test_hosts_and_forms(url, reason):
    assert refusal(url) == reason
