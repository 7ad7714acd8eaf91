"""What the SDK throws, and calls of each of its methods."""

from __future__ import annotations

import json
from typing import Any

from tests.support import Like

START = "2026-01-05T09:00:00.000Z"
NOW = 1_767_603_600

REFERENCE = r" \(reference [0-9A-Za-z]+\)"


def thrown(status: int, message: str, body: Any) -> dict[str, Any]:
    """A `CustomerIORequestError`; `body` is the raw text or what equals it."""
    return {"name": "CustomerIORequestError", "message": message, "status": status, "body": body}


def app_error(status: int, detail: str, pointer: str | None = None) -> dict[str, Any]:
    """The App API's envelope, of which the SDK makes nothing."""
    source = f',"source":{{"pointer":"{pointer}"}}' if pointer else ""
    return thrown(
        status, "Unknown error", Like(rf'\{{"errors":\[\{{"detail":"{detail}","status":"{status}".*{source}\}}\]\}}')
    )


def not_found(what: str) -> dict[str, Any]:
    return app_error(404, f"{what} not found{REFERENCE}")


def one_error(status: int, text: str) -> dict[str, Any]:
    """Of a send: `{"meta": {"error": text}}`."""
    return thrown(status, text, json.dumps({"meta": {"error": text}}, separators=(",", ":")))


def track_error(status: int, text: str) -> dict[str, Any]:
    """Of Track, where there is one by nature."""
    return thrown(status, text, json.dumps({"meta": {"error": text}}, indent=2) + "\n")


def track_errors(*texts: str) -> dict[str, Any]:
    """Of Track: a list, which the SDK counts."""
    count = "1 error" if len(texts) == 1 else f"{len(texts)} errors"
    message = "\n".join([f"{count}:", *(f"  - {text}" for text in texts)])
    return thrown(400, message, json.dumps({"meta": {"errors": list(texts)}}, indent=2) + "\n")


def new(kind: str, **options: Any) -> dict[str, Any]:
    """An argument made with `new`."""
    return {"new": kind, "with": options}


def part(step: int, path: str) -> dict[str, Any]:
    """An argument taken from what an earlier step came to."""
    return {"from": step, "path": path}


IDENTIFY = {"type": "person", "action": "identify", "identifiers": {"id": "ann"}, "attributes": {"plan": "pro"}}

TRACK: dict[str, list[Any]] = {
    "identify": ["ann", {"email": "ann@x.co"}],
    "track": ["ann", {"name": "visit", "data": {"page": 1}}],
    "trackAnonymous": ["anon", {"name": "visit"}],
    "trackPageView": ["ann", "/pricing"],
    "addDevice": ["ann", "token", "ios", {"last_used": 5, "app_version": "1"}],
    "deleteDevice": ["ann", "token"],
    "suppress": ["bob"],
    "unsuppress": ["bob"],
    "mergeCustomers": ["id", "ann", "id", "bob"],
    "getAccountRegion": [],
    "entity": [IDENTIFY],
    "batch": [[IDENTIFY]],
    "submitForm": ["signup", {"email": "ann@x.co"}],
    "destroy": ["ann"],
}
"""Method -> arguments that it takes in an empty workspace; what needs a segment or a delivery is left out."""

TRACK_WITH_MORE = {
    "addCustomersToSegment": [1, ["ann"]],
    "removeCustomersFromSegment": [1, ["ann"]],
    "reportMetric": [{"delivery_id": "x", "metric": "opened"}],
    "trackPush": [{"delivery_id": "x", "event": "opened", "device_id": "t", "timestamp": NOW}],
    "unsubscribe": ["x"],
}

PIPELINES: dict[str, list[Any]] = {
    "identify": [{"userId": "ann", "traits": {"email": "ann@x.co", "plan": "pro"}}],
    "track": [{"userId": "ann", "event": "visit", "properties": {"page": 1}}],
    "page": [{"userId": "ann", "name": "Pricing"}],
    "screen": [{"userId": "ann", "name": "Home"}],
    "group": [{"userId": "ann", "groupId": "acme", "traits": {"plan": "pro"}}],
    "alias": [{"userId": "ann", "previousId": "bob"}],
    "batch": [[{"type": "track", "userId": "ann", "event": "visit"}]],
}

