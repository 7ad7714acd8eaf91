"""Units on a `tinydb:` store: what lasts without a stop, what a failure undoes, which journals are refused."""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookalike.stores import Resource, StoreError, Unwritable, tinydb_journal
from lookalike.stores import tinydb as tinydb_module
from lookalike.stores.memory import MemoryStore
from lookalike.stores.tinydb import TinyStore
from lookalike.stores.tinydb_journal import line_of
from tests.stores.conftest import PEOPLE, person
from tests.stores.states import keep_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], TinyStore]]:
    """Opens the store at `path` as a killed server would have left it; the background never gets to the file."""
    monkeypatch.setattr(tinydb_module, "TICK", 3600.0)
    stores: list[TinyStore] = []

    def open_() -> TinyStore:
        for store in stores:
            store._lock.release()
        stores.append(TinyStore(str(path)))
        return stores[-1]

    yield open_
    for store in stores:
        store._closing.set()
        store._changes.set()
        store._journals.close(needed=True)
        store._lock.release()


def journal(path: Path, number: int = 1) -> Path:
    return path.with_name(f"{path.name}.journal-{number}")


def contents(store: TinyStore) -> dict[str, Any]:
    people = store.collection("w", "v", PEOPLE)
    return {
        "documents": list(people.scan()),
        "l": people.ids("lists", "l"),
        "newest": [one["id"] for one in people.page("newest", limit=99).documents],
        "state": store.load_state("w"),
    }


