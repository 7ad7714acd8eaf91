"""Every path that is declared leads to its operation, with the parameters that it names."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from tests.every_vendor.worlds import VENDORS


@pytest.mark.parametrize("name", VENDORS)
def test_every_declared_path_leads_to_its_operation(name: str) -> None:
    vendor = VENDORS[name]
    for operation in vendor.operations:
        for path in operation.paths:
            asked = path.replace("{", "a-").replace("}", "-z")
            for method in (operation.method, *operation.also):
                call: Any = SimpleNamespace(method=method, path=asked, operation=None, params={}, allowed=())
                vendor.router.match(call)
                assert call.operation is operation
                assert call.params == {name: f"a-{name}-z" for name in re.findall(r"{(\w+)}", path)}
