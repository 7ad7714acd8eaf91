"""What a fixture file may hold. Where it says Recipe, `recipes.py` says what may stand there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.seeding.checks import FixtureModel

DEFAULT_NOW = "2026-01-15T09:00:00Z"

Text = Annotated[str, Field(min_length=1)]
Recipe = Any


class PersonSpec(FixtureModel):
    """Recipes for one person, or for every one of many. In `groups` each recipe gives a group's name, or null."""

    email: Recipe = None
    first_name: Recipe = None
    last_name: Recipe = None
    phone: Recipe = None
    user_id: Recipe = None
    created: Recipe = None
    unsubscribed: Recipe = False
    attributes: dict[Text, Recipe] = Field({})
    groups: list[Recipe] = Field([])
    consents: dict[str, Recipe] = Field({})


class PeopleSpec(FixtureModel):
    """`count` people made by `fields`, after those of `list`."""

    count: int = Field(0, ge=0, le=1_000_000)
    fields: PersonSpec = PersonSpec()
    listed: list[PersonSpec] = Field([], alias="list")


class GroupSpec(FixtureModel):
    """A group: of a share of the people, of those who name it, or by a rule."""

    name: Text
    description: str | None = None
    share: float = Field(0, ge=0, le=1)
    where: dict[str, Any] | None = None


class TopicSpec(FixtureModel):
    """See `Topic`."""

    name: Text
    description: str | None = None
    opt_in: bool = True
    public: bool = True


class PropertySpec(FixtureModel):
    """See `Property`."""

    name: Text
    type: Literal["string", "number", "boolean", "date"] = "string"
    label: Text | None = None
    fallback: str | None = None


class EventSpec(FixtureModel):
    """See `EventDefinition`."""

    name: Text
    description: str | None = None
    properties: dict[Text, Literal["string", "number", "boolean", "date"]] = Field({})


class OccurrenceSpec(FixtureModel):
    """`count` occurrences of an event, of one person or of people drawn by lot."""

    event: Text
    count: int = Field(1, ge=1, le=100_000)
    person: str | None = None
    at: Recipe = "now"
    properties: dict[str, Recipe] = Field({})


class MessageSpec(FixtureModel):
    """`count` mails sent to one person or to people drawn by lot."""

    count: int = Field(1, ge=1, le=100_000)
    person: str | None = None
    sender: Recipe
    subject: Recipe
    html: Recipe
    text: Recipe
    outcome: Recipe = "delivered"
    at: Recipe = "now"


class FixtureSpec(FixtureModel):
    """A whole fixture file. `now` is the moment that it describes."""

    now: str = DEFAULT_NOW
    people: PeopleSpec = PeopleSpec()
    groups: list[GroupSpec] = Field([])
    topics: list[TopicSpec] = Field([])
    properties: list[PropertySpec] = Field([])
    events: list[EventSpec] = Field([])
    occurrences: list[OccurrenceSpec] = Field([])
    messages: list[MessageSpec] = Field([])
