"""Answers' models become pydantic's when somebody asks; what is declared wrongly, or not at all, is noticed then."""

from typing import Any, Generic, TypeVar

import pytest
from pydantic import Field, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from lookalike.models import ResponseModel, pydantic_model

T = TypeVar("T")


class Person(ResponseModel):
    id: str
    first_name: str | None = Field(None, alias="firstName")


class Friend(Person):
    friends: list["Friend"] | None = None


class Page(ResponseModel, Generic[T]):
    data: list[T]


class People(Page[Person]):
    more: bool


ANN = {"id": "1", "firstName": "Ann"}

FITTING = [
    (Person, {"id": "1"}),
    (Person, ANN),
    (Friend, {**ANN, "friends": [{"id": "2", "friends": [{"id": "3"}]}]}),
    (Page[Friend], {"data": [{"id": "2", "friends": []}]}),
    (People, {"data": [ANN], "more": False}),
    (Person | People, {"data": [], "more": True}),
    (dict[str, Person], {"ann": ANN}),
]
UNFIT = [
    (Person, {"id": 1}),
    (Person, {**ANN, "age": 7}),
    (Friend, {**ANN, "friends": [{"id": 3}]}),
    (Page[Friend], {"data": [{"id": "2", "friend": []}]}),
    (People, {"data": [{**ANN, "age": 7}], "more": False}),
    (People, {"data": [], "more": 1}),
]


@pytest.mark.parametrize(("model", "answer"), FITTING)
def test_what_is_declared_fits(model: Any, answer: Any) -> None:
    TypeAdapter(model).validate_python(answer)


@pytest.mark.parametrize(("model", "answer"), UNFIT)
def test_what_is_not_declared_does_not(model: Any, answer: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(model).validate_python(answer)


def test_a_declaration_that_makes_no_sense_is_an_error_when_it_is_looked_at() -> None:
    class Strange(ResponseModel):
        at: object()  # type: ignore[valid-type]  # no type at all

    with pytest.raises(PydanticSchemaGenerationError):
        TypeAdapter(Strange)


def test_a_model_is_made_once() -> None:
    assert pydantic_model(Person) is pydantic_model(Person)
    assert issubclass(pydantic_model(Friend), pydantic_model(Person))
