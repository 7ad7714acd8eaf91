"""Track: whose credentials these are."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.vendors.customerio.identity import environment_id
from lookalike.vendors.customerio.schemas.account import Region

routes = Routes("account", doc="https://docs.customer.io/integrations/api/track/#operation/getRegion")


@routes.get("/api/v1/accounts/region", returns=Region)
def get_region(call: Call) -> dict[str, Any]:
    """Tell region and workspace of the credentials; every account here is in the United States."""
    return {
        "url": "https://track.customer.io",
        "region": "us",
        "environment_id": environment_id(call.workspace.name),
    }
