"""What every store's collections do."""

from __future__ import annotations

import orjson
import pytest

from lookalike.stores import (
    Collection,
    Duplicate,
    Found,
    Order,
    Page,
    Resource,
    Store,
    StoreError,
    View,
    memory_collection,
    open_store,
    showing,
)
from lookalike.stores.memory import MemoryStore
from tests.stores.conftest import PEOPLE, person
from tests.stores.states import keep_state


@pytest.fixture
def people(store: Store) -> Collection:
    return store.collection("w", "v", PEOPLE)


def ids(documents: list[dict[str, object]]) -> list[object]:
    return [document["id"] for document in documents]


class TestOne:
    def test_put_and_get(self, people: Collection):
        people.put(person("a", lists=["l1"]))
        assert people.get("a") == {"id": "a", "email": "a@example.com", "created_at": 0, "lists": ["l1"]}
        assert people.get("b") is None
        assert people.count() == 1

    def test_put_replaces(self, people: Collection):
        people.put(person("a", note="old"))
        people.put(person("a", name="new"))
        assert people.get("a") == person("a", name="new")
        assert people.count() == 1

    def test_many_at_once(self, people: Collection):
        people.put(person("a", lists=["l1"], user_id="u1"))
        given = [
            person("c", lists=["l1", "l2"], created_at=5, user_id="u2"),
            person("a", note="its id is taken"),
            person("b", created_at=7, user_id="u2", note="the user id is taken by one before"),
            person("d", email="a@example.com", note="the address is taken"),
            person("e", lists=["l1"], created_at=1),
            person("c", created_at=9, email="other@example.com", note="its id is taken by one before"),
        ]
        assert people.extend(given) == [given[0], given[4]]
        assert [one["id"] for one in people.page("newest", limit=9).documents] == ["a", "e", "c"]
        assert people.ids("lists", "l1") == ["a", "c", "e"]
        assert people.page("in_list", within="l1", limit=1, descending=True).documents == [given[0]]
        assert people.one("email", "c@example.com") == people.one("user_id", "u2") == given[0]
        assert (people.count(), people.count("domain", "example.com"), people.extend([])) == (3, 3, [])

    def test_whether_a_value_is_known(self, people: Collection):
        people.extend([person("a", lists=["l1", "l1"]), person("b", lists=["l2"]), person("c", lists=["l1", "l3"])])
        assert people.ids("lists", "l1") == ["a", "c"]
        assert people.knows("lists", ["l4", "l3"])
        assert not people.knows("lists", {"l4", "l5"})
        assert not people.knows("lists", [])
        people.delete("c")
        assert not people.knows("lists", ["l3"])
        assert (people.ids("lists", "l1"), people.count("lists", "l1")) == (["a"], 1)

    def test_many_at_once_that_lack_a_field_change_nothing(self, people: Collection):
        with pytest.raises(KeyError):
            people.extend([person("a"), {"id": "b", "email": "b@example.com"}])
        assert (people.count(), people.one("email", "a@example.com"), list(people.scan())) == (0, None, [])

    def test_every_change_is_counted(self, people: Collection):
        source = MemoryStore().collection("a", "b", PEOPLE)
        source.put(person("z"))
        one = person("a")
        seen = [people.version]
        for change in (
            lambda: people.put(one),
            lambda: people.put(one),
            lambda: people.extend([person("b")]),
            lambda: people.amend([(one, person("a", lists=["l"]))]),
            lambda: people.delete("a"),
            lambda: people.copy_from(source),
            people.clear,
        ):
            change()
            seen.append(people.version)
        assert seen == sorted(set(seen))

    def test_many_replaced_at_once(self, people: Collection):
        before = [person("a", lists=["l1"]), person("b", created_at=1, lists=["l1", "l2"]), person("c", created_at=2)]
        people.extend(before)
        after = [person("a", lists=["l2"]), person("b", created_at=9, lists=["l2"]), person("c", created_at=2, note="")]
        people.amend(list(zip(before, after, strict=True)))
        assert list(people.scan()) == after
        assert [ids(people.page("in_list", within=name, limit=9).documents) for name in ("l1", "l2")] == [
            [],
            ["a", "b"],
        ]
        assert ids(people.page("newest", limit=9).documents) == ["a", "c", "b"]
        assert (people.ids("lists", "l1"), people.ids("lists", "l2")) == ([], ["b", "a"])

    def test_every_kind_of_value_lasts(self, people: Collection):
        values = {
            "text": 'naïve 漢字 🙂 \u2028 "quoted" \\',
            "numbers": [0, -1, 2**53, 1.5, -0.25],
            "truth": [True, False, None],
            "deep": {"a": [{"b": {"": [[], {}]}}]},
        }
        people.put(person("ü/ 1", **values))
        assert people.get("ü/ 1") == person("ü/ 1", **values)

    def test_what_goes_in_is_copied(self, people: Collection):
        given = person("a", tags={"x": [1]})
        people.put(given)
        given["tags"]["x"].append(2)
        given["email"] = "other@example.com"
        assert people.get("a") == person("a", tags={"x": [1]})

    @pytest.mark.parametrize("read", ["get", "get_many", "one", "find", "page", "scan"])
    def test_what_comes_out_is_a_copy(self, people: Collection, read: str):
        people.put(person("a", lists=["l1"], tags=[1]))
        found = {
            "get": lambda: people.get("a"),
            "get_many": lambda: people.get_many(["a"])[0],
            "one": lambda: people.one("email", "a@example.com"),
            "find": lambda: people.find("lists", "l1")[0],
            "page": lambda: people.page(limit=1).documents[0],
            "scan": lambda: next(people.scan()),
        }[read]()
        assert found == person("a", lists=["l1"], tags=[1])
        found["tags"].append(2)
        found["lists"].clear()
        assert people.get("a") == person("a", lists=["l1"], tags=[1])
        assert people.count("lists", "l1") == 1

    def test_get_many_keeps_the_order_asked_for(self, people: Collection):
        for id in "abc":
            people.put(person(id))
        assert ids(people.get_many(["c", "x", "a", "c"])) == ["c", "a", "c"]

    def test_delete(self, people: Collection):
        people.put(person("a", lists=["l1"]))
        people.put(person("b", lists=["l1"]))
        assert people.delete("a") is True
        assert people.delete("a") is False
        assert people.get("a") is None
        assert people.count() == 1
        assert people.one("email", "a@example.com") is None
        assert people.ids("lists", "l1") == ["b"]
        assert ids(people.page("in_list", within="l1", limit=9).documents) == ["b"]

    def test_clear(self, people: Collection):
        people.put(person("a", lists=["l1"]))
        people.clear()
        assert people.count() == 0
        assert people.page(limit=9).documents == []
        people.put(person("b", email="a@example.com"))
        assert ids(people.page(limit=9).documents) == ["b"]


