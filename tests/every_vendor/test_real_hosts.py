"""Every vendor is met under its own host names, and names the variables that its SDKs read."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.every_vendor.worlds import NAMES, VENDORS, world
from tests.support import wsgi

HOSTS = [(name, host) for name in NAMES for host in (*VENDORS[name].hosts, f"{name}.localhost")]


@pytest.mark.parametrize(("name", "host"), HOSTS)
def test_a_host_name_leads_to_its_vendor(name: str, host: str) -> None:
    client = world(name)
    for spelling in (host, f"{host}:443", host.upper()):
        wsgi(client.app, "GET", f"/by-host?{spelling}", b"", {"Host": spelling})
        entry = next(client.sandbox.journal.newest_first())
        assert (entry.vendor, entry.path, entry.query) == (name, "/by-host", spelling)


def test_no_host_name_and_no_variable_is_anothers() -> None:
    hosts = Counter(host for _, host in HOSTS)
    variables = Counter(name for vendor in VENDORS.values() for name in vendor.environment)
    assert [name for name, count in (hosts + variables).items() if count > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_variables_are_a_url_or_a_key(name: str) -> None:
    vendor = VENDORS[name]
    assert set(vendor.environment.values()) == {"{url}", "{key}"}
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", variable) for variable in vendor.environment)
    pasted = dict(re.findall(r"(\w+)=(\S+)", vendor.snippet))
    assert pasted.items() <= vendor.environment.items()
