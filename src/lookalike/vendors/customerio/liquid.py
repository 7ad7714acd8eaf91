"""Liquid, as messages use it: outputs, `if`, `unless`, `for`, `assign` and comments.

A value that is not there keeps a message from being rendered, as at the vendor (D). A text with a tag or filter that is
not known here stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.vendors.customerio.attributes import text
from lookalike.vendors.customerio.liquid_values import Scope, Unknown, condition, expression, value_of

_PIECE = re.compile(r"(\{\{-?.*?-?\}\}|\{%-?.*?-?%\})", re.DOTALL)
_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)


class Missing(Exception):
    """A value that a text shows is not there; the message names it."""


DEEPEST, LONGEST = 50, 10_000
"""How many blocks may stand in each other, and how often all loops of a text may go round."""

Node = Callable[[dict[str, Any]], str]
"""A part of a template: what it shows, given the variables, which it may add to."""


def render(template: str, scope: Scope) -> str:
    """A text with its variables filled in. Raises Missing."""
    if "{{" not in template and "{%" not in template:
        return template
    try:
        pieces = _Pieces(_COMMENT.sub("", template))
        shown = _block(pieces, ())
        return shown(dict(scope))
    except Unknown:
        return template


class _Pieces:
    """Text and tags, one after the other. A tag with a dash takes the blanks beside it along."""

    def __init__(self, template: str) -> None:
        self._pieces = _PIECE.split(template)
        for place in range(1, len(self._pieces), 2):
            tag = self._pieces[place]
            if tag[2] == "-":
                self._pieces[place - 1] = self._pieces[place - 1].rstrip()
            if tag[-3] == "-":
                self._pieces[place + 1] = self._pieces[place + 1].lstrip()
        self._next = 0
        self._depth = 0
        self._rounds = 0

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The kind of each (text, {{ or {%) and what it says."""
        while self._next < len(self._pieces):
            piece, is_tag = self._pieces[self._next], self._next % 2
            self._next += 1
            yield (piece[:2], piece[2:-2].strip("-").strip()) if is_tag else ("text", piece)

    def deeper(self, by: int) -> None:
        """A block begins, or ends. Raises Unknown for too many in each other."""
        self._depth += by
        if self._depth > DEEPEST:
            raise Unknown

    def go_round(self) -> None:
        """A loop goes round once more. Raises Unknown for too many times."""
        self._rounds += 1
        if self._rounds > LONGEST:
            raise Unknown


# --- tags ------------------------------------------------------------------------------------------------------------


def _block(pieces: _Pieces, ends: tuple[str, ...]) -> Node:
    """Everything up to a tag that ends the block."""
    return _until(pieces, ends)[0]


def _until(pieces: _Pieces, ends: tuple[str, ...]) -> tuple[Node, str]:
    nodes: list[Node] = []
    pieces.deeper(1)
    for kind, said in pieces:
        name = said.partition(" ")[0]
        if kind == "{%" and name in ends:
            pieces.deeper(-1)
            return _all(nodes), said
        nodes.append(_node(kind, said, pieces))
    if ends:
        raise Unknown
    return _all(nodes), ""


def _all(nodes: list[Node]) -> Node:
    return lambda scope: "".join([node(scope) for node in nodes])


def _node(kind: str, said: str, pieces: _Pieces) -> Node:
    if kind == "text":
        return lambda _: said
    if kind == "{{":
        return _output(said)
    name, _, rest = said.partition(" ")
    if name not in _TAGS:
        raise Unknown
    return _TAGS[name](rest.strip(), pieces)


def _output(said: str) -> Node:
    value = expression(said)

    def show(scope: dict[str, Any]) -> str:
        found = value(scope)
        if found is None:
            raise Missing(said.partition("|")[0].strip())
        return "".join(map(text, found)) if isinstance(found, list) else text(found)

    return show


def _if(said: str, pieces: _Pieces) -> Node:
    branches: list[tuple[Callable[[Scope], bool], Node]] = []
    test: Callable[[Scope], bool] = condition(said)
    while True:
        node, end = _until(pieces, ("elsif", "else", "endif"))
        branches.append((test, node))
        if end == "endif":
            return lambda scope: next((node(scope) for test, node in branches if test(scope)), "")
        test = condition(end.partition(" ")[2]) if end.startswith("elsif") else lambda _: True


def _unless(said: str, pieces: _Pieces) -> Node:
    test = condition(said)
    node, end = _until(pieces, ("else", "endunless"))
    otherwise = _block(pieces, ("endunless",)) if end == "else" else _all([])
    return lambda scope: (otherwise if test(scope) else node)(scope)


def _for(said: str, pieces: _Pieces) -> Node:
    found = re.fullmatch(r"(\w+)\s+in\s+(\S+)", said)
    if found is None:
        raise Unknown
    name, items, body = found[1], value_of(found[2]), _block(pieces, ("endfor",))

    def show(scope: dict[str, Any]) -> str:
        held, shown = items(scope), []
        for item in held if isinstance(held, list) else []:
            pieces.go_round()
            shown.append(body({**scope, name: item}))
        return "".join(shown)

    return show


def _assign(said: str, _pieces: _Pieces) -> Node:
    name, equals, rest = said.partition("=")
    if not equals:
        raise Unknown
    value = expression(rest.strip())

    def keep(scope: dict[str, Any]) -> str:
        scope[name.strip()] = value(scope)
        return ""

    return keep


_TAGS: Mapping[str, Callable[[str, _Pieces], Node]] = {"if": _if, "unless": _unless, "for": _for, "assign": _assign}