class TestLasting:
    def test_every_write_lasts_as_it_is_made(self, opened, path: Path):
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        for n in range(6):
            people.put(person(f"p{n}", created_at=-n, lists=["l"], note='naïve 🙂 "\n'))
        people.put(person("p1", lists=[]))
        people.delete("p2")
        people.extend([person("p3"), person("q1", lists=["l"]), person("q2")])
        people.amend([(one, {**one, "lists": ["m"]}) for one in people.get_many(["p4", "q2"])])
        store.collection("w", "v", Resource("other")).put({"id": "ü/ 1"})
        keep_state(store, "w", {"ids": {"v": 3}})
        before = contents(store)
        again = opened()
        assert contents(again) == before
        assert again.collection("w", "v", Resource("other")).get("ü/ 1") == {"id": "ü/ 1"}
        assert journal(path).exists()

    def test_clearing_copying_and_dropping_last(self, opened):
        source = MemoryStore().collection("a", "b", PEOPLE)
        source.put(person("c", lists=["l"]))
        store = opened()
        for workspace in ("w", "w2"):
            for vendor in ("v", "v2"):
                people = store.collection(workspace, vendor, PEOPLE)
                people.put(person("a"))
                keep_state(store, workspace, {"ids": {}})
        store.collection("w", "v", PEOPLE).copy_from(source)
        store.collection("w", "v2", PEOPLE).clear()
        store.drop("w2", "v2")
        store = opened()
        assert store.collection("w", "v", PEOPLE).find("lists", "l") == [person("c", lists=["l"])]
        counts = [store.collection(*place, PEOPLE).count() for place in (("w", "v2"), ("w2", "v"), ("w2", "v2"))]
        assert counts == [0, 1, 0]
        store.drop("w2")
        store = opened()
        assert store.workspaces() == ["w"]
        assert store.load_state("w2") == {}

    def test_more_than_nine_journals_are_read_in_their_order(self, opened):
        store = opened()
        for number in range(2, 13):
            store.collection("w", "v", PEOPLE).put(person("a", created_at=number))
            store._journals.begin(number)
        assert opened().collection("w", "v", PEOPLE).get("a")["created_at"] == 12

    def test_a_unit_is_one_line(self, opened, path: Path):
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        unit = store.begin("w")
        people.put(person("a"))
        people.delete("a")
        people.put(person("b"))
        store.collection("w", "v", Resource("other")).put({"id": "1"})
        assert journal(path).read_bytes() == b""
        unit.commit({"clock": 1})
        assert journal(path).read_bytes() == line_of(
            b'{"workspace":"w","writes":[["put","v/people",{"id":"a","email":"a@example.com","created_at":0,"lists":[]}],'
            b'["delete","v/people","a"],["put","v/people",{"id":"b","email":"b@example.com","created_at":0,"lists":[]}],'
            b'["put","v/other",{"id":"1"}]],"state":{"clock":1}}'
        )
        people.put(person("c"))
        assert journal(path).read_bytes().count(b"\n") == 2

    def test_many_at_once_are_writes_like_others(self, opened, path: Path):
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        people.put(person("a", lists=["l"]))
        unit = store.begin("w")
        people.extend([person("b", lists=["l"]), person("a", note="taken"), person("c", email="a@example.com")])
        unit.commit(None)
        assert journal(path).read_bytes().count(b"\n") == 2
        before = contents(store)
        unit = store.begin("w")
        people.extend([person("d", lists=["l"]), person("e")])
        unit.undo()
        assert contents(store) == before
        assert contents(opened()) == before
        assert before["newest"] == ["a", "b"]

    def test_a_unit_without_writes_is_not_written(self, opened, path: Path):
        store = opened()
        store.begin("w").commit(None)
        assert journal(path).read_bytes() == b""

    def test_units_of_two_workspaces_at_a_time(self, opened, path: Path):
        store = opened()
        one, other = store.begin("w"), store.begin("w2")
        store.collection("w", "v", PEOPLE).put(person("a"))
        store.collection("w2", "v", PEOPLE).put(person("b"))
        other.commit(None)
        again = opened()
        assert again.workspaces() == ["w2"]
        one.undo()

    def test_through_many_journals(self, opened, path: Path):
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        for n in range(5):
            people.put(person(f"p{n}"))
            if n % 2:
                store.flush()
        assert [one.name for one in path.parent.glob("*.journal-*")] == ["state.json.journal-3"]
        store = opened()
        store.collection("w", "v", PEOPLE).delete("p0")
        store = opened()
        assert contents(store)["newest"] == ["p1", "p2", "p3", "p4"]
        assert sorted(one.name for one in path.parent.glob("*.journal-*")) == [
            f"state.json.journal-{n}" for n in (3, 4, 5)
        ]
        store.flush()
        assert [one.name for one in path.parent.glob("*.journal-*")] == ["state.json.journal-5"]

    @pytest.mark.parametrize("step", ["draft", "replace", "forget"])
    def test_killed_while_the_file_is_written(self, opened, path: Path, step: str, monkeypatch: pytest.MonkeyPatch):
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        for n in range(5):
            people.put(person(f"p{n}", lists=["l"]))

        class Killed(BaseException):
            pass

        def kill(*_: object) -> None:
            raise Killed

        monkeypatch.setattr(store._file, "tidy", lambda: None)
        if step == "draft":
            monkeypatch.setattr(os, "fsync", kill)
        elif step == "replace":
            monkeypatch.setattr(os, "replace", kill)
        else:
            monkeypatch.setattr(store._journals, "forget", kill)
        with pytest.raises(Killed):
            store.flush()
        monkeypatch.undo()
        people.put(person("p0", lists=[]))
        people.delete("p1")
        before = contents(store)
        assert contents(opened()) == before

    def test_what_is_copied_late_is_also_in_the_journal(self, opened, path: Path):
        """A write between the new journal and the copy is done twice, also where it swaps what is unique."""
        store = opened()
        people = store.collection("w", "v", PEOPLE)
        people.put(person("a", email="1@x.example"))
        people.put(person("b", email="2@x.example"))
        tables = store._tables

        def late(number: int) -> Any:
            people.put(person("b", email="3@x.example"))
            people.put(person("a", email="2@x.example"))
            people.put(person("b", email="1@x.example"))
            people.delete("a")
            people.put(person("c", email="2@x.example"))
            return tables(number)

        store._tables = late
        store.flush()
        before = contents(store)
        again = opened()
        assert contents(again) == before
        assert again.collection("w", "v", PEOPLE).one("email", "1@x.example")["id"] == "b"


