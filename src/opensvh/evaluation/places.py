"""Where the joints were found, as plain values that JSON can hold: by group of joints, view, age and film.

How one error is measured is `localization`'s.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.localization import PointError, in_group, summarize, summarize_groups
from opensvh.evaluation.truth import FilmTruth, ReadFilm

Figures = dict[str, Any]


def localization_figures(reads: Iterable[ReadFilm]) -> Figures:
    """Errors by group of joints; the headline leaves out uncertain points, `with_uncertain` has them all."""
    listed = list(reads)
    return {
        "groups": _groups(listed),
        "with_uncertain": _summaries([error for read in listed for error in read.errors()]),
        "by_view": _split(listed, lambda truth: truth.view),
        "by_age": _split(listed, lambda truth: truth.age),
        "films": [_film_line(read) for read in listed if read.truth.points],
        "uncertain": [_plain_error(error) for read in listed for error in _uncertain_errors(read)],
    }


def _groups(reads: Iterable[ReadFilm]) -> Figures:
    return _summaries([error for read in reads for error in read.certain_errors()])


def _summaries(errors: list[PointError]) -> Figures:
    return {group: asdict(summary) for group, summary in summarize_groups(errors).items()}


def _split(reads: Iterable[ReadFilm], key: Callable[[FilmTruth], str]) -> Figures:
    listed = list(reads)
    values = sorted({key(read.truth) for read in listed} - {""})
    return {value: _groups(read for read in listed if key(read.truth) == value) for value in values}


def _film_line(read: ReadFilm) -> Figures:
    errors = read.certain_errors()
    parts = ("fingers", "wrist") if read.truth.limb is Limb.HAND else ("hallux IP", "MTP")
    summaries = {part: summarize(in_group(errors, part)) for part in parts}
    return {
        "film": read.truth.film,
        "limb": read.truth.limb.value,
        "side": read.truth.side.value,
        "view": read.truth.view,
        "age": read.truth.age,
        "reason": read.reason,
        "missed": sum(math.isinf(error.error_percent) for error in errors),
        "marked": len(errors),
        "median_percent": {part: summary.median_percent for part, summary in summaries.items() if summary},
    }


def _uncertain_errors(read: ReadFilm) -> list[PointError]:
    return [error for error in read.errors() if error.point in read.truth.uncertain]


def _plain_error(error: PointError) -> Figures:
    percent = None if math.isinf(error.error_percent) else error.error_percent
    return {"film": error.film, "point": error.point, "error_percent": percent}
