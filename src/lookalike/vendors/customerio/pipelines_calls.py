"""Pipelines: from a call to what it does to people and objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.clock import parse_instant
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.vendors.customerio import devices, merging, objects, people, relating, suppression
from lookalike.vendors.customerio.attributes import faults
from lookalike.vendors.customerio.happenings import Happening, note, note_anonymous
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.identifiers import Named, in_path, somebody
from lookalike.vendors.customerio.problems import rejected
from lookalike.vendors.customerio.schemas import pipelines as schemas
from lookalike.vendors.customerio.track_deliveries import report

Step = Callable[[Part], None]

_TYPE_NAMES = ("objectTypeId", "object_type_id")


def prepare(kind: str, message: Any) -> Step:
    """What a call asks for, ready to be done. Raises Problem when it makes no sense."""
    if kind not in _KINDS:
        raise rejected(f"type must be one of {', '.join(_KINDS)}")
    if not isinstance(message, dict):
        raise rejected("request body must be a JSON object")
    model, read = _KINDS[kind]
    return read(validate(model, message), kind)


def _known(message: schemas.Message) -> Named | None:
    """A userId may be an address or a `cio_...` as well, told by its shape (I)."""
    return in_path(str(message.userId)) if message.userId not in (None, "") else None


def _anonymous(message: schemas.Message) -> str | None:
    return str(message.anonymousId) if message.anonymousId not in (None, "") else None


def _anybody(message: schemas.Message) -> Named | None:
    """Whom a call is about; None when it is somebody anonymous."""
    named = _known(message)
    if named is None and _anonymous(message) is None:
        raise rejected("userId or anonymousId is required")
    return named


def _at(message: schemas.Message) -> float | None:
    if message.timestamp is None:
        return None
    try:
        return parse_instant(message.timestamp)
    except (ValueError, OverflowError):
        raise rejected("timestamp must be an ISO 8601 date-time") from None


def _identify(message: schemas.Identify, _kind: str) -> Step:
    traits = dict(message.traits or {})
    if isinstance(traits.get("createdAt"), str):
        traits["created_at"] = _unix(traits.pop("createdAt"))
    email = traits.get("email")
    by_email = ("email", email) if isinstance(email, str) and email else None
    named = _known(message) or by_email
    if named is None and _anonymous(message) is None:
        raise rejected("userId, anonymousId or traits.email is required")
    wrong = [sentence for _, sentence in faults(traits)]
    if wrong:
        raise rejected(*wrong)
    at = _at(message)
    if _anonymous(message) is not None:
        traits["anonymous_id"] = _anonymous(message)

    def act(part: Part) -> None:
        if named is not None:  # who is only anonymous has no profile to put traits on (I)
            identify(part, *named, traits, at)

    return act


def _unix(text: str) -> int | str:
    try:
        return int(parse_instant(text))
    except (ValueError, OverflowError):
        return text


def _happening(named: Named | None, anonymous_id: str | None, happening: Happening) -> Step:
    def act(part: Part) -> None:
        if named is not None:
            note(part, named, happening)
        else:
            note_anonymous(part, anonymous_id, happening)

    return act


def _track(message: schemas.Track, _kind: str) -> Step:
    semantic = _SEMANTIC.get(message.event)
    if semantic is not None:
        return semantic(message)
    named = _anybody(message)
    happening = Happening("event", message.event.strip(), message.properties or {}, _at(message))
    return _happening(named, _anonymous(message), happening)


def _view(message: schemas.View, kind: str) -> Step:
    """A page or screen is called by its name, or else by its address (I)."""
    named, properties = _anybody(message), message.properties or {}
    name = message.name or properties.get("url") or properties.get("path") or ""
    data = properties | ({"category": message.category} if message.category else {})
    return _happening(named, _anonymous(message), Happening(kind, str(name), data, _at(message)))


def _group(message: schemas.Group, _kind: str) -> Step:
    named, traits = _anybody(message), dict(message.traits or {})
    related = traits.pop("relationshipAttributes", None)
    types = [message.objectTypeId, *(traits.pop(name, None) for name in _TYPE_NAMES)]
    type_ = next((one for one in types if one not in (None, "")), 1)
    whose = [{"identifiers": {"anonymous_id": _anonymous(message)}, "relationship_attributes": related}]
    group = _object(type_, message.groupId)
    wrong = [one["message"] for one in relating.faults_of_people(whose if named is None else [], ("anonymous_id",))]
    if wrong or not isinstance(related, dict | None):
        raise rejected(*(wrong or ["relationshipAttributes must be an object"]))

    def act(part: Part) -> None:
        found = relating.find_object(part, group, make=True)
        assert found is not None
        document = objects.change(part, found, traits)
        if named is None:
            relating.relate_anonymous(part, document, whose)
            return
        person = somebody(part, named)
        if person is not None:
            relating.relate_person(part, person, [{"identifiers": group, "relationship_attributes": related}])

    return act


def _object(type_: Any, id: Any) -> dict[str, Any]:
    group = {"object_type_id": type_, "object_id": id}
    wrong = [fault["message"] for fault in relating.object_faults(group)]
    if wrong:
        raise rejected(*wrong)
    return group


def _alias(message: schemas.Alias, _kind: str) -> Step:
    """Who was `previousId`, by userId or anonymousId, becomes part of `userId`."""
    named, previous = _required(message), str(message.previousId)
    if not previous:
        raise rejected("previousId is required")

    def act(part: Part) -> None:
        target = people.find(part, *named)
        source = people.find(part, *in_path(previous)) or people.find(part, "anonymous_id", previous)
        if source is None:
            identify(part, *named, {"anonymous_id": previous})
        elif target is None:
            identify(part, "cio_id", source["id"], {named[0]: named[1]})
        elif source["id"] != target["id"]:
            merging.merge(part, target, source)

    return act


# --- semantic events -------------------------------------------------------------------------------------------------


def _required(message: schemas.Message) -> Named:
    named = _known(message)
    if named is None:
        raise rejected("userId is required")
    return named


def _user_deleted(message: schemas.Track) -> Step:
    named = _required(message)

    def act(part: Part) -> None:
        person = people.find(part, *named)
        if person is not None:
            people.delete(part, person)

    return act


def _user_suppressed(message: schemas.Track) -> Step:
    named = _required(message)
    return lambda part: suppression.suppress(part, *named)


def _user_unsuppressed(message: schemas.Track) -> Step:
    named = _required(message)
    return lambda part: suppression.unsuppress(part, *named)


def _device(message: schemas.Track) -> dict[str, Any]:
    device = (message.context or {}).get("device")
    if not isinstance(device, dict) or not isinstance(device.get("token"), str) or not device["token"]:
        raise rejected("context.device.token is required")
    return device


def _device_put(message: schemas.Track) -> Step:
    named, device, properties = _required(message), _device(message), message.properties or {}

    def act(part: Part) -> None:
        person = somebody(part, named)
        if person is not None:
            platform = device.get("type") if device.get("type") in ("ios", "android") else "ios"
            devices.put_device(part, person, device["token"], str(platform), None, properties)

    return act


def _device_deleted(message: schemas.Track) -> Step:
    named, device = _required(message), _device(message)

    def act(part: Part) -> None:
        person = people.find(part, *named)
        if person is not None:
            devices.remove_device(part, person, device["token"])

    return act


def _target(message: schemas.Track) -> dict[str, Any]:
    properties = message.properties or {}
    return _object(properties.get("objectTypeId", 1), properties.get("objectId"))


def _relationship_deleted(message: schemas.Track) -> Step:
    named, group = _required(message), _target(message)

    def act(part: Part) -> None:
        person = people.find(part, *named)
        if person is not None:
            relating.relate_person(part, person, [{"identifiers": group}], add=False)

    return act


def _object_deleted(message: schemas.Track) -> Step:
    group = _target(message)

    def act(part: Part) -> None:
        document = relating.find_object(part, group, make=False)
        if document is not None:
            objects.delete_object(part, document)

    return act


def _delivery_event(message: schemas.Track) -> Step:
    properties = message.properties or {}
    id, metric, at = properties.get("deliveryId"), properties.get("metric"), _at(message)
    if not isinstance(id, str) or metric not in ("delivered", "clicked", "converted", "opened"):
        raise rejected("properties.deliveryId and properties.metric are required")
    more = {name: properties[name] for name in ("href", "reason") if isinstance(properties.get(name), str)}
    return lambda part: report(part, id, str(metric), None if at is None else int(at), more)


def _content_event(_message: schemas.Track) -> Step:
    """What anonymous messages report of themselves; there are none here."""
    return lambda _part: None


_SEMANTIC: Mapping[str, Callable[[schemas.Track], Step]] = {
    "User Deleted": _user_deleted,
    "User Suppressed": _user_suppressed,
    "User Unsuppressed": _user_unsuppressed,
    "Device Created or Updated": _device_put,
    "Device Deleted": _device_deleted,
    "Relationship Deleted": _relationship_deleted,
    "Object Deleted": _object_deleted,
    "Report Delivery Event": _delivery_event,
    "Report Content Event": _content_event,
}
"""Events that are orders (D)."""

_KINDS: Mapping[str, tuple[Any, Callable[[Any, str], Step]]] = {
    "identify": (schemas.Identify, _identify),
    "track": (schemas.Track, _track),
    "page": (schemas.View, _view),
    "screen": (schemas.View, _view),
    "group": (schemas.Group, _group),
    "alias": (schemas.Alias, _alias),
}
