"""compose.yaml, without Docker: what it says fits the image, the settings and itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lookalike.settings import declared, make_settings
from tests.docs.test_dockerfile import rest_of

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_the_servers_run_what_the_image_runs_on_the_shared_store(compose: dict[str, Any]):
    server = compose["services"]["lookalike"]
    program, verb, *arguments = server["command"]
    assert [program, verb] == ["lookalike", "serve"]
    flags = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert flags.keys() <= {setting.flag for setting in declared()}
    settings = make_settings({flag[2:]: value for flag, value in flags.items()}, {})
    assert (settings.host, settings.store) == ("0.0.0.0", "redis://redis:6379/0")
    assert server["environment"].keys() <= {setting.variable for setting in declared()}
    assert server["deploy"]["replicas"] == 2
    assert server["build"] == "."
    assert any("[redis]" in line for line in rest_of("RUN"))


def test_the_balancer_leads_to_the_servers_port(compose: dict[str, Any]):
    balancer = compose["services"]["balancer"]
    assert balancer["ports"] == ["127.0.0.1:7357:7357"]
    [exposed] = rest_of("EXPOSE")
    [config] = balancer["configs"]
    written = compose["configs"][config["source"]]["content"]
    assert re.search(r"upstream (\w+) \{ server lookalike:(\d+);", written)[2] == exposed
    assert f"listen {balancer['ports'][0].rpartition(':')[2]};" in written
    assert "proxy_set_header Host $$http_host;" in written


def test_everything_named_is_there(compose: dict[str, Any]):
    services = compose["services"]
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in compose["volumes"]
    assert re.match(r"redis://(\w+):6379", services["lookalike"]["command"][-1])[1] in services