SENDS: dict[str, list[Any]] = {
    f"send{channel}": [new(f"Send{channel}Request", identifiers={"id": "ann"}, transactional_message_id=3, **more)]
    for channel, more in {
        "Email": {"to": "ann@x.co"},
        "Push": {},
        "SMS": {"to": "+15551234567"},
        "WhatsApp": {"to": "+15551234567"},
        "InboxMessage": {},
        "InApp": {},
    }.items()
}

_FILTER = {"attribute": {"field": "cio_id", "operator": "exists"}}

READS: dict[str, list[Any]] = {
    "getCustomersByEmail": ["ann@x.co"],
    "searchCustomers": [_FILTER, {"limit": 1}],
    "getCustomersAttributes": [["ann"]],
    "listExports": [],
    "createCustomersExport": [_FILTER],
    "createDeliveriesExport": [1],
    "listObjectTypes": [],
    "findObjects": ["1", {"not": {"object_attribute": {"field": "x", "operator": "exists", "type_id": "1"}}}],
    "listActivities": [{"limit": 5}],
    "listSegments": [],
    "createSegment": [{"name": "Readers"}],
    "listSubscriptionTopics": [],
    "listSubscriptionChannels": [],
    "listTransactionalMessages": [],
    "listCampaigns": [],
    "listBroadcasts": [],
    "listNewsletters": [{"limit": 5}],
    "getBroadcastTriggers": [1],
    "triggerBroadcast": [1, {"a": 1}],
    "listCollections": [],
    "createCollection": [{"name": "events", "data": [{"a": 1}]}],
    "searchSuppression": ["ann@x.co"],
    "getSuppressions": ["bounces", {"limit": 5}],
    "getDomainSuppressions": ["x.co", "bounces"],
    "createSuppression": ["bounces", "ann@x.co"],
    "deleteSuppression": ["bounces", "ann@x.co"],
    "listReportingWebhooks": [],
    "createReportingWebhook": [{"name": "x", "endpoint": "https://x.co", "events": ["email_sent"]}],
    "getSnippets": [],
    "createSnippet": [{"name": "footer", "value": "x"}],
    "updateSnippet": [{"name": "header", "value": "x"}],
    "getSenderIdentities": [],
    "getMessages": [{"limit": 5}],
    "createImport": [{"name": "x", "type": "people", "identifier": "id", "data_file_url": "data:text/csv,id%0Aann"}],
    "batchUpdateAttributes": [[{"name": "plan"}]],
    "batchUpdateEvents": [[{"name": "visit"}]],
    "listWorkspaces": [],
    "getIpAddresses": [],
}
"""Methods of `APIClient` that do well in an empty workspace, each with arguments."""

LOOKUPS: dict[str, tuple[list[Any], str]] = {
    "getAttributes": (["ann"], "customer"),
    "getCustomerActivities": (["ann"], "customer"),
    "getCustomerMessages": (["ann"], "customer"),
    "getCustomerRelationships": (["ann"], "customer"),
    "getCustomerSegments": (["ann"], "customer"),
    "getCustomerSubscriptionPreferences": (["ann"], "customer"),
    "getExport": ([9], "export"),
    "downloadExport": ([9], "export"),
    "getObjectAttributes": (["1", "acme"], "object"),
    "getObjectRelationships": (["1", "acme"], "object"),
    "getSegment": ([9], "segment"),
    "deleteSegment": ([9], "segment"),
    "getSegmentCustomerCount": ([9], "segment"),
    "getSegmentMembership": ([9], "segment"),
    "getSegmentUsedBy": ([9], "segment"),
    "getTransactionalMessage": ([9], "transactional message"),
    "getCampaign": ([9], ""),
    "getBroadcast": ([9], ""),
    "getNewsletter": ([9], ""),
    "getBroadcastTriggerStatus": ([1, 9], ""),
    "getBroadcastTriggerErrors": ([1, 9], ""),
    "getCollection": ([9], "collection"),
    "updateCollection": ([9, {"name": "x"}], "collection"),
    "deleteCollection": ([9], "collection"),
    "getCollectionContent": ([9], "collection"),
    "updateCollectionContent": ([9, [{"a": 1}]], "collection"),
    "getReportingWebhook": ([9], "reporting webhook"),
    "updateReportingWebhook": ([9, {"name": "x"}], "reporting webhook"),
    "deleteReportingWebhook": ([9], "reporting webhook"),
    "deleteSnippet": (["footer"], "snippet"),
    "getSenderIdentity": ([9], "sender identity"),
    "getSenderIdentityUsedBy": ([9], "sender identity"),
    "getMessage": (["nothing"], "message"),
    "getArchivedMessage": (["nothing"], "message"),
    "getImport": ([9], "import"),
}
"""Methods that look something up, with arguments that name nothing, and what is then said not to be found."""

