"""Contacts that are probably one person: list them, merge them."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.routes import Routes
from lookalike.stores import Page
from lookalike.stores.collection import Document
from lookalike.vendors.invent import kinship, people, recipients
from lookalike.vendors.invent.contact_views import contact_json, contacts_json
from lookalike.vendors.invent.contacts import contact_of
from lookalike.vendors.invent.paging import listed, newest
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.pieces import READ_AT_ONCE, Steps, lengthy, pieces
from lookalike.vendors.invent.problems import rejected
from lookalike.vendors.invent.schemas.contacts import DuplicateGroup, Merged, MergeInput
from lookalike.vendors.invent.schemas.fields import PageQuery

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/orgs-contacts/list-duplicate-contact-groups")


@routes.get("/orgs/{org_id}/contacts/duplicates", query=PageQuery, returns=list[DuplicateGroup])
def list_duplicate_contact_groups(call: Call, org_id: str, query: PageQuery) -> Lengthy | Answer:
    """List the groups of contacts that share a channel, each with the contact to keep."""
    page = newest(call.collection(kinship.GROUPS), query)
    held = call.collection(CONTACTS)
    size = sum(kinship.size(held, group) for group in page.ids)
    return lengthy(call.workspace, _groups(call, query, page), size, READ_AT_ONCE)


def _groups(call: Call, query: PageQuery, page: Page) -> Steps[Answer]:
    held, groups, since = call.collection(CONTACTS), [], 0
    for group in page.ids:
        shown: list[dict[str, Any]] = []
        for ids in pieces(kinship.member_ids(held, group), READ_AT_ONCE):
            if since + len(ids) > READ_AT_ONCE:
                since = 0
                yield
            since += len(ids)
            shown += contacts_json(call.part, held.get_many(ids))
        if len(shown) > 1:  # else it was merged while others had their turn
            groups.append({"primary": shown[0], "duplicates": shown[1:]})
    return listed(call, groups, query, page.total)


@routes.post(
    "/orgs/{org_id}/contacts/{contact_id}/merge",
    accepts=MergeInput,
    returns=Merged,
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/merge-contacts",
)
def merge_contacts(call: Call, org_id: str, contact_id: str) -> dict[str, Any]:
    """Merge other contacts into this one: those named, or all that share a channel with it."""
    primary = contact_of(call, contact_id)
    sources = _sources(call, primary)
    if sources:
        primary = people.merge(call.part, primary, sources)
        recipients.adopt(call.part, primary["id"], [source["id"] for source in sources])
    return {
        "merged": contact_json(call.part, primary),
        "merged_contact_ids": [source["id"] for source in sources],
    }


def _sources(call: Call, primary: Document) -> list[Document]:
    ids = read_body(call, MergeInput).source_contact_ids if call.body.strip() else None
    if ids is None:
        kin = kinship.members(call.collection(CONTACTS), primary["kin"])
        return [contact for contact in kin if contact["id"] != primary["id"]]
    if primary["id"] in ids:
        raise rejected("source_contact_ids must not contain the contact itself", "source_contact_ids")
    return [contact_of(call, id) for id in dict.fromkeys(ids)]
