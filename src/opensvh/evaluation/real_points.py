"""How far found joints lie from the marked ones on real films: by part of the limb, view, age and half.

Adults without arthritis make the headline; the severe hand and children are reported apart. A joint that was not found
is beyond every bound. One error is measured as `localization` measures it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from opensvh.evaluation.localization import SHARES_WITHIN_PERCENT, PointError, in_group
from opensvh.evaluation.real_intervals import Figures, Values, median, share
from opensvh.evaluation.real_reads import RealFilm, RealRead


@dataclass(frozen=True)
class Part:
    """Points of one group of `localization.POINT_GROUPS` on the films that `takes` accepts."""

    group: str
    takes: Callable[[RealFilm], bool]


PARTS: Mapping[str, Part] = {
    "fingers": Part("fingers", lambda film: film.ordinary),
    "wrist": Part("wrist", lambda film: film.ordinary),
    "toes": Part("toes", lambda film: film.ordinary),
    "toes, DP": Part("toes", lambda film: film.ordinary and not film.oblique),
    "toes, oblique": Part("toes", lambda film: film.ordinary and film.oblique),
    "fingers, severe hand": Part("fingers", lambda film: film.severe),
    "wrist, severe hand": Part("wrist", lambda film: film.severe),
    "fingers, child": Part("fingers", lambda film: _is_child(film)),
    "wrist, child": Part("wrist", lambda film: _is_child(film)),
    "toes, children, DP": Part("toes", lambda film: _is_child(film) and not film.oblique),
    "toes, children, oblique": Part("toes", lambda film: _is_child(film) and film.oblique),
}


def _is_child(film: RealFilm) -> bool:
    return not film.ordinary and not film.severe


def point_figures(reads: Sequence[RealRead], certain: bool) -> Figures:
    """Each part that has marked joints: how many, how many not found, median error and shares within 1 to 4 percent."""
    errors = {name: part_errors(reads, name, certain) for name in PARTS}
    return {name: _part_figures(each) for name, each in errors.items() if each}


def part_errors(reads: Sequence[RealRead], name: str, certain: bool) -> list[tuple[str, PointError]]:
    """The errors of a part, each with its person."""
    part = PARTS[name]
    chosen = [read for read in reads if part.takes(read.film)]
    return [(read.film.person, error) for read in chosen for error in in_group(read.errors(certain), part.group)]


def _part_figures(errors: Sequence[tuple[str, PointError]]) -> Figures:
    persons = [person for person, _ in errors]
    percent: Values = np.array([error.error_percent for _, error in errors])
    return {
        "films": len({error.film for _, error in errors}),
        "persons": len(set(persons)),
        "points": len(errors),
        "missed": int(np.isinf(percent).sum()),
        "median_percent": median(persons, percent),
        "within": {str(bound): share(persons, percent <= bound) for bound in SHARES_WITHIN_PERCENT},
    }
