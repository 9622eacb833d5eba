"""Distributions over grades of every site of many film sets: what a model says before anybody makes scores of it.

How scores are made of them is `readout`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_COLUMNS, RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.challenge import site_columns

HALVED_CLASSES = 6
"""Classes of a foot's erosion whose grades 0 to 10 are halved (paper, section 3)."""


@dataclass(frozen=True)
class Distributions:
    """`by_column`: [film sets, classes] that span the site's grades evenly, rows of NaN where nothing was read."""

    film_sets: tuple[str, ...]
    by_column: Mapping[str, NDArray[np.float64]]

    @property
    def gaps(self) -> int:
        """How many sites were not read."""
        return int(sum(np.isnan(rows[:, 0]).sum() for rows in self.by_column.values()))

    def table(self, columns: Mapping[str, NDArray[np.float64]]) -> pd.DataFrame:
        """A score table of these film sets, as `challenge` takes it."""
        return pd.DataFrame(dict(columns), index=pd.Index(self.film_sets, name=RA2_COLUMNS[0]))[site_columns()]

    @property
    def expected(self) -> pd.DataFrame:
        """The expectation of each grade, NaN where nothing was read."""
        return self.table({column: rows @ grades(column, rows) for column, rows in self.by_column.items()})

    def of(self, film_sets: Sequence[str]) -> "Distributions":
        """The same film sets in another order, or fewer."""
        place = {name: row for row, name in enumerate(self.film_sets)}
        rows = [place[name] for name in film_sets]
        return Distributions(tuple(film_sets), {column: each[rows] for column, each in self.by_column.items()})


def grades(column: str, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The grade that each class of a column stands for."""
    return np.linspace(0, highest_grade(column), rows.shape[1])


def highest_grade(column: str) -> int:
    """Of a site column."""
    _, site, kind = RA2_SITE_COLUMNS[column]
    return site.maximum(kind) or 0


def mean_of(members: Sequence[Distributions]) -> Distributions:
    """An ensemble's: the mean over the members that read a site."""
    first = members[0]
    if len(members) == 1:
        return first
    by_column = {}
    for column in first.by_column:
        stacked = np.stack([member.by_column[column] for member in members])
        read = ~np.isnan(stacked[..., :1])
        with np.errstate(invalid="ignore"):
            by_column[column] = np.where(read, stacked, 0).sum(axis=0) / read.sum(axis=0)
    return Distributions(first.film_sets, by_column)


def is_halved(column: str, rows: NDArray[np.float64]) -> bool:
    """Whether the classes are halves of a foot's erosion grades."""
    _, site, kind = RA2_SITE_COLUMNS[column]
    return kind is Kind.EROSION and site.limb is Limb.FOOT and rows.shape[1] == HALVED_CLASSES
