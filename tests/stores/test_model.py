"""Any sequence of writes leaves a collection as a plain dictionary, sorted on every question, would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lookalike.stores import Duplicate, View, sequence
from lookalike.stores.memory import MemoryStore
from lookalike.stores.memory_collection import MemoryCollection
from tests.stores.conftest import PEOPLE

IDS = st.sampled_from([f"i{n}" for n in range(8)])
LISTS = st.lists(st.sampled_from(["l1", "l2", "l3"]), max_size=3)
EMAILS = st.sampled_from(["a@x.example", "b@x.example", "c@y.example", "d@y.example"])
ORDERS = st.sampled_from(
    [
        ("id", None),
        ("newest", None),
        ("in_list", "l1"),
        ("in_list", "l2"),
        ("by_domain", "y.example"),
        ("by_email", None),
        ("in_domain", "y.example"),
    ]
)
LOAD = sequence._LOAD

SAID = View("said", lambda document, workspace: [workspace, document["email"]])
SHOWN = replace(
    PEOPLE,
    views=(SAID,),
    sets=("lists",),
    orders=tuple(replace(order, shown=order.name != "in_list") for order in PEOPLE.orders),
)


BY = {"newest": "created_at", "in_list": "created_at", "by_email": "email", "in_domain": "email"}
VALUES = {"created_at": st.integers(0, 3), "email": EMAILS}


class Reference:
    """The naive store."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    def put(self, document: dict[str, Any]) -> bool:
        taken = [d for d in self.documents.values() if d["email"] == document["email"] and d["id"] != document["id"]]
        if not taken:
            self.documents[document["id"]] = document
        return not taken

    def keys(self, order: str, within: str | None) -> list[tuple[Any, ...]]:
        def belongs(document: dict[str, Any]) -> bool:
            where: dict[str, Callable[[], bool]] = {
                "in_list": lambda: within in document["lists"],
                "by_domain": lambda: document["email"].endswith(f"@{within}"),
                "in_domain": lambda: document["email"].endswith(f"@{within}"),
            }
            return where.get(order, lambda: True)()

        by = BY.get(order)
        return sorted((d[by], d["id"]) if by else (d["id"],) for d in self.documents.values() if belongs(d))


class CollectionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        sequence._LOAD = 2  # a few documents fill many blocks
        self.collection: Any = MemoryStore().collection("w", "v", SHOWN)
        self.reference = Reference()
        self.copies: list[tuple[Any, dict[str, dict[str, Any]]]] = []

    def teardown(self) -> None:
        sequence._LOAD = LOAD

    @rule(id=IDS, email=EMAILS, created=st.integers(0, 3), lists=LISTS)
    def put(self, id: str, email: str, created: int, lists: list[str]) -> None:
        document = {"id": id, "email": email, "created_at": created, "lists": lists}
        try:
            self.collection.put(document)
            refused = None
        except Duplicate as error:
            refused = error.field
        assert refused == (None if self.reference.put(document) else "email")

    @rule(data=st.data(), size=st.integers(0, 6))
    def extend(self, data: Any, size: int) -> None:
        drawn = st.fixed_dictionaries({"id": IDS, "email": EMAILS, "created_at": st.integers(0, 3), "lists": LISTS})
        documents = data.draw(st.lists(drawn, min_size=size, max_size=size))
        known = self.reference.documents
        fresh = [document for document in documents if document["id"] not in known and self.reference.put(document)]
        assert self.collection.extend(documents) == fresh

    @precondition(lambda self: self.reference.documents)
    @rule(data=st.data())
    def amend(self, data: Any) -> None:
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.reference.documents)), unique=True, max_size=4))
        pairs = []
        for id in chosen:
            before = self.reference.documents[id]
            change = data.draw(st.fixed_dictionaries({}, optional={"created_at": st.integers(0, 3), "lists": LISTS}))
            pairs.append((before, {**before, **change}))
            self.reference.documents[id] = pairs[-1][1]
        self.collection.amend(pairs)

    @rule(id=IDS)
    def delete(self, id: str) -> None:
        assert self.collection.delete(id) == (self.reference.documents.pop(id, None) is not None)

    @rule()
    def clear(self) -> None:
        self.collection.clear()
        self.reference.documents.clear()

    @rule(stay=st.booleans())
    def copy(self, stay: bool) -> None:
        """Copies share what nobody has changed; those left behind have to stay as they were."""
        other = MemoryCollection(self.collection.resource, f"w{len(self.copies)}")
        other.copy_from(self.collection)
        kept, self.collection = (other, self.collection) if stay else (self.collection, other)
        self.copies.append((kept, dict(self.reference.documents)))

    @precondition(lambda self: self.copies)
    @rule(number=st.integers(0, 9))
    def turn_to_a_copy(self, number: int) -> None:
        number %= len(self.copies)
        kept, documents = self.copies[number]
        self.copies[number] = (self.collection, self.reference.documents)
        self.collection, self.reference.documents = kept, documents

    @precondition(lambda self: self.copies)
    @rule(number=st.integers(0, 9))
    def forget_a_copy(self, number: int) -> None:
        del self.copies[number % len(self.copies)]

    @rule()
    def reload(self) -> None:
        other = MemoryCollection(SHOWN, self.collection.workspace)
        other.load(list(self.collection.raw()))
        self.collection = other

    @precondition(lambda self: self.reference.documents)
    @rule(order=ORDERS, limit=st.integers(1, 5), offset=st.integers(0, 4), descending=st.booleans(), data=st.data())
    def page(self, order: tuple[str, str | None], limit: int, offset: int, descending: bool, data: Any) -> None:
        keys = self.reference.keys(*order)
        width = len(keys[0]) if keys else 1
        edge = st.none() | (
            st.sampled_from(keys)
            if keys and data.draw(st.booleans())
            else st.tuples(IDS)
            if width == 1
            else st.tuples(VALUES[BY[order[0]]], IDS)
        )
        after, before = data.draw(edge), data.draw(edge)
        reading = keys[::-1] if descending else keys
        sign = -1 if descending else 1

        def beyond(key: tuple[Any, ...], bound: tuple[Any, ...]) -> bool:
            return (key > bound) if sign == 1 else (key < bound)

        window = [
            key
            for key in reading
            if (after is None or beyond(key, after)) and (before is None or (key != before and not beyond(key, before)))
        ]
        if before is None:
            expected, rest = window[offset : offset + limit], window[offset + limit :]
        else:
            end = max(0, len(window) - offset)
            expected, rest = window[max(0, end - limit) : end], window[: max(0, end - limit)]
        page = self.collection.page(
            order[0], within=order[1], limit=limit, offset=offset, descending=descending, after=after, before=before
        )
        assert [d["id"] for d in page.documents] == [key[-1] for key in expected]
        assert page.has_more == bool(rest)
        assert page.total == len(keys)
        shown = orjson.loads(orjson.dumps(page.shown(SAID)))
        assert shown == [[self.collection.workspace, self.reference.documents[key[-1]]["email"]] for key in expected]

    @rule(order=ORDERS, id=IDS, created=st.integers(0, 3))
    def position(self, order: tuple[str, str | None], id: str, created: int) -> None:
        keys = self.reference.keys(*order)
        value = {"created_at": created, "email": f"{'abcd'[created]}@y.example"}.get(BY.get(order[0], ""))
        key = (id,) if value is None else (value, id)
        found = self.collection.position(order[0], key, within=order[1])
        assert found == sum(1 for other in keys if other < key)
        assert self.collection.first(order[0], within=order[1]) == (keys[0] if keys else None)

    @invariant()
    def holds_the_same(self) -> None:
        self.compare(self.collection, self.reference.documents)
        for copy, documents in self.copies:
            assert {d["id"]: d for d in copy.scan()} == documents
            assert copy.count("lists", "l1") == sum(1 for d in documents.values() if "l1" in d["lists"])

    def compare(self, collection: Any, documents: dict[str, dict[str, Any]]) -> None:
        assert collection.count() == len(documents)
        assert {d["id"]: d for d in collection.scan()} == documents
        for value in ("l1", "l2", "l3"):
            expected = {id for id, d in documents.items() if value in d["lists"]}
            assert set(collection.ids("lists", value)) == expected
            assert collection.count("lists", value) == len(expected)
            assert set(collection.select(lambda of, value=value: of("lists", value), limit=99)) == expected
        for document in documents.values():
            assert collection.one("email", document["email"]) == document


CollectionMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAgainstReference = CollectionMachine.TestCase
