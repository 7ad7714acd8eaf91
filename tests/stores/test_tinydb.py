"""What lasts, what the file looks like, and which files are refused."""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from tinydb import Query, TinyDB

from lookalike import sandbox as sandbox_module
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from lookalike.stores import Resource, StoreError, open_store, tinydb_file
from lookalike.stores import tinydb as tinydb_module
from lookalike.stores.memory import MemoryStore
from lookalike.stores.tinydb import TinyStore
from lookalike.stores.tinydb_file import FileStorage
from tests.stores.conftest import PEOPLE, person
from tests.stores.states import keep_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], TinyStore]]:
    """Opens the store at `path`; what is open at the end is closed."""
    stores: list[TinyStore] = []

    def open_() -> TinyStore:
        stores.append(TinyStore(str(path)))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def fill(store: TinyStore) -> None:
    people = store.collection("w", "v", PEOPLE)
    for n in range(3):
        people.put(person(f"p{n}", created_at=-n, lists=["l"], note="naïve 🙂\n"))
    keep_state(store, "w", {"clock": {"shift": 1.5}, "ids": {"v": 7}})


class TestLasting:
    def test_a_restart_brings_everything_back(self, opened):
        first = opened()
        fill(first)
        before = first.contents("w", "v")
        first.close()
        second = opened()
        assert second.workspaces() == ["w"]
        assert second.load_state("w") == {"clock": {"shift": 1.5}, "ids": {"v": 7}}
        people = second.collection("w", "v", PEOPLE)
        assert second.contents("w", "v") == before
        assert [one["id"] for one in people.page("in_list", within="l", limit=9).documents] == ["p2", "p1", "p0"]
        assert people.one("email", "p1@example.com")["note"] == "naïve 🙂\n"

    def test_what_nobody_asks_for_is_kept(self, opened, path: Path):
        first = opened()
        fill(first)
        first.close()
        before = path.read_bytes()
        opened().close()
        assert path.read_bytes() == before
        second = opened()
        second.collection("w", "other", PEOPLE).put(person("x"))
        second.close()
        third = opened()
        assert third.collection("w", "v", PEOPLE).count() == 3
        assert third.collection("w", "other", PEOPLE).count() == 1

    def test_what_nobody_asked_for_can_be_dropped(self, opened):
        first = opened()
        fill(first)
        first.collection("w", "other", PEOPLE).put(person("x"))
        first.close()
        second = opened()
        second.drop("w", "v")
        assert second.workspaces() == ["w"]
        assert second.collection("w", "v", PEOPLE).count() == 0
        second.close()
        third = opened()
        assert third.collection("w", "other", PEOPLE).count() == 1
        third.drop("w")
        assert third.workspaces() == []

    def test_deletions_last(self, opened):
        first = opened()
        fill(first)
        first.collection("w", "v", PEOPLE).delete("p1")
        first.close()
        second = opened()
        assert second.collection("w", "v", PEOPLE).get("p1") is None
        second.collection("w", "v", PEOPLE).clear()
        second.close()
        assert opened().collection("w", "v", PEOPLE).count() == 0

    @pytest.mark.parametrize("change", ["put", "delete", "clear", "copy_from", "drop"])
    def test_the_file_follows_behind(self, opened, path: Path, change: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(tinydb_module, "TICK", 0.01)
        store = opened()
        fill(store)
        store.flush()
        sizes: queue.Queue[int] = queue.Queue()
        write = store._file.write_tables

        def witnessed(tables: Any) -> None:
            written = {name: list(documents) for name, documents in tables}
            write(written.items())
            sizes.put(len(written.get("v/w/people", ())))

        monkeypatch.setattr(store._file, "write_tables", witnessed)
        people = store.collection("w", "v", PEOPLE)
        {
            "put": lambda: people.put(person("new")),
            "delete": lambda: people.delete("p0"),
            "clear": people.clear,
            "copy_from": lambda: people.copy_from(store.collection("w", "empty", PEOPLE)),
            "drop": lambda: store.drop("w"),
        }[change]()
        expected = {"put": 4, "delete": 2, "clear": 0, "copy_from": 0, "drop": 0}[change]
        while sizes.get(timeout=10) != expected:
            pass
        assert len(json.loads(path.read_bytes()).get("v/w/people", {})) == expected

    @pytest.mark.parametrize("why", ["killed", "trouble"])
    def test_the_file_does_not_wait_for_a_rest_when_it_is_behind(
        self, opened, path: Path, why: str, monkeypatch: pytest.MonkeyPatch
    ):
        code = f"import os; from tests.stores.test_tinydb import *; fill(TinyStore('{path}')); os._exit(9)"
        if why == "killed":
            assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
        monkeypatch.setattr(tinydb_module, "TICK", 0.05)
        monkeypatch.setattr(tinydb_module, "RETRY", 0.05)
        monkeypatch.setattr(tinydb_module, "LEAST", 10**9)
        tries: list[bool] = []
        written = threading.Event()
        write = FileStorage.write_tables

        def witnessed(file: FileStorage, tables: Any) -> None:
            tries.append(why == "killed" or len(tries) > 1)
            if not tries[-1]:
                raise OSError(28, "No space left on device")
            write(file, tables)
            written.set()

        store = opened()
        monkeypatch.setattr(FileStorage, "write_tables", witnessed)
        people = store.collection("w", "v", PEOPLE)
        if why == "trouble":
            people.put(person("p0"))
            with pytest.raises(OSError, match="No space left"):
                store.flush()
        for n in range(5000):
            people.put(person("p1", note="x" * n))
            if written.wait(0.001):
                break
        assert written.is_set()
        assert tries == ([True] if why == "killed" else [False, False, True])

    def test_a_workspace_stands_still_while_it_is_copied(self, opened, path: Path):
        store = opened()
        fill(store)
        held: list[str] = []

        @contextmanager
        def hold(workspace: str) -> Iterator[None]:
            held.append(workspace)
            yield
            held.append("released")

        store.hold_by(hold)
        store.close()
        assert held == ["w", "released"]
        assert len(json.loads(path.read_bytes())["v/w/people"]) == 3

    def test_writes_do_not_wait_for_the_disk(self, opened, monkeypatch: pytest.MonkeyPatch):
        store = opened()
        fill(store)
        waiting, written = threading.Event(), threading.Event()
        sync = os.fsync

        def slow(descriptor: int) -> None:
            waiting.set()
            assert written.wait(10)
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", slow)
        thread = threading.Thread(target=store.flush)
        thread.start()
        assert waiting.wait(10)
        store.collection("w", "v", PEOPLE).put(person("meanwhile"))
        written.set()
        thread.join()
        store.close()
        assert opened().collection("w", "v", PEOPLE).get("meanwhile") is not None

    def test_writing_while_others_change(self, opened):
        store = opened()
        people = store.collection("w", "v", PEOPLE)

        def work(start: int) -> None:
            for n in range(start, start + 300):
                people.put(person(f"p{n}"))
                store.collection(f"w{n % 7}", "v", PEOPLE).put(person(f"p{n}"))

        thread = threading.Thread(target=work, args=(0,))
        thread.start()
        while thread.is_alive():
            store.flush()
        thread.join()
        store.close()
        again = opened()
        assert again.collection("w", "v", PEOPLE).count() == 300
        assert sum(again.collection(f"w{n}", "v", PEOPLE).count() for n in range(7)) == 300


class TestFile:
    def test_its_text(self, opened, path: Path):
        store = opened()
        store.collection("w", "v", Resource("things")).put({"id": "1", "name": "Zoë"})
        store.collection("w", "v", Resource("things")).put({"id": "2"})
        keep_state(store, "w", {"ids": {"v": 2}})
        store.close()
        assert path.read_text(encoding="utf-8") == (
            "{\n"
            '"lookalike": {\n'
            '"1": {"version":1,"journal":2}\n'
            "},\n"
            '"workspaces": {\n'
            '"1": {"workspace":"w","ids":{"v":2}}\n'
            "},\n"
            '"v/w/things": {\n'
            '"1": {"id":"1","name":"Zoë"},\n'
            '"2": {"id":"2"}\n'
            "},\n"
            '"checksum": {\n'
            '"1": {"crc32":"60007ab3"}\n'
            "}\n"
            "}\n"
        )

    @pytest.mark.parametrize("piece", [2, 100, 1000, 10_000])
    def test_it_is_the_same_in_pieces_of_any_size(self, path: Path, piece: int, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(tinydb_file, "_PIECE", piece)
        tables = {
            "many": [b'{"id":"%d"}' % n for n in range(100)],
            "none": [],
            "large": [b'{"id":"%d","text":"%b"}' % (n, b"x" * 1500) for n in range(3)],
        }
        storage = FileStorage(str(path))
        storage.write_tables(tables.items())
        lines = [
            ",\n".join(f'"{number}": {text.decode()}' for number, text in enumerate(documents, 1))
            for documents in tables.values()
        ]
        written = [
            f'"{name}": {{\n{text}\n}}'.replace("{\n\n}", "{\n}") for name, text in zip(tables, lines, strict=True)
        ]
        text = "{\n" + ",\n".join(written)
        checksum = f'"checksum": {{\n"1": {{"crc32":"{crc32(text.encode()):08x}"}}\n}}'
        assert path.read_text() == f"{text},\n{checksum}\n}}\n"
        assert storage.size == path.stat().st_size
        assert list(storage.read()) == list(tables)
        assert not storage.edited

    @pytest.mark.parametrize(
        ("before", "after"), [("Zoë", "Zoe"), ('"crc32":"', '"crc32":"0'), ("\n", ""), (",", ", ")]
    )
    def test_whether_it_was_edited(self, path: Path, before: str, after: str):
        storage = FileStorage(str(path))
        assert (storage.read(), storage.edited) == (None, False)
        storage.write_tables([("things", ['{"id":"1","name":"Zoë"}'.encode()])])
        storage.read()
        assert not storage.edited
        path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
        storage.read()
        assert storage.edited

    def test_tinydb_itself_reads_and_edits_it(self, opened, path: Path):
        store = opened()
        fill(store)
        store.close()
        with TinyDB(path) as database:
            table = database.table("v/w/people")
            assert [one["id"] for one in table.all()] == ["p0", "p1", "p2"]
            table.update({"note": "edited"}, Query().id == "p1")
            table.insert(person("p9"))
        people = opened().collection("w", "v", PEOPLE)
        assert people.get("p1")["note"] == "edited"
        assert people.one("email", "p9@example.com")["id"] == "p9"

    def test_tinydb_can_use_its_storage(self, path: Path):
        with TinyDB(str(path), storage=FileStorage) as database:
            database.table("v/w/people").insert(person("a"))
        store = TinyStore(str(path))
        assert store.collection("w", "v", PEOPLE).get("a") == person("a")
        store.close()

    def test_nothing_is_left_beside_it(self, opened, path: Path):
        store = opened()
        fill(store)
        store.flush()
        names = [".state.json.lock", "state.json", "state.json.journal-2"]
        assert sorted(one.name for one in path.parent.iterdir()) == names
        store.close()
        assert [one.name for one in path.parent.iterdir()] == ["state.json"]

    def test_a_link_stays_a_link(self, tmp_path: Path, path: Path):
        link = tmp_path / "link.json"
        link.symlink_to(path)
        store = TinyStore(str(link))
        fill(store)
        store.close()
        assert link.is_symlink()
        assert "v/w/people" in json.loads(path.read_bytes())

    def test_a_tilde_is_the_home_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        open_store("tinydb:~/here.json").close()
        assert (tmp_path / "here.json").exists()

    def test_a_byte_order_mark_is_skipped(self, opened, path: Path):
        store = opened()
        fill(store)
        store.close()
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        assert opened().collection("w", "v", PEOPLE).count() == 3

    def test_an_empty_file_is_an_empty_store(self, opened, path: Path):
        path.write_text("\n")
        assert opened().workspaces() == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('{\n"a": {\n"1": {"id": }}}', r"store file .*, line 3, is not JSON: .+"),
            (b'{"v/w/people": {"1": {"id": "\xff"}}}', r"store file .*, line 1, is not JSON: .+"),
            ("[]", "store file .* is not a TinyDB file: it should hold tables of documents"),
            ('{"a": 1}', "store file .* is not a TinyDB file: .+"),
            ('{"a": {"x": {}}}', "store file .* is not a TinyDB file: .+"),
            ('{"a": {"1": []}}', "store file .* is not a TinyDB file: .+"),
            ('{"people": {"1": {}}}', "store file .* has a table 'people', which is not vendor/workspace/resource"),
            ('{"v/w/people": {"1": {}}}', "store file .*, table 'v/w/people': a document lacks its 'id'"),
            ('{"v/w/people": {"1": {"id": 1}}}', "store file .*, table 'v/w/people': a document lacks its 'id'"),
            (
                '{"v/w/people": {"1": {"id": "a"}, "2": {"id": "a"}}}',
                "store file .*, table 'v/w/people': id 'a' is there twice",
            ),
            (
                '{"v/w/people": {"1": {"id": "a"}, "2": {"id": "b"}, "2": {"id": "c"}}}',
                "store file .*, table 'v/w/people': number '2' is there twice",
            ),
            (
                '{"v/w/people": {"1": {"id": "a"}}, "v/w/people": {"1": {"id": "b"}}}',
                "store file .* has a table 'v/w/people' twice",
            ),
            (
                '{"v/w/people": {"1": {"id": "a", "born": {"on": 1, "on": 2}}}}',
                "store file .* has a document with 'on' twice",
            ),
            ('{"workspaces": {"1": {}}}', "store file .*, table 'workspaces': a document lacks its 'workspace'"),
        ],
    )
    def test_files(self, path: Path, content: str | bytes, message: str):
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(raw)
        with pytest.raises(StoreError) as caught:
            open_store(f"tinydb:{path}")
        assert re.fullmatch(message, str(caught.value))
        assert path.read_bytes() == raw
        assert [one.name for one in path.parent.iterdir()] == ["state.json"]

    @pytest.mark.parametrize(
        ("documents", "message"),
        [
            ([person("a"), person("b", email="a@example.com")], "email 'a@example.com' is there twice"),
            ([{"id": "a", "email": "a@x.example"}], "a document lacks its 'created_at'"),
            ([person("a", lists=[{}])], "a document has a field of the wrong type"),
            ([person("a"), person("b", created_at="today")], "a document has a field of the wrong type"),
        ],
    )
    def test_documents_that_do_not_fit(self, opened, path: Path, documents: list[dict[str, Any]], message: str):
        path.write_text(json.dumps({"v/w/people": {str(n): one for n, one in enumerate(documents, 1)}}))
        store = opened()
        with pytest.raises(StoreError) as caught:
            store.collection("w", "v", PEOPLE)
        assert str(caught.value) == f"store file {path}, table 'v/w/people': {message}"
        store.close()
        assert list(json.loads(path.read_bytes())["v/w/people"].values()) == documents

    def test_a_folder(self, tmp_path: Path):
        with pytest.raises(StoreError, match="is a folder: name a file in it"):
            open_store(f"tinydb:{tmp_path}")

    def test_a_folder_that_does_not_exist(self, tmp_path: Path):
        with pytest.raises(StoreError, match=r"cannot be used: No such file or directory \(.*none\)"):
            open_store(f"tinydb:{tmp_path / 'none' / 'state.json'}")

    def test_a_folder_that_is_a_file(self, tmp_path: Path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="cannot be used: Not a directory"):
            open_store(f"tinydb:{tmp_path / 'file' / 'state.json'}")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, tmp_path: Path):
        tmp_path.chmod(0o500)
        with pytest.raises(StoreError, match="cannot be used: Permission denied"):
            open_store(f"tinydb:{tmp_path / 'state.json'}")

    def test_a_second_server(self, opened, path: Path):
        first = opened()
        with pytest.raises(StoreError, match="is in use by another server"):
            open_store(f"tinydb:{path}")
        fill(first)
        first.close()
        assert opened().workspaces() == ["w"]

    def test_a_server_that_was_killed_does_not_lock(self, opened, path: Path):
        code = f"import os; from lookalike.stores import open_store; open_store('tinydb:{path}'); os._exit(9)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
        assert (path.parent / ".state.json.lock").exists()
        opened()