class TestUnique:
    def test_a_taken_value_is_refused_and_nothing_written(self, people: Collection):
        people.put(person("a", lists=["l1"]))
        with pytest.raises(Duplicate) as caught:
            people.put(person("b", email="a@example.com", lists=["l1"]))
        assert (caught.value.field, caught.value.value) == ("email", "a@example.com")
        assert people.get("b") is None
        assert people.ids("lists", "l1") == ["a"]
        assert people.page(limit=9).total == 1

    def test_a_refused_change_leaves_the_document(self, people: Collection):
        people.put(person("a"))
        people.put(person("b"))
        with pytest.raises(Duplicate):
            people.put(person("b", email="a@example.com", created_at=7))
        assert people.get("b") == person("b")
        assert people.one("email", "b@example.com") == person("b")

    def test_a_document_keeps_its_own_value(self, people: Collection):
        people.put(person("a"))
        people.put(person("a", created_at=1))
        assert people.one("email", "a@example.com") == person("a", created_at=1)

    def test_a_value_is_free_again(self, people: Collection):
        people.put(person("a"))
        people.put(person("a", email="new@example.com"))
        people.put(person("b", email="a@example.com"))
        people.delete("a")
        people.put(person("c", email="new@example.com"))
        assert people.one("email", "new@example.com")["id"] == "c"

    def test_null_and_missing_may_repeat(self, people: Collection):
        people.put(person("a", user_id=None))
        people.put(person("b"))
        people.put(person("c", user_id=None))
        assert people.count() == 3
        people.put(person("b", user_id="u"))
        people.put(person("b"))
        people.put(person("c", user_id="u"))
        assert people.one("user_id", "u")["id"] == "c"


