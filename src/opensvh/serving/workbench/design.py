"""How a reading study is set up: one table of keys, the same in a file (TOML or JSON) and over the API."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"\S")]


class Order(StrEnum):
    """In which order films are read.

    Chronological: a patient's visits side by side in their order. Paired blinded: side by side, the order hidden.
    Random: every visit alone, in no order.
    """

    CHRONOLOGICAL = "chronological"
    PAIRED_BLINDED = "paired blinded"
    RANDOM = "random"


class ModelScores(StrEnum):
    """Whether a reader sees the model's scores."""

    HIDDEN = "hidden"
    SHOWN = "shown"
    AFTER_COMMIT = "after commit"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class AdjudicationRule(_Table):
    """When two readings go to the adjudicator: they differ by at least so much in a visit's total, or at one site.

    By the total, every site of the visit on which they differ is adjudicated; by the site, those that differ so much.
    A site that only one of the two could assess is adjudicated as well.
    """

    total: Annotated[float, Field(gt=0, le=448)] | None = None
    site: Annotated[int, Field(ge=1, le=10)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.total is None and self.site is None:
            raise ValueError("give total, site or both")
        return self


class StudyDesign(_Table):
    """A study. `folder` below films/ and `patients` choose the films, all where neither is given; `seed` all orders."""

    name: Name
    readers: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2)]
    folder: Annotated[str, Field(max_length=500)] = ""
    patients: Annotated[tuple[Name, ...], Field(max_length=10_000)] | None = None
    order: Order = Order.CHRONOLOGICAL
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    model_scores: ModelScores = ModelScores.HIDDEN
    adjudicator: Name | None = None
    adjudication: AdjudicationRule | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        people = [
            each.strip().casefold() for each in (*self.readers, *([self.adjudicator] if self.adjudicator else []))
        ]
        if len(set(people)) < len(people):
            raise ValueError("readers and adjudicator are different people")
        if (self.adjudicator is None) != (self.adjudication is None):
            raise ValueError("adjudicator and adjudication go together")
        if self.adjudication is not None and len(self.readers) < 2:
            raise ValueError("adjudication needs two readers")
        return self

    @property
    def hides_visits(self) -> bool:
        """Whether readers may know neither patient nor visit."""
        return self.order is not Order.CHRONOLOGICAL
