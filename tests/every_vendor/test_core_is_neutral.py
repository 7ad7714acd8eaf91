"""The core names no vendor and speaks no vendor's language."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

import lookalike
from lookalike import arrivals, audience, messages
from lookalike.models import ResponseModel, pydantic_model
from tests.every_vendor.worlds import VENDORS

ROOT = Path(lookalike.__file__).parent
CORE = sorted(path for path in ROOT.rglob("*.py") if "vendors" not in path.relative_to(ROOT).parts)

BRANDS = {"resend", "svix", "segmailer", "customerio", "customer.io"}
"""Names that belong to vendors and to what they imitate, beside those that discovery finds."""


def _models(annotation: Any) -> set[type[BaseModel]]:
    declared = get_origin(annotation) or annotation
    if isinstance(declared, type) and issubclass(declared, ResponseModel):
        annotation = pydantic_model(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found = {annotation}
        for field in annotation.model_fields.values():
            found |= _models(field.annotation)
        return found
    return {model for argument in get_args(annotation) for model in _models(argument)}


def _vendor_fields() -> set[str]:
    """Names of members in vendors' bodies that are more than one word."""
    models: set[type[BaseModel]] = set()
    for vendor in VENDORS.values():
        for operation in vendor.operations:
            for annotation in (operation.body, operation.accepts, operation.query, operation.returns):
                models |= _models(annotation)
    names = {field.alias or name for model in models for name, field in model.model_fields.items()}
    return {name for name in names if re.search(r"[a-z]_[a-z]|[a-z][A-Z]", name)}


def _neutral_words() -> set[str]:
    """What the neutral audience, arriving mail, the outbox and the core's own documents call things."""
    described = [
        value
        for module in (arrivals, audience, messages)
        for value in vars(module).values()
        if dataclasses.is_dataclass(value)
    ]
    fields = {field.name for one in described for field in dataclasses.fields(one)}
    return fields | {"created_at", "has_more", "retry_after", "content_type", "status_code"}


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_vendor_is_named(path: Path) -> None:
    names = {name for vendor in VENDORS.values() for name in (vendor.name, vendor.title, *vendor.hosts)} | BRANDS
    pattern = r"(?<![\w])(" + "|".join(map(re.escape, sorted(names))) + r")(?![\w])"
    found = re.findall(pattern, path.read_text(encoding="utf-8"), re.IGNORECASE)
    assert not found


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_vendors_field_is_named(path: Path) -> None:
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    assert not words & (_vendor_fields() - _neutral_words())


def test_vendors_words_are_found() -> None:
    assert {"firstName"} <= _vendor_fields() - _neutral_words()