class TestTrouble:
    def test_a_file_that_cannot_be_written_is_told_once_and_tried_again(self, opened, path: Path, monkeypatch, caplog):
        monkeypatch.setattr(tinydb_module, "TICK", 0.001)
        monkeypatch.setattr(tinydb_module, "RETRY", 0.001)
        store = opened()
        fill(store)
        store.flush()
        before = path.read_bytes()
        tries: list[int] = []
        enough, done = threading.Event(), threading.Event()
        write = store._file.write_tables

        def broken(tables: Any) -> None:
            tries.append(1)
            if len(tries) > 3:
                enough.set()
            if not done.is_set():
                raise OSError(28, "No space left on device")
            write(tables)

        monkeypatch.setattr(store._file, "write_tables", broken)
        with caplog.at_level(logging.ERROR, "lookalike"):
            store.collection("w", "v", PEOPLE).put(person("later"))
            assert enough.wait(10)
            assert path.read_bytes() == before
            done.set()
            store.close()
        assert caplog.messages == [f"store file {path} cannot be written: No space left on device; its journal goes on"]
        assert opened().collection("w", "v", PEOPLE).get("later") is not None

    def test_at_the_end_the_journal_stands_for_a_file_that_cannot_be_written(self, opened, path: Path, caplog):
        store = opened()
        fill(store)
        store._file._draft = str(path.parent / "gone" / "draft")
        with caplog.at_level(logging.ERROR, "lookalike"):
            store.close()
        assert caplog.messages[-1] == (
            f"store file {path} cannot be written: No such file or directory; its journal holds what is new"
        )
        assert opened().collection("w", "v", PEOPLE).count() == 3

    def test_a_draft_that_cannot_be_finished_is_removed(self, opened, path: Path, monkeypatch: pytest.MonkeyPatch):
        store = opened()
        fill(store)
        store.flush()
        before = path.read_bytes()
        store.collection("w", "v", PEOPLE).put(person("later"))
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(OSError, match="Input/output"):
            store.flush()
        assert path.read_bytes() == before
        assert not (path.parent / ".state.json.new").exists()
        monkeypatch.undo()

    def test_a_draft_that_a_killed_server_left_is_removed(self, opened, path: Path):
        draft = path.parent / ".state.json.new"
        draft.write_text("{")
        opened()
        assert not draft.exists()


