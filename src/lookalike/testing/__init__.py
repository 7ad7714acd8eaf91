"""lookalike in tests: a sandbox as a context manager, and what a test sees of one workspace.

```python
from lookalike.testing import Sandbox

with Sandbox(fixture="demo") as lookalike:
    vendor = lookalike.accounts["..."]
    client = SomeSdk(vendor.key, base_url=vendor.url)
```

Under pytest the fixture `lookalike` is the same thing; see `lookalike.pytest_plugin`. Nothing of the server is loaded
before one is started.
"""

from lookalike.remote import ControlError
from lookalike.testing.expectations import Expect
from lookalike.testing.hosting import CannotStart, Host
from lookalike.testing.sandbox import Sandbox
from lookalike.testing.sinks import Sink
from lookalike.testing.world import Account, Fault, Snapshot, World

__all__ = ["Account", "CannotStart", "ControlError", "Expect", "Fault", "Host", "Sandbox", "Sink", "Snapshot", "World"]
