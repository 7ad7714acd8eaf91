"""What AutoSend fills into a mail: Handlebars variables and conditions, as far as they are documented.

Variables are `{{name}}` or `{{a.b}}`, and `{{{name}}}` where HTML shall stay as it is; `{{#if}}`, `{{#unless}}` and
`{{#each}}` with `{{else}}` go too. A variable without a value is empty, and a text whose blocks do not close stays
as it is (I).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TAG = re.compile(r"\{\{\{\s*([^{}]*?)\s*\}\}\}|\{\{\s*([^{}]*?)\s*\}\}")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;", "=": "&#x3D;"}
)
_BLOCKS = ("if", "unless", "each")


class _Unbalanced(Exception):
    """Blocks that do not close, or close what was not open."""


@dataclass
class _Block:
    """A part of a template: pieces of text and tags, and what stands after its `{{else}}`."""

    kind: str
    subject: str
    first: list[Any] = field(default_factory=list)
    rest: list[Any] = field(default_factory=list)
    in_rest: bool = False

    @property
    def open(self) -> list[Any]:
        return self.rest if self.in_rest else self.first


@dataclass(frozen=True)
class _Variable:
    path: str
    raw: bool


def fill(template: str, values: Mapping[str, Any], *, escape: bool) -> str:
    """The template with the values in it; with `escape` they are made safe for HTML, as Handlebars does."""
    if "{{" not in template:
        return template
    try:
        parsed = _parse(template)
    except _Unbalanced:
        return template
    return "".join(_render(parsed.first, values, values, escape))


def _parse(template: str) -> _Block:
    stack = [_Block("", "")]
    end = 0
    for tag in _TAG.finditer(template):
        stack[-1].open.append(template[end : tag.start()])
        end = tag.end()
        if tag[1] is not None:
            stack[-1].open.append(_Variable(tag[1], raw=True))
        else:
            _take(stack, tag[2])
    stack[-1].open.append(template[end:])
    if len(stack) > 1:
        raise _Unbalanced
    return stack[0]


def _take(stack: list[_Block], tag: str) -> None:
    if tag.startswith("#"):
        kind, _, subject = tag[1:].partition(" ")
        if kind not in _BLOCKS:
            raise _Unbalanced
        block = _Block(kind, subject.strip())
        stack[-1].open.append(block)
        stack.append(block)
    elif tag.startswith("/"):
        if stack.pop().kind != tag[1:].strip() or not stack:
            raise _Unbalanced
    elif tag == "else" and len(stack) > 1:
        stack[-1].in_rest = True
    elif not tag.startswith("!"):
        stack[-1].open.append(_Variable(tag, raw=False))


def _render(pieces: list[Any], values: Mapping[str, Any], this: Any, escape: bool) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, _Variable):
            text = _text(_find(piece.path, values, this))
            yield text.translate(_ESCAPES) if escape and not piece.raw else text
        else:
            yield from _render_block(piece, values, this, escape)


def _render_block(block: _Block, values: Mapping[str, Any], this: Any, escape: bool) -> Iterator[str]:
    found = _find(block.subject, values, this)
    if block.kind == "each":
        items = list(found.values()) if isinstance(found, Mapping) else found if isinstance(found, list) else []
        for item in items:
            inner = {**values, **item} if isinstance(item, Mapping) else values
            yield from _render(block.first, inner, item, escape)
        if not items:
            yield from _render(block.rest, values, this, escape)
        return
    holds = bool(found) is (block.kind == "if")
    yield from _render(block.first if holds else block.rest, values, this, escape)


def _find(path: str, values: Mapping[str, Any], this: Any) -> Any:
    if path in ("this", "."):
        return this
    found: Any = this if path.startswith("this.") else values
    for name in path.removeprefix("this.").split("."):
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _text(value: Any) -> str:
    """A value as JavaScript writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return "[object Object]" if isinstance(value, Mapping) else str(value)
