"""Reads a fixture file and knows on which line everything in it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from lookalike.seeding import FixtureError
from lookalike.seeding.checks import Place, Unfit

SIZE_LIMIT = 10 * 1024 * 1024
_VALUES_LIMIT = 1_000_000
_DEPTH_LIMIT = 60
_SAFE_LENGTH = 10_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")}


class FixtureFile:
    """One YAML or JSON file: `data` is what it says (dates are texts, keys are texts)."""

    def __init__(self, text: str, shown: str, is_json: bool = False) -> None:
        self.shown = shown
        self._is_json = is_json
        self._text = text
        self._root: yaml.Node | None = None
        self.data: Any = self._parse_json(text) if self._is_json else self._parse_yaml(text)

    @classmethod
    def read(cls, path: Path, shown: str) -> FixtureFile:
        """A file. Raises FixtureError."""
        return cls(_read(path, shown), shown, path.suffix.lower() == ".json")

    @classmethod
    def given(cls, text: str) -> FixtureFile:
        """What would be in a file. Raises FixtureError."""
        return cls(text, "(as given)")

    def error(self, unfit: Unfit) -> FixtureError:
        """The user's sentence for something unfit in this file."""
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self._known(unfit.place))
        return self._wrong(self._line(unfit.place), f"{where.lstrip('.')}: {unfit.message}" if where else unfit.message)

    def _wrong(self, line: int, message: str) -> FixtureError:
        return _wrong(self.shown, line, message)

    # --- JSON -------------------------------------------------------------------------------------------------

    def _parse_json(self, text: str) -> Any:
        try:
            return json.loads(text, object_pairs_hook=self._pairs, parse_constant=self._constant)
        except json.JSONDecodeError as error:
            raise self._wrong(error.lineno, f"this is not JSON: {error.msg}") from None
        except RecursionError:
            raise FixtureError(f"fixture {self.shown} is nested too deep") from None

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            line = self._text_line(json.dumps(twice, ensure_ascii=False))
            raise self._wrong(line, f"{twice!r} is given twice in one object")
        return found

    def _constant(self, name: str) -> Any:
        raise self._wrong(self._text_line(name), f"{name} is not a JSON number")

    def _text_line(self, part: str) -> int:
        return self._text[: max(0, self._text.find(part))].count("\n") + 1

    # --- YAML -------------------------------------------------------------------------------------------------

    def _parse_yaml(self, text: str) -> Any:
        self._values = 0
        self._root = self._compose(text)
        return None if self._root is None else self._build(self._root, 0)

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            if len(text) > _SAFE_LENGTH:
                self._refuse_depth(text)
            return yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = 1 if mark is None else mark.line + 1
            raise self._wrong(line, f"this is not YAML: {error.problem or error.context}") from None
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0)
            raise self._wrong(text[:position].count("\n") + 1, "this is not YAML: a control character") from None
        except RecursionError:
            raise FixtureError(f"fixture {self.shown} is nested too deep") from None

    def _refuse_depth(self, text: str) -> None:
        # The composer goes down in C, and so deep that the process would fall; the parser does not.
        depth = 0
        event: Any
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEPTH_LIMIT:
                raise self._wrong(event.start_mark.line + 1, "this is nested too deep")

    def _build(self, node: yaml.Node, depth: int) -> Any:
        self._values += 1
        line = node.start_mark.line + 1
        if depth > _DEPTH_LIMIT or self._values > _VALUES_LIMIT:
            raise self._wrong(line, "this is nested too deep, or repeats too much")
        if isinstance(node, yaml.SequenceNode):
            return [self._build(part, depth + 1) for part in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _TAGS:
            raise self._wrong(line, f"the tag {node.tag} is not for fixtures")
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(line, "a key should be a text")
            if key.value in found:
                raise self._wrong(line, f"{key.value!r} is given twice in one object")
            found[key.value] = self._build(value, depth + 1)
        return found

    # --- lines ------------------------------------------------------------------------------------------------

    def _line(self, place: Place) -> int:
        """The line of the last step of `place` that the file has."""
        if self._root is None:
            try:
                # JSON may be indented by tabs, YAML not; within its texts JSON has none.
                self._root = self._compose(self._text.replace("\t", " "))
            except FixtureError:
                return 1
        node, line = self._root, 1
        for step in place:
            found = _step(node, step)
            if found is not None:
                line, node = found
        return line

    def _known(self, place: Place) -> list[str | int]:
        """The steps of `place` without those that only pydantic knows (members of unions)."""
        known: list[str | int] = []
        data = self.data
        for step in place:
            if isinstance(data, list) and isinstance(step, int) and step < len(data):
                data = data[step]
            elif isinstance(data, dict) and step in data:
                data = data[str(step)]
            else:
                continue
            known.append(step)
        return known


def _wrong(shown: str, line: int, message: str) -> FixtureError:
    return FixtureError(f"fixture {shown}, line {line}: {message}")


def _read(path: Path, shown: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise FixtureError(f"fixture {shown} cannot be read: {error.strerror}") from None
    if len(raw) > SIZE_LIMIT:
        raise FixtureError(f"fixture {shown} is too large: {SIZE_LIMIT // 1024**2} MB is the limit")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(shown, raw[: error.start].count(b"\n") + 1, "this should be UTF-8") from None


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        part = node.value[step]
        return part.start_mark.line + 1, part
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    return None


def _scalar(node: yaml.ScalarNode) -> Any:
    """A plain word as JSON has it: what only YAML would read as a number or a date stays a text."""
    text: str = node.value
    if node.style:  # quoted, or a block
        return text
    if _NUMBER.fullmatch(text):
        return json.loads(text)
    if node.tag.endswith(":bool"):
        return _WORDS[text.lower()]
    return None if node.tag.endswith(":null") else text