@pytest.mark.parametrize(
    "state",
    [
        {"clock": 5},
        {"clock": {"shift": "x"}},
        {"clock": {"shift": 1e18}},
        {"clock": {"at": 1e18}},
        {"clock": {"at": -1}},
        {"ids": []},
        {"ids": {"autosend": "x"}},
        {"lag": "x"},
    ],
)
def test_a_state_that_makes_no_sense(path: Path, state: dict[str, object]):
    content = json.dumps({"workspaces": {"1": {"workspace": "w", **state}}})
    path.write_text(content)
    says = r"^store 'tinydb:.*' holds a state of workspace 'w' that makes no sense: mend or delete it$"
    with pytest.raises(StoreError, match=says):
        Sandbox(Settings.model_validate({"store": f"tinydb:{path}", "vendor": ("autosend",)}))
    assert path.read_text() == content


def test_a_password_is_not_told(monkeypatch: pytest.MonkeyPatch):
    store = MemoryStore()
    monkeypatch.setattr(store, "workspaces", lambda: ["w"])
    monkeypatch.setattr(store, "load_state", lambda _name: {"clock": 5})
    monkeypatch.setattr(sandbox_module, "open_store", lambda _url: store)
    with pytest.raises(StoreError, match=r"^store 'redis://127\.0\.0\.1/0' holds a state "):
        Sandbox(Settings.model_validate({"store": "redis://me:secret@127.0.0.1/0", "vendor": ("autosend",)}))