class TestIndexes:
    def test_members_of_a_list_and_keys(self, people: Collection):
        people.put(person("a", lists=["l1", "l2", "l1"]))
        people.put(person("b", lists=["l2"], email="b@example.org"))
        assert people.ids("lists", "l1") == ["a"]
        assert people.ids("lists", "l2") == ["a", "b"]
        assert people.find("lists", "l2") == [people.get("a"), people.get("b")]
        assert people.find("domain", "example.org") == [people.get("b")]
        assert people.one("domain", "example.org") == people.get("b")
        assert people.one("lists", "l3") is None
        assert [people.count("lists", value) for value in ("l1", "l2", "l3")] == [1, 2, 0]

    def test_a_change_moves_a_document(self, people: Collection):
        people.put(person("a", lists=["l1", "l2"]))
        people.put(person("a", lists=["l2", "l3"], email="a@example.org"))
        assert [people.ids("lists", value) for value in ("l1", "l2", "l3")] == [[], ["a"], ["a"]]
        assert [people.ids("domain", value) for value in ("example.com", "example.org")] == [[], ["a"]]

    @pytest.mark.parametrize("verb", ["find", "ids", "count", "one"])
    def test_an_index_that_is_not_declared(self, people: Collection, verb: str):
        with pytest.raises(LookupError, match="people declares no index 'city'"):
            getattr(people, verb)("city", "Oslo")

    def test_an_order_that_is_not_declared(self, people: Collection):
        with pytest.raises(LookupError, match="people declares no order 'oldest'"):
            people.page("oldest", limit=1)

    def test_a_document_without_an_order_field_changes_nothing(self, people: Collection):
        people.put(person("a", lists=["l1"]))
        with pytest.raises(KeyError):
            people.put({"id": "b", "email": "b@example.com", "lists": ["l1"]})
        with pytest.raises(KeyError):
            people.put({"id": "a", "email": "c@example.com", "lists": []})
        assert people.get("b") is None
        assert people.get("a") == person("a", lists=["l1"])
        assert people.one("email", "c@example.com") is None
        assert people.ids("lists", "l1") == ["a"]


