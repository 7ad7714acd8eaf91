"""What people may subscribe to."""

from typing import Literal

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers, PersonQuery


class PreferencesQuery(PersonQuery):
    """`language` (or the header Accept-Language) chooses a translation; here there is none."""

    language: str | None = None


class Header(ResponseModel):
    title: str
    subtitle: str


class Preference(ResponseModel):
    id: int
    name: str
    description: str
    subscribed: bool


class Preferences(ResponseModel):
    id: str
    identifiers: Identifiers
    header: Header
    topics: list[Preference]
    unsubscribed: bool


class PreferencesAnswer(ResponseModel):
    customer: Preferences


class Topic(ResponseModel):
    id: int
    identifier: str
    name: str
    description: str
    subscribed_by_default: bool


class TopicList(ResponseModel):
    topics: list[Topic]


class Channel(ResponseModel):
    id: int
    type: Literal["email", "twilio", "urban_airship", "slack", "push", "in_app", "line", "inbox", "whatsapp"]
    name: str
    description: str
    subscribed_by_default: bool


class ChannelList(ResponseModel):
    channels: list[Channel]


class CenterToken(ResponseModel):
    token: str
    url: str
