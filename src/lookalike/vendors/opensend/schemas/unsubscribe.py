"""The settings of the page that unsubscribe links lead to."""

from typing import Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.schemas.topics import TopicItem
from lookalike.vendors.opensend.validation import UNSET, Body


class UnsubscribePageInput(Body):
    logo_url: str | None = UNSET
    brand_color: str = UNSET
    headline: str = UNSET
    message: str = UNSET
    footer_text: str = UNSET


class UnsubscribePageSaved(ResponseModel):
    object: Literal["unsubscribe_page_settings"]
    logo_url: str | None
    brand_color: str
    headline: str
    message: str
    footer_text: str


class UnsubscribePage(UnsubscribePageSaved):
    topics: list[TopicItem]
