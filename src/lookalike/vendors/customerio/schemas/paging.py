"""What the App API's lists ask for."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from lookalike.models import RequestModel


class QueryModel(RequestModel):
    """A query string, where every value is text."""

    model_config = ConfigDict(strict=False)


# More than the vendor's most is taken for the most, and what is no number from 1 is refused (both I).
Limit100 = Annotated[int, Field(ge=1), AfterValidator(lambda asked: min(asked, 100))]
Limit1000 = Annotated[int, Field(ge=1), AfterValidator(lambda asked: min(asked, 1000))]
Limit30000 = Annotated[int, Field(ge=1), AfterValidator(lambda asked: min(asked, 30000))]
