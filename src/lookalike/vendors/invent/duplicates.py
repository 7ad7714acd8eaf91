"""Contacts that are probably one person: list them, merge them."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores import Page
from lookalike.stores.collection import Document
from lookalike.vendors.invent import kinship, people, recipients
from lookalike.vendors.invent.contact_views import contact_json, contacts_json
from lookalike.vendors.invent.contacts import contact_of
from lookalike.vendors.invent.paging import listed, newest
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.problems import rejected
from lookalike.vendors.invent.schemas.contacts import DuplicateGroup, Merged, MergeInput
from lookalike.vendors.invent.schemas.fields import PageQuery

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/orgs-contacts/list-duplicate-contact-groups")

_AT_ONCE = 100
"""Contacts read between which nobody else comes in."""


@routes.get("/orgs/{org_id}/contacts/duplicates", query=PageQuery, returns=list[DuplicateGroup])
def list_duplicate_contact_groups(call: Call, org_id: str, query: PageQuery) -> Lengthy | Answer:
    """List the groups of contacts that share a channel, each with the contact to keep."""
    page = newest(call.collection(kinship.GROUPS), query)
    return in_pieces(call.part, _groups(call, query, page))


def _groups(call: Call, query: PageQuery, page: Page) -> Steps[Answer]:
    held, groups = call.collection(CONTACTS), []
    for group in page.ids:
        shown: list[dict[str, Any]] = []
        for ids in pieces(kinship.member_ids(held, group), _AT_ONCE):
            shown += contacts_json(call.part, held.get_many(ids))
            yield
        if len(shown) > 1:  # else it was merged while others had their turn
            groups.append({"primary": shown[0], "duplicates": shown[1:]})
    return listed(call, groups, query, page.total)


@routes.post(
    "/orgs/{org_id}/contacts/{contact_id}/merge",
    accepts=MergeInput,
    returns=Merged,
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/merge-contacts",
)
def merge_contacts(call: Call, org_id: str, contact_id: str) -> Lengthy | dict[str, Any]:
    """Merge other contacts into this one: those named, or all that share a channel with it.

    Of very many it has all channels at first; they are deleted little by little, and the answer comes when they are.
    """
    return in_pieces(call.part, _merge(call, contact_id))


def _merge(call: Call, contact_id: str) -> Steps[dict[str, Any]]:
    part, sources = call.part, list[Document]()
    for ids in pieces(_source_ids(call, contact_of(call, contact_id)), _AT_ONCE):
        sources += call.collection(CONTACTS).get_many(ids)
        yield
    merged = contact_of(call, contact_id)
    if sources:
        merged = people.absorb(part, merged, sources)
    for some in pieces(sources, _AT_ONCE):
        yield
        people.dissolve(part, merged, some)
        recipients.adopt(part, contact_id, [source["id"] for source in some])
    return {
        "merged": contact_json(part, merged),
        "merged_contact_ids": [source["id"] for source in sources],
    }


def _source_ids(call: Call, primary: Document) -> list[str]:
    ids = read_body(call, MergeInput).source_contact_ids if call.body.strip() else None
    if ids is None:
        kin = kinship.member_ids(call.collection(CONTACTS), primary["kin"]) if primary["kin"] else []
        return [id for id in kin if id != primary["id"]]
    if primary["id"] in ids:
        raise rejected("source_contact_ids must not contain the contact itself", "source_contact_ids")
    return [contact_of(call, id)["id"] for id in dict.fromkeys(ids)]