class TestUndo:
    @pytest.fixture
    def store(self, opened) -> TinyStore:
        store = opened()
        for n in range(4):
            store.collection("w", "v", PEOPLE).put(person(f"p{n}", lists=["l"], created_at=n))
        keep_state(store, "w", {"ids": {"v": 1}})
        return store

    @pytest.mark.parametrize(
        "change", ["new", "changed", "extended", "amended", "deleted", "cleared", "copied", "dropped", "vendor", "all"]
    )
    def test_of_every_kind(self, store: TinyStore, change: str):
        source = MemoryStore().collection("a", "b", PEOPLE)
        source.put(person("z", lists=["l"]))
        people = store.collection("w", "v", PEOPLE)
        before = contents(store)
        acts: dict[str, Callable[[], object]] = {
            "new": lambda: people.put(person("q", lists=["l"])),
            "changed": lambda: people.put(person("p1", email="new@x.example", lists=[])),
            "extended": lambda: people.extend([person("p0"), person("r", lists=["l"]), person("s")]),
            "amended": lambda: people.amend(
                [(one, {**one, "created_at": 9, "lists": ["m"]}) for one in people.get_many(["p0", "p2"])]
            ),
            "deleted": lambda: people.delete("p3"),
            "cleared": people.clear,
            "copied": lambda: people.copy_from(source),
            "vendor": lambda: store.drop("w", "v"),
            "dropped": lambda: store.drop("w"),
        }
        unit = store.begin("w")
        for name, act in acts.items():
            if change in (name, "all"):
                act()
        assert contents(store) != before
        unit.undo()
        after = contents(store)
        assert sorted(after.pop("l")) == before.pop("l")
        assert after == before
        assert store.collection("w", "v", PEOPLE).one("email", "p1@example.com")["id"] == "p1"

    def test_of_what_nobody_asked_for(self, store: TinyStore, opened):
        store = opened()
        texts = dict.fromkeys("a", b'{"id":"a"}')
        unit = store.begin("w")
        store.drop("w")
        for resource in ("people", "others"):
            store.lay_down("w", "v", resource, texts)
        unit.undo()
        assert [place for place in store.contents("w", "v") if place[0].name == "others"] == []
        assert store.collection("w", "v", Resource("others")).count() == 0
        assert [one["id"] for one in store.collection("w", "v", PEOPLE).scan()] == ["p0", "p1", "p2", "p3"]
        assert store.load_state("w") == {"ids": {"v": 1}}

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_disk_that_is_full(self, store: TinyStore, path: Path, monkeypatch: pytest.MonkeyPatch, caplog, number):
        people = store.collection("w", "v", PEOPLE)
        if number == 2:
            store.flush()
            people.put(person("r"))
        before, text = contents(store), journal(path, number).read_bytes()
        write, room = os.write, [60]

        def full(descriptor: int, data: bytes) -> int:
            """Takes the beginning of a line."""
            if not room[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            room[0] = 0
            return write(descriptor, data[:60])

        with caplog.at_level(logging.WARNING, "lookalike"):
            monkeypatch.setattr(tinydb_journal.os, "write", full)
            for _ in range(2):
                unit = store.begin("w")
                people.put(person("lost"))
                with pytest.raises(Unwritable) as caught:
                    unit.commit({"ids": {"v": 2}})
                unit.undo()
                with pytest.raises(Unwritable):
                    people.put(person("lost"))
            assert contents(store) == before
            assert journal(path, number).read_bytes() == text
            monkeypatch.undo()
            people.put(person("kept"))
        assert caught.value.sentence == f"The store {path} cannot be written: No space left on device."
        assert caplog.messages == [
            f"store journal of {path} cannot be written: No space left on device; writes fail",
            f"store journal of {path} can be written again",
        ]
        assert journal(path, number).read_bytes().startswith(text)
        assert people.get("kept") is not None

    def test_a_beginning_that_cannot_be_cut_away_is_cut_later(self, store, path: Path, opened, monkeypatch):
        people = store.collection("w", "v", PEOPLE)
        write, calls = os.write, []

        def torn(descriptor: int, data: bytes) -> int:
            calls.append(data)
            if len(calls) > 1:
                raise OSError(errno.EIO, "Input/output error")
            return write(descriptor, data[:9])

        def stuck(*_: object) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(tinydb_journal.os, "write", torn)
        monkeypatch.setattr(tinydb_journal.os, "ftruncate", stuck)
        for _ in range(3):
            with pytest.raises(Unwritable):
                people.put(person("lost"))
        monkeypatch.undo()
        monkeypatch.setattr(tinydb_module, "TICK", 3600.0)
        people.put(person("kept"))
        before = contents(store)
        assert contents(opened()) == before


class TestDamage:
    @pytest.fixture
    def text(self, opened, path: Path) -> bytes:
        store = opened()
        for n in range(3):
            store.collection("w", "v", PEOPLE).put(person(f"p{n}"))
        return journal(path).read_bytes()

    @pytest.mark.parametrize("cut", [1, 2, 9, 30, "wrong"])
    def test_a_torn_last_line_is_left_out_and_told(self, opened, path: Path, text: bytes, cut: int | str, caplog):
        whole = text[:-1]
        journal(path).write_bytes(whole[:-2] + b"x}\n" if cut == "wrong" else text[: -int(cut)])
        with caplog.at_level(logging.WARNING, "lookalike"):
            store = opened()
        assert contents(store)["newest"] == ["p0", "p1"]
        assert caplog.messages == [
            f"store journal {path}.journal-1 ends in a line that was cut off by a crash: "
            "that line, of which nobody was told, is left out"
        ]
        store.collection("w", "v", PEOPLE).put(person("next"))
        assert contents(opened())["newest"] == ["next", "p0", "p1"]

    @pytest.mark.parametrize("line", [0, 1])
    def test_any_other_damage_is_refused(self, opened, path: Path, text: bytes, line: int):
        lines = text.split(b"\n")
        lines[line] = lines[line].replace(b"example", b"exbmple")
        journal(path).write_bytes(b"\n".join(lines))
        with pytest.raises(StoreError) as caught:
            opened()
        assert str(caught.value) == f"store journal {path}.journal-1, line {line + 1}, is damaged: mend or delete it"
        assert journal(path).read_bytes() == b"\n".join(lines)

    def test_an_empty_journal(self, opened, path: Path, text: bytes):
        journal(path).write_bytes(b"")
        assert opened().workspaces() == []

    @pytest.mark.parametrize(
        "body",
        [b"[]", b'{"writes":[]}', b'{"workspace":"w","writes":[["rename","v/people","a"]]}', b'{"workspace":"w"}'],
    )
    def test_of_a_newer_version(self, opened, path: Path, text: bytes, body: bytes):
        journal(path).write_bytes(line_of(body))
        with pytest.raises(StoreError) as caught:
            opened()
        assert str(caught.value) == (
            f"the journal of store file {path} says what this lookalike does not know: use a newer one"
        )

    def test_a_file_of_a_newer_version(self, opened, path: Path):
        path.write_text('{"lookalike": {"1": {"version": 2, "journal": 1}}}')
        with pytest.raises(StoreError) as caught:
            opened()
        assert str(caught.value) == (
            f"store file {path} is of version 2, and this lookalike reads up to 1: use the newer one that wrote it"
        )

    def test_a_header_that_makes_no_sense(self, opened, path: Path):
        path.write_text('{"lookalike": {"1": {"version": "x"}}}')
        with pytest.raises(StoreError, match="table 'lookalike': it should tell a version and a journal"):
            opened()

    def test_a_file_that_is_gone(self, opened, path: Path, text: bytes):
        path.unlink()
        with pytest.raises(
            StoreError, match=re.escape(f"store file {path} is missing, but its journal {path}.journal-1")
        ):
            opened()

    @pytest.mark.parametrize("step", ["file", "journal"])
    def test_a_disk_that_cannot_be_written_at_start(self, opened, path: Path, step: str, monkeypatch):
        if step == "journal":
            path.write_text("{}")
        open_ = os.open

        def read_only(name: Any, flags: int, *rest: Any, **more: Any) -> int:
            if flags & os.O_CREAT and "lock" not in str(name):
                raise OSError(errno.EROFS, "Read-only file system")
            return open_(name, flags, *rest, **more)

        monkeypatch.setattr(os, "open", read_only)
        monkeypatch.setattr("builtins.open", lambda name, mode="r", **_: os.fdopen(os.open(name, _flags(mode)), mode))
        with pytest.raises(StoreError) as caught:
            opened()
        assert str(caught.value) == f"store file {path} cannot be written: Read-only file system"
        assert not journal(path).exists()


def _flags(mode: str) -> int:
    return os.O_WRONLY | os.O_CREAT if "w" in mode else os.O_RDONLY
