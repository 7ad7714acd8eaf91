"""Several servers, one Redis (or a cluster): what one writes the others have, and nobody writes over another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from lookalike.clock import Clock
from lookalike.stores import Conflict, Store, StoreError, Unwritable, open_store
from lookalike.stores.shared import link, replica
from lookalike.stores.shared import store as stores
from lookalike.workspace import Workspace
from scripts.redis import missing
from tests.lacking import lacking
from tests.stores.conftest import PEOPLE, person
from tests.stores.states import keep_state
from tests.support import Client


@pytest.fixture(params=["redis_url", "cluster_url"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def two(url: str) -> Iterator[tuple[Store, Store]]:
    first, second = open_store(url), open_store(url)
    yield first, second
    first.close()
    second.close()


def ids(store: Store, workspace: str = "w", vendor: str = "v") -> list[str]:
    return [document["id"] for document in store.collection(workspace, vendor, PEOPLE).scan("newest")]


def contents(store: Store, workspace: str = "w", vendor: str = "v") -> list[dict[str, object]]:
    return dict((resource.name, documents) for resource, documents in store.contents(workspace, vendor))["people"]


def test_what_one_writes_the_other_has_once_it_looks(two: tuple[Store, Store]):
    first, second = two
    mine, yours = (store.collection("w", "v", PEOPLE) for store in two)
    mine.put(person("a", lists=["l"]))
    mine.put(person("b"))
    assert yours.count() == 0
    assert second.sync("w", "other") == ["w"]
    assert second.sync("w", "other") == []
    assert contents(second) == [person("a", lists=["l"]), person("b")]
    assert yours.one("email", "a@example.com") == person("a", lists=["l"])
    yours.put(person("a", email="new@example.com"))
    yours.delete("b")
    assert first.sync("w") == ["w"]
    assert contents(first) == [person("a", email="new@example.com")]
    assert mine.ids("lists", "l") == []
    mine.clear()
    second.sync("w")
    assert yours.count() == 0


def test_many_at_once_arrive_too(two: tuple[Store, Store]):
    mine, yours = (store.collection("w", "v", PEOPLE) for store in two)
    mine.extend([person("a", lists=["l"]), person("b"), person("c")])
    mine.amend([(one, {**one, "lists": ["m"]}) for one in mine.get_many("ab")])
    two[1].sync("w")
    assert contents(two[1]) == [person("a", lists=["m"]), person("b", lists=["m"]), person("c")]
    assert (yours.ids("lists", "l"), yours.ids("lists", "m")) == ([], ["a", "b"])


def test_documents_that_nobody_asked_for_wait_and_follow(two: tuple[Store, Store]):
    first, second = two
    mine = first.collection("w", "v", PEOPLE)
    for id in "abc":
        mine.put(person(id))
    second.sync("w")
    mine.delete("b")
    mine.put(person("c", email="c2@example.com"))
    second.sync("w")
    assert second.collection("w", "v", PEOPLE).get_many("abc") == [person("a"), person("c", email="c2@example.com")]


def test_who_comes_late_reads_it_all_in_the_order_of_writing(url: str, two: tuple[Store, Store]):
    mine = two[0].collection("w", "v", PEOPLE)
    for id in ("c", "a", "b"):
        mine.put(person(id))
    mine.put(person("c", lists=["x"]))
    late = open_store(url)
    late.sync("w")
    assert ids(late) == ["a", "b", "c"]
    late.collection("w", "v", PEOPLE)
    assert [document["id"] for document in contents(late)] == ["c", "a", "b"]
    late.close()


def test_who_missed_more_than_redis_keeps_reads_it_all(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replica, "UNITS_KEPT", 3)
    mine, yours = (store.collection("w", "v", PEOPLE) for store in two)
    mine.put(person("gone"))
    two[1].sync("w")
    mine.delete("gone")
    for number in range(5):
        mine.put(person(f"p{number}"))
    assert two[1].sync("w") == ["w"]
    assert yours.count() == 5
    assert yours.get("gone") is None


def test_what_others_drop_goes_whether_held_or_not(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
    first, second = two
    for vendor in ("held", "waiting"):
        first.collection("w", vendor, PEOPLE).put(person("a"))
    second.sync("w")
    second.collection("w", "held", PEOPLE)
    for vendor in ("held", "waiting"):
        first.drop("w", vendor)
    second.sync("w")
    assert [ids(second, vendor=vendor) for vendor in ("held", "waiting")] == [[], []]
    first.collection("w", "held", PEOPLE).put(person("b"))
    second.sync("w")
    monkeypatch.setattr(replica, "UNITS_KEPT", 1)
    first.drop("w", "held")
    for id in "cd":
        first.collection("w", "other", PEOPLE).put(person(id))
    second.sync("w")
    assert (ids(second, vendor="held"), ids(second, vendor="other")) == ([], ["c", "d"])


def test_more_than_nine_come_in_their_order(two: tuple[Store, Store]):
    names = [f"p{number:02}" for number in range(12, 0, -1)]
    for id in names:
        two[0].collection("w", "v", PEOPLE).put(person(id))
    two[1].sync("w")
    two[1].collection("w", "v", PEOPLE)
    assert [document["id"] for document in contents(two[1])] == names


class TestUnits:
    def test_a_unit_is_seen_whole_or_not_at_all(self, two: tuple[Store, Store]):
        first, second = two
        unit = first.begin("w")
        assert unit is not None
        first.collection("w", "v", PEOPLE).put(person("a"))
        first.collection("w", "v", PEOPLE).put(person("b"))
        assert second.sync("w") == []
        unit.commit({"clock": 1})
        second.sync("w")
        assert (ids(second), second.load_state("w")) == (["a", "b"], {"clock": 1})

    def test_who_writes_second_without_the_lock_has_to_do_it_again(self, two: tuple[Store, Store]):
        first, second = two
        mine, yours = first.begin("w", alone=False), second.begin("w", alone=False)
        assert mine is not None
        assert yours is not None
        first.collection("w", "v", PEOPLE).put(person("a"))
        second.collection("w", "v", PEOPLE).put(person("x", email="a@example.com"))
        mine.commit(None)
        with pytest.raises(Conflict):
            yours.commit(None)
        yours.undo()
        assert ids(second) == []
        assert second.sync("w") == ["w"]
        assert ids(second) == ["a"]

    def test_who_only_reads_never_has_to(self, two: tuple[Store, Store]):
        first, second = two
        yours = second.begin("w", alone=False)
        assert yours is not None
        first.collection("w", "v", PEOPLE).put(person("a"))
        yours.commit(None)

    def test_the_lock_is_given_back_at_the_end(self, two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
        def pause() -> None:
            pytest.fail("somebody has the lock")

        monkeypatch.setattr(stores, "pause", pause)
        for number, store in enumerate((*two, *two)):
            unit = store.begin("w")
            if number % 2:
                store.collection("w", "v", PEOPLE).put(person(f"p{number}"))
            unit.commit(None)
            two[1].collection("w", "v", PEOPLE).put(person(f"q{number}"))
        two[0].sync("w")
        assert sorted(ids(two[0])) == ["p1", "p3", "q0", "q1", "q2", "q3"]

    def test_the_lock_keeps_others_waiting(self, two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
        first, second = two
        mine = first.begin("w")
        assert mine is not None
        turns = []

        def pause() -> None:
            turns.append(1)
            if len(turns) == 3:
                first.collection("w", "v", PEOPLE).put(person("a"))
                mine.commit(None)

        monkeypatch.setattr(stores, "pause", pause)
        yours = second.begin("w")
        assert yours is not None
        assert (len(turns), yours.news, ids(second)) == (3, True, ["a"])
        yours.commit(None)
        mine = first.begin("w")  # it was given back, though nothing was written
        assert mine is not None
        mine.commit(None)

    def test_nobody_writes_past_the_lock(self, two: tuple[Store, Store]):
        first, second = two
        mine = first.begin("w")
        yours = second.begin("w", alone=False)
        assert mine is not None
        assert yours is not None
        second.collection("w", "v", PEOPLE).put(person("x"))
        with pytest.raises(Conflict):
            yours.commit(None)
        yours.undo()
        mine.commit(None)

    def test_who_cannot_take_in_what_is_new_does_not_keep_the_lock(
        self, two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
    ):
        def read(*_: object) -> None:
            raise link.Unreachable("It takes too long.")

        first, second = two
        second.collection("w", "v", PEOPLE).put(person("a"))
        monkeypatch.setattr(replica, "LOCK_SECONDS", 600.0)
        monkeypatch.setattr(stores, "PATIENCE", 0.0)
        with monkeypatch.context() as while_slow:
            while_slow.setattr(first.link, "read", read)
            with pytest.raises(Unwritable, match=r"^It takes too long\.$"):
                first.begin("w")
        second.begin("w").commit(None)
        first.begin("w").commit(None)
        assert ids(first) == ["a"]

    def test_a_workspace_that_cannot_follow_what_is_new_does_not_keep_the_lock(
        self, two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
    ):
        first, second = two
        workspace = Workspace("w", first, {}, 0, Clock())
        with workspace.unit():
            pass
        keep_state(second, "w", {"seed": "none"})
        monkeypatch.setattr(replica, "LOCK_SECONDS", 600.0)
        monkeypatch.setattr(stores, "PATIENCE", 0.0)
        with pytest.raises(ValueError, match="none"), workspace.unit():
            pytest.fail("it began")
        keep_state(second, "w", {"seed": 7})
        with workspace.unit():
            assert workspace.seed == 7

    def test_a_unit_that_takes_long_keeps_its_lock(self, url: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(stores, "TICK", 0.001)
        monkeypatch.setattr(replica, "LOCK_SECONDS", 600.0)
        store = open_store(url)
        mine = store.begin("w")
        ours, lock, stayed = store._replica("w"), "lookalike:{w}:lock", threading.Event()
        token, stay = ours.token, ours.stay
        store.link("PEXPIRE", lock, 300_000)  # half of it is over

        def noticed(token: str) -> None:
            stay(token)
            stayed.set()

        monkeypatch.setattr(ours, "stay", noticed)
        assert stayed.wait(10)
        assert store.link("PTTL", lock) > 500_000
        mine.commit(None)
        ours.stay(token)
        assert store.link("EXISTS", lock) == 0
        store.close()

    def test_a_lock_that_ran_out_is_noticed(self, two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
        first, second = two
        monkeypatch.setattr(replica, "LOCK_SECONDS", 0.001)
        mine = first.begin("w")
        assert mine is not None
        first.collection("w", "v", PEOPLE).put(person("a"))
        yours = second.begin("w")
        assert yours is not None
        second.collection("w", "v", PEOPLE).put(person("b"))
        monkeypatch.setattr(replica, "LOCK_SECONDS", 1.5)
        with pytest.raises(Unwritable) as refused:
            mine.commit(None)
        assert refused.value.kind == "unavailable"
        mine.undo()
        assert ids(first) == []


def test_a_dropped_workspace_is_gone_for_all(two: tuple[Store, Store]):
    first, second = two
    for vendor in ("v", "v2"):
        first.collection("w", vendor, PEOPLE).put(person("a"))
    keep_state(first, "w", {"clock": 1})
    second.sync("w")
    assert ids(second) == ["a"]
    first.drop("w", "v")
    second.sync("w")
    assert (ids(second), ids(second, vendor="v2"), second.load_state("w")) == ([], ["a"], {"clock": 1})
    unit = first.begin("w")
    assert unit is not None
    first.drop("w")
    unit.commit(None)
    second.sync("w")
    assert (ids(second, vendor="v2"), second.load_state("w"), second.workspaces()) == ([], {}, [])
    second.collection("w", "v", PEOPLE).put(person("z"))
    first.sync("w")
    assert (ids(first), first.workspaces()) == (["z"], ["w"])
    second.drop("w")
    second.collection("w", "v", PEOPLE).put(person("y"))
    first.sync("w")
    assert (ids(first), first.workspaces()) == (["y"], ["w"])


def _expiring(store: Store, workspace: str) -> set[str]:
    """Of the keys of a workspace, those that Redis forgets some day."""
    prefix = f"lookalike:{{{workspace}}}:"
    names = ("version", "units", "state", "places", "counter", "documents:v/people")
    return {name for name in names if store.link("TTL", prefix + name) >= 0}  # type: ignore[attr-defined]


def test_what_was_dropped_is_forgotten_some_day_and_nothing_else(two: tuple[Store, Store]):
    first, second = two
    first.collection("w", "v", PEOPLE).put(person("a"))
    first.drop("w")
    assert _expiring(first, "w") == {"version", "units"}
    for id in "cb":
        first.collection("w", "v", PEOPLE).put(person(id))
    unit = first.begin("copy")
    first.copy("w", "copy")
    unit.commit(None)
    assert _expiring(first, "w") <= {"units"}  # without these, whoever comes late reads it all
    assert _expiring(first, "copy") == set()
    assert second.workspaces() == ["copy", "w"]
    second.sync("w", "copy")
    for workspace in ("w", "copy"):
        second.collection(workspace, "v", PEOPLE)
        assert [document["id"] for document in contents(second, workspace)] == ["c", "b"]


def test_vendors_with_like_names_are_dropped_apart(two: tuple[Store, Store]):
    first, second = two
    for vendor in ("v", "vv"):
        first.collection("w", vendor, PEOPLE).put(person("a"))
    first.drop("w", "v")
    second.sync("w")
    assert (ids(second), ids(second, vendor="vv")) == ([], ["a"])


def test_one_server_sends_a_workspaces_webhooks(two: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
    first, second = two
    assert [first.may_send("w"), second.may_send("w"), first.may_send("w"), second.may_send("other")] == [
        True,
        False,
        True,
        True,
    ]
    second.sends_no_more("w")
    assert not second.may_send("w")
    first.sends_no_more("w")
    assert second.may_send("w")


class TestTrouble:
    @pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://:secret@127.0.0.1:1/0"])
    def test_no_redis_at_start_is_one_sentence_without_the_password(self, url: str):
        with pytest.raises(StoreError) as refused:
            open_store(url)
        assert str(refused.value).startswith("store redis://127.0.0.1:1/0 cannot be used: ")
        assert "secret" not in str(refused.value)

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ("x", "cannot be used: database 'x' is no number, as 0 is"),
            ("0/1", "cannot be used: database '0/1' is no number, as 0 is"),
            ("99", "cannot be used: DB index is out of range"),
            ("0?nope=3", "has an option that is none: .*'nope'"),
        ],
    )
    def test_a_url_that_names_no_database(self, redis_url: str, more: str, says: str):
        with pytest.raises(StoreError, match=f"^store {redis_url[:-1]}[^ ]+ {says}$"):
            open_store(redis_url[:-1] + more)

    def test_a_redis_that_wants_a_password(self, tmp_path: Path):
        from tests.redis_servers import redis_server

        reason = missing()
        if reason is not None:
            lacking(reason)
        with redis_server(tmp_path) as port:
            with Redis(port=port) as client:
                client.config_set("requirepass", "secret")
            with pytest.raises(StoreError) as refused:
                open_store(f"redis://127.0.0.1:{port}/0")
            assert str(refused.value) == (
                f"store redis://127.0.0.1:{port}/0 cannot be used: it wants a password: redis://:PASSWORD@HOST:PORT/DB"
            )
            open_store(f"redis://:secret@127.0.0.1:{port}/0").close()

    def test_what_is_written_while_redis_is_away_is_undone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        from tests.redis_servers import redis_server

        reason = missing()
        if reason is not None:
            lacking(reason)
        monkeypatch.setattr(link, "QUIET", 0.0)
        with redis_server(tmp_path) as port:
            store = open_store(f"redis://127.0.0.1:{port}/0")
            people = store.collection("w", "v", PEOPLE)
            people.put(person("a"))
            assert store.trouble is None
        with pytest.raises(Unwritable) as refused:
            people.put(person("b"))
        assert refused.value.sentence.startswith(f"The store redis://127.0.0.1:{port}/0 cannot be reached: ")
        assert (refused.value.kind, store.trouble, ids(store)) == ("unavailable", refused.value.sentence, ["a"])
        with redis_server(tmp_path, port=port):
            store.sync("w")
            assert store.trouble is None
            store.collection("w", "v", PEOPLE).put(person("c"))
        store.close()

    def test_a_cluster_of_which_no_node_is_left_is_unreachable_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        from tests.redis_servers import redis_cluster

        reason = missing()
        if reason is not None:
            lacking(reason)
        monkeypatch.setattr(link, "QUIET", 0.0)
        with redis_cluster(tmp_path) as ports:
            store = open_store(f"redis://127.0.0.1:{ports[0]}/0")
            people = store.collection("w", "v", PEOPLE)
            people.put(person("a"))
        for id in "bcd":  # the client itself says it in another way once it has looked at all nodes
            with pytest.raises(Unwritable, match=rf"^The store redis://127\.0\.0\.1:{ports[0]}/0 cannot be reached: "):
                people.put(person(id))
            assert ids(store) == ["a"]
        with pytest.raises(Unwritable):
            store.sync("w")
        store.close()


@pytest.mark.parametrize("vendor", ["autosend", "opensend"])
def test_a_server_without_redis_says_so_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str):
    from tests.redis_servers import redis_server

    reason = missing()
    if reason is not None:
        lacking(reason)
    monkeypatch.setattr(link, "QUIET", 0.0)
    path = {"autosend": "/v1/contacts", "opensend": "/contacts"}[vendor]
    with redis_server(tmp_path) as port:
        client = Client(vendor, settings={"store": f"redis://127.0.0.1:{port}/0"})
        client.sandbox.prepare()
        assert client.control("GET", "/health").status == 200
        assert client.post(path, {"email": "ann@example.com"}).status < 300
    refused = client.post(path, {"email": "bob@example.com"})
    assert refused.status == 503
    assert refused.json == client.get(path, headers={"X-Lookalike-Fault": "unavailable"}).json
    health = client.control("GET", "/health")
    assert (health.status, "cannot be reached" in health.json["error"]) == (503, True)
    with redis_server(tmp_path, port=port):
        assert client.post(path, {"email": "bob@example.com"}).status < 300
        assert client.control("GET", "/health").status == 200
        client.sandbox.close()


def test_an_undone_unit_is_over_and_gives_the_lock_back(two: tuple[Store, Store]):
    first, second = two
    mine = first.begin("w")
    first.collection("w", "v", PEOPLE).put(person("gone"))
    mine.undo()
    yours = second.begin("w")
    second.collection("w", "v", PEOPLE).put(person("b"))
    yours.commit(None)
    first.sync("w")
    first.collection("w", "v", PEOPLE).put(person("c"))  # a unit by itself, which is kept
    second.sync("w")
    assert ids(second) == ["b", "c"]


def test_a_lag_that_one_server_was_told_holds_for_workspaces_that_another_makes(url: str):
    first, second = (Client("autosend", settings={"store": url}) for _ in range(2))
    assert first.control("PUT", "/lag", {"lag": "10m"}).status == 200
    second.control("POST", "/workspaces", {"name": "late"})
    assert first.control("GET", "/lag").json == {"lag": 600.0, "workspaces": {"late": 600.0}}
    first.control("POST", "/reset", {})
    assert second.control("GET", "/lag").json["lag"] == 0.0
    first.sandbox.close()
    second.sandbox.close()
