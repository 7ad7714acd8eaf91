"""Stored templates turned into what is sent."""

from __future__ import annotations

import re
from typing import Any

from lookalike.vendors.opensend import coercion
from lookalike.vendors.opensend.problems import public


def rendered(template: dict[str, Any], given: dict[str, Any], subject: str) -> dict[str, str]:
    """Subject, html and text of a template with these variables; `subject` is used where the template has none.

    Raises Problem("invalid") for a required variable that is neither given nor has a fallback.
    """
    values = _values(template["variables"], given)
    return {
        "subject": filled(template["subject"] or subject, values),
        "html": filled(template["html"] or "", values),
        "text": filled(template["text"] or "", values),
    }


def _values(declared: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    values = dict(given)
    for variable in declared:
        key = variable["key"]
        if values.get(key) is not None:
            continue
        if variable["fallback_value"] is not None:
            values[key] = variable["fallback_value"]
        elif variable["required"]:
            details = {"formErrors": [], "fieldErrors": {"template": [f"Missing required variable: {key}"]}}
            message = f"Missing required template variable: {key}"
            raise public("invalid", "validation_error", message, details=details)
    return values


def filled(content: str, values: dict[str, Any]) -> str:
    """Content with the values in place of `{{NAME}}` and `{{{NAME}}}`; names without a value stay as they are."""

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1] or match[2])
        return match[0] if value is None else coercion.string(value)

    return re.sub(r"\{\{\{\s*([\w.-]+)\s*\}\}\}|\{\{\s*([\w.-]+)\s*\}\}", value_of, content)


_PLACEHOLDER = re.compile(r"\{\{\{\s*(?:OPENSEND|RESEND)_UNSUBSCRIBE_URL\s*\}\}\}")


def wants_unsubscribe_link(content: dict[str, Any]) -> bool:
    """Whether html or text have the placeholder for a link."""
    return any(_PLACEHOLDER.search(content[name] or "") for name in ("html", "text"))


def with_unsubscribe_link(content: dict[str, Any], link: str) -> dict[str, Any]:
    """html, text and headers with the link in place."""
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {
        "html": _PLACEHOLDER.sub(lambda _: link, content["html"] or ""),
        "text": _PLACEHOLDER.sub(lambda _: link, content["text"] or ""),
        "headers": {**content["headers"], **headers},
    }
