"""The pydantic bases that vendors' schemas build on.

Modules that hold nothing but models leave `from __future__ import annotations` out: pydantic would have to compile
every annotation from its text, which is a third of the time that a vendor's import takes.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class RequestModel(BaseModel):
    """A request body or query: strict about JSON types, silent about unknown keys (vendors that refuse them say so)."""

    model_config = ConfigDict(strict=True, extra="ignore", defer_build=True)


class ResponseModel(BaseModel):
    """An answer's body: what is not declared must not be there. Used for the contract document and by the tests."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)
