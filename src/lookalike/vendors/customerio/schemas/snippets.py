"""Snippets: pieces of text that messages share."""

from lookalike.models import RequestModel, ResponseModel


class SnippetInput(RequestModel):
    """What is left out counts as blank, which is refused in the vendor's own words."""

    name: str | None = None
    value: str | None = None


class Snippet(ResponseModel):
    name: str
    value: str
    updated_at: int


class SnippetAnswer(ResponseModel):
    snippet: Snippet


class SnippetList(ResponseModel):
    snippets: list[Snippet]