OTHERS = {"getSubscriptionCenterToken": ["ann"]}
"""A method whose answer for nobody is a 400."""

_LANGUAGE, _SPAN = [1, "fr"], {"start": NOW - 86400, "end": NOW, "res": "days"}

PLANNED: dict[str, list[Any]] = {
    "getTransactionalMessageContents": [1],
    "getTransactionalMessageLanguage": _LANGUAGE,
    "updateTransactionalMessageLanguage": [*_LANGUAGE, {}],
    "getTransactionalMessageDeliveries": [1],
    "getTransactionalMessageMetrics": [1],
    "getTransactionalMessageLinkMetrics": [1],
    "updateTransactionalMessageContent": [1, 2, {}],
    "getCampaignActions": [1],
    "getCampaignAction": [1, 2],
    "updateCampaignAction": [1, 2, {}],
    "getCampaignActionLanguage": [1, 2, "fr"],
    "updateCampaignActionLanguage": [1, 2, "fr", {}],
    "getCampaignActionMetrics": [1, 2],
    "getCampaignActionMetricsLinks": [1, 2],
    "getCampaignMetrics": [1],
    "getCampaignMetricsLinks": [1],
    "getCampaignJourneyMetrics": [1, _SPAN],
    "getCampaignMessages": [1],
    "getBroadcastActions": [1],
    "getBroadcastAction": [1, 2],
    "updateBroadcastAction": [1, 2, {}],
    "getBroadcastActionLanguage": [1, 2, "fr"],
    "updateBroadcastActionLanguage": [1, 2, "fr", {}],
    "getBroadcastActionMetrics": [1, 2],
    "getBroadcastActionMetricsLinks": [1, 2],
    "getBroadcastMetrics": [1],
    "getBroadcastMetricsLinks": [1],
    "getBroadcastMessages": [1],
    "createNewsletter": [{}],
    "deleteNewsletter": [1],
    "getNewsletterContents": [1],
    "getNewsletterContent": [1, 2],
    "updateNewsletterContent": [1, 2, {}],
    "getNewsletterContentMetrics": [1, 2],
    "getNewsletterContentMetricsLinks": [1, 2],
    "getNewsletterMetrics": [1],
    "getNewsletterMetricsLinks": [1],
    "getNewsletterMessages": [1],
    "sendNewsletter": [1, {}],
    "scheduleNewsletter": [1, {}],
    "createNewsletterLanguage": [1, {}],
    "getNewsletterLanguage": _LANGUAGE,
    "updateNewsletterLanguage": [*_LANGUAGE, {}],
    "deleteNewsletterLanguage": _LANGUAGE,
    "getNewsletterTestGroups": [1],
    "createNewsletterTestGroup": [1],
    "createNewsletterTestGroupLanguage": [1, 2, {}],
    "getNewsletterTestGroupLanguage": [1, 2, "fr"],
    "updateNewsletterTestGroupLanguage": [1, 2, "fr", {}],
    "deleteNewsletterTestGroupLanguage": [1, 2, "fr"],
    "createAsset": [{"bytes": "x", "more": {"filename": "a.png"}}],
    "listAssets": [],
    "getAsset": [1],
    "updateAsset": [1, {}],
    "deleteAsset": [1],
    "listAssetFolders": [],
    "createAssetFolder": [{"name": "x"}],
    "getAssetFolder": [1],
    "updateAssetFolder": [1, {}],
    "deleteAssetFolder": [1],
    "listDesignStudioEmailLanguages": [1],
    "createDesignStudioEmailLanguage": [1, {"language": "fr"}],
    "getDesignStudioEmailLanguage": _LANGUAGE,
    "updateDesignStudioEmailLanguage": [*_LANGUAGE, {}],
    "deleteDesignStudioEmailLanguage": _LANGUAGE,
    **{
        f"{verb}DesignStudio{kind}{'s' if verb == 'list' else ''}": arguments
        for kind in ("Folder", "Email", "Component")
        for verb, arguments in {
            "list": [],
            "create": [{"name": "x", "tag": "x"}],
            "get": [1],
            "update": [1, {}],
            "delete": [1],
        }.items()
    },
}
"""Methods of what is documented but not there yet: contents of templates, campaigns, newsletters, assets and more."""
