"""A store file that a person has edited while the server was stopped: who is in a segment follows from what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.every_vendor.worlds import VENDORS
from tests.support import Client

RULED = [name for name, vendor in sorted(VENDORS.items()) if vendor.living is not None]


@pytest.mark.parametrize("vendor", RULED)
def test_who_is_in_a_segment(vendor: str, tmp_path: Path):
    path = tmp_path / "state.json"

    def counts() -> dict[str, int]:
        client = Client(vendor, settings={"store": f"tinydb:{path}", "fixture": "demo"})
        client.sandbox.prepare()
        listed = client.control("GET", "/segments").json["segments"]
        client.sandbox.close()
        return {found["name"]: found["count"] for found in listed}

    before = counts()
    assert counts() == before
    path.write_text(path.read_text("utf-8").replace('"plan":"team"', '"plan":"free"'), "utf-8")
    after = counts()
    assert (before["Large teams"] > 0, after["Large teams"]) == (True, 0)
    assert 0 < after["Paying"] < before["Paying"]
    assert counts() == after