class TestPages:
    @pytest.fixture
    def many(self, people: Collection) -> Collection:
        for n in range(25):
            people.put(person(f"p{n:02}", created_at=n // 2, lists=["even" if n % 2 == 0 else "odd"]))
        return people

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize(("order", "within"), [("id", None), ("newest", None), ("in_list", "even")])
    @pytest.mark.parametrize("limit", [1, 7, 25, 100])
    @pytest.mark.parametrize("step", ["after", "offset", "before"])
    def test_to_the_end(self, many: Collection, order: str, within: str | None, descending: bool, limit: int, step):
        whole = list(many.scan(order, within=within, descending=descending))
        by = () if order == "id" else ("created_at",)
        seen: list[dict[str, object]] = []
        more: dict[str, object] = {}
        while True:
            page = many.page(order, within=within, descending=descending, limit=limit, **more)
            assert page.total == len(whole)
            if step == "before" and more:
                seen = page.documents + seen
            elif step == "before":  # the end is where reading backwards begins
                page = many.page(order, within=within, descending=not descending, limit=limit)
                seen = page.documents[::-1]
            else:
                seen += page.documents
            if not page.has_more:
                break
            edge = seen[0] if step == "before" else seen[-1]
            more = {"offset": len(seen)} if step == "offset" else {step: (*(edge[field] for field in by), edge["id"])}
        assert seen == whole
        assert len(seen) == (13 if within else 25)

    def test_orders(self, many: Collection):
        assert ids(many.page("newest", limit=3, descending=True).documents) == ["p24", "p23", "p22"]
        assert ids(many.page("in_list", within="odd", limit=2).documents) == ["p01", "p03"]
        assert many.page("in_list", within="none", limit=2).total == 0

    def test_a_key_need_not_exist(self, many: Collection):
        assert ids(many.page(after=("p03x",), limit=2).documents) == ["p04", "p05"]
        assert ids(many.page(after=("p03x",), limit=2, descending=True).documents) == ["p03", "p02"]
        assert ids(many.page(before=("p03x",), limit=2).documents) == ["p02", "p03"]
        assert ids(many.page(before=("p03x",), limit=2, descending=True).documents) == ["p05", "p04"]
        assert ids(many.page("newest", after=(3,), limit=2).documents) == ["p06", "p07"]

    def test_between_two_keys(self, many: Collection):
        page = many.page(after=("p03",), before=("p06",), limit=9)
        assert (ids(page.documents), page.has_more, page.total) == (["p04", "p05"], False, 25)

    @pytest.mark.parametrize("descending", [False, True])
    def test_past_the_end(self, many: Collection, descending: bool):
        page = many.page(limit=5, offset=25, descending=descending)
        assert (page.documents, page.has_more, page.total) == ([], False, 25)
        page = many.page(limit=5, after=("a",) if descending else ("z",), descending=descending)
        assert (page.documents, page.has_more) == ([], False)

    def test_an_empty_collection(self, people: Collection):
        page = people.page(limit=5, after=("a",))
        assert (page.documents, page.has_more, page.total) == ([], False, 0)
        assert list(people.scan()) == []
        assert people.position("id", ("a",)) == 0

    def test_writes_between_pages_neither_repeat_nor_lose(self, many: Collection):
        first = many.page(limit=5)
        assert ids(first.documents) == ["p00", "p01", "p02", "p03", "p04"]
        many.put(person("p00a"))
        many.delete("p04")
        many.delete("p05")
        many.put(person("p06a"))
        second = many.page(limit=5, after=("p04",))
        assert ids(first.documents) == ["p00", "p01", "p02", "p03", "p04"]
        assert ids(second.documents) == ["p06", "p06a", "p07", "p08", "p09"]

    def test_ids_without_documents(self, many: Collection):
        for order, within, descending in (
            ("id", None, False),
            ("newest", None, True),
            ("in_list", "even", True),
            ("by_domain", "example.com", False),
        ):
            page = many.page(order, within=within, limit=7, descending=descending)
            assert page.ids == ids(page.documents)
            assert len(page.ids) == 7
        many.delete("p00")
        documents = many.page(limit=3).documents
        assert Page(Found(documents, "w"), False, 3).ids == ["p01", "p02", "p03"]

    def test_writes_during_a_scan(self, many: Collection):
        seen = []
        for document in many.scan():
            seen.append(document["id"])
            many.delete(str(document["id"]))
        assert len(seen) == 25
        assert many.count() == 0

    def test_a_change_moves_a_document_in_its_orders(self, many: Collection):
        many.put(person("p00", created_at=99, lists=["odd"]))
        assert ids(many.page("newest", limit=1, descending=True).documents) == ["p00"]
        assert ids(many.page("in_list", within="odd", limit=1, descending=True).documents) == ["p00"]
        assert ids(many.page("in_list", within="even", limit=1).documents) == ["p02"]

    def test_position(self, many: Collection):
        assert many.position("id", ("p07",)) == 7
        assert many.position("in_list", (3, ""), within="odd") == 3
        assert many.position("in_list", (3, ""), within="none") == 0

    def test_partitions_by_function(self, many: Collection):
        many.put(person("z", email="z@example.org"))
        assert ids(many.page("by_domain", within="example.org", limit=5).documents) == ["z"]


class TestCopies:
    def test_a_copy_is_the_same_and_its_own(self, store: Store, people: Collection):
        for n in range(5):
            people.put(person(f"p{n}", created_at=-n, lists=["l"]))
        other = store.collection("w2", "v", PEOPLE)
        other.put(person("old"))
        other.copy_from(people)
        for order in ("id", "newest", "in_list"):
            within = "l" if order == "in_list" else None
            assert list(other.scan(order, within=within)) == list(people.scan(order, within=within))
        with pytest.raises(Duplicate):
            other.put(person("x", email="p0@example.com"))
        other.delete("p0")
        other.put(person("p1", lists=[]))
        people.put(person("p9", lists=["l"]))
        assert people.ids("lists", "l") == ["p0", "p1", "p2", "p3", "p4", "p9"]
        assert other.ids("lists", "l") == ["p2", "p3", "p4"]
        assert (people.count(), other.count()) == (6, 4)

    def test_lists_show_the_copys_own(self):
        view = View("number", lambda document, _workspace: {"id": document["id"], "number": document["number"]})
        resource = Resource("items", views=(view,))
        source, copy = (memory_collection.MemoryCollection(resource, "w") for _ in range(2))
        for id in "ab":
            source.put({"id": id, "number": 1})

        def shown(collection: Collection) -> dict[str, int]:
            text = orjson.dumps(collection.page(limit=9).shown(view))
            return {one["id"]: one["number"] for one in orjson.loads(text)}

        assert shown(source) == {"a": 1, "b": 1}
        copy.copy_from(source)
        copy.put({"id": "a", "number": 2})
        source.put({"id": "b", "number": 3})
        assert (shown(source), shown(copy)) == ({"a": 1, "b": 3}, {"a": 2, "b": 1})

    def test_of_another_store(self, people: Collection):
        source = MemoryStore().collection("a", "b", PEOPLE)
        source.put(person("a", lists=["l"]))
        people.copy_from(source)
        assert people.find("lists", "l") == [person("a", lists=["l"])]

    def test_of_another_declaration(self, people: Collection):
        source = MemoryStore().collection("a", "b", Resource("people"))
        source.put(person("a", lists=["l"]))
        people.copy_from(source)
        assert people.find("lists", "l") == [person("a", lists=["l"])]


class TestStores:
    def test_places_are_apart(self, store: Store):
        for workspace, vendor in (("w1", "v1"), ("w1", "v2"), ("w2", "v1")):
            store.collection(workspace, vendor, PEOPLE).put(person("a", note=f"{workspace} {vendor}"))
        assert store.collection("w1", "v2", PEOPLE).get("a")["note"] == "w1 v2"
        assert sorted(store.workspaces()) == ["w1", "w2"]
        assert store.contents("w2", "v1") == [(PEOPLE, [person("a", note="w2 v1")])]
        assert store.contents("w2", "v2") == []
        assert [one.resource for one in store.collections("w1", "v1")] == [PEOPLE]

    def test_a_collection_is_made_once(self, store: Store):
        assert store.collection("w", "v", PEOPLE) is store.collection("w", "v", PEOPLE)

    def test_contents_are_in_the_order_of_writing(self, store: Store):
        collection = store.collection("w", "v", PEOPLE)
        for id in "cab":
            collection.put(person(id))
        [(_, documents)] = store.contents("w", "v")
        assert ids(documents) == ["c", "a", "b"]

    def test_drop_one_vendor(self, store: Store):
        for vendor in ("v1", "v2"):
            store.collection("w", vendor, PEOPLE).put(person("a"))
        keep_state(store, "w", {"clock": 1})
        store.drop("w", "v1")
        assert store.collection("w", "v1", PEOPLE).count() == 0
        assert store.collection("w", "v2", PEOPLE).count() == 1
        assert store.load_state("w") == ({"clock": 1} if store.keeps else {})

    def test_drop_a_workspace(self, store: Store):
        for workspace in ("w1", "w2"):
            store.collection(workspace, "v", PEOPLE).put(person("a"))
            keep_state(store, workspace, {"clock": 1})
        store.drop("w1")
        assert store.workspaces() == ["w2"]
        assert store.load_state("w1") == {}
        assert store.collection("w2", "v", PEOPLE).count() == 1

    def test_states(self, store: Store):
        assert store.load_state("w") == {}
        for state in ({"clock": {"shift": 1.5}}, {"ids": {"v": 3}}):
            keep_state(store, "w", state)
            store.load_state("w")["x"] = 1
            assert store.load_state("w") == (state if store.keeps else {})

    def test_closing_twice_is_harmless(self, store: Store):
        store.close()
        store.close()

    @pytest.mark.parametrize("url", ["", "memory:x", "tinydb", "tinydb:", "sqlite:x", "redis:HOST:1", "redis:/0"])
    def test_unknown_urls(self, url: str):
        with pytest.raises(
            StoreError, match=r"^store '.*' is unknown: use memory:, tinydb:PATH or redis://HOST:PORT/DB$"
        ):
            open_store(url)


def test_an_order_by_several_fields(store: Store):
    things = Resource("things", orders=(Order("ranked", ("rank", "name")),))
    collection = store.collection("w", "v", things)
    for id, rank, name in (("1", 2, "b"), ("2", 1, "z"), ("3", 2, "a"), ("4", 2, "a")):
        collection.put({"id": id, "rank": rank, "name": name})
    assert ids(collection.page("ranked", limit=9).documents) == ["2", "3", "4", "1"]
    assert ids(collection.page("ranked", limit=9, after=(2, "a", "3")).documents) == ["4", "1"]


@pytest.mark.parametrize(("shown_at_hand", "remembered"), [(True, 9), (False, 9), (False, 0)])
def test_a_page_shows_prepared_json_that_follows_the_documents(store, monkeypatch, shown_at_hand, remembered):
    monkeypatch.setattr(showing, "_REMEMBERED", remembered)
    double, nothing = View("double", _double), View("nothing", _nothing)
    orders = (Order("id", shown=shown_at_hand),)
    things = store.collection("w", "v", Resource("shown", views=(double, nothing), orders=orders))
    things.put({"id": "a", "n": 1})
    things.put({"id": "b", "n": 2})

    def shown() -> list[object]:
        page = things.page(limit=10)
        return orjson.loads(orjson.dumps(page.shown(double)))

    assert shown() == [{"w": 2}, {"w": 4}]
    things.put({"id": "a", "n": 5})
    assert shown() == [{"w": 10}, {"w": 4}]
    assert things.page(limit=10).shown(nothing) == [None, None]
    copy = store.collection("other", "v", things.resource)
    copy.copy_from(things)
    things.delete("a")
    assert shown() == [{"w": 4}]
    assert orjson.loads(orjson.dumps(copy.page(limit=1).shown(double))) == [{"other": 10}]
    assert Page(Found(things.page(limit=9).documents, "found"), False, 1).shown(double) == [{"found": 4}]


def _double(document: dict[str, int], workspace: str) -> dict[str, int]:
    return {workspace: document["n"] * 2}


def _nothing(_document: dict[str, int], _workspace: str) -> None:
    return None
