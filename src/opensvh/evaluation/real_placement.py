"""What was found out about real films that were given as files alone: limb, apparent side, turn, view, refusals.

A film that was refused, or on which nothing was found where the limb is marked, counts as wrong in every respect.
"""

from collections.abc import Callable, Mapping, Sequence

from opensvh.domain.placement import LimbPlacement, Projection, Skeleton
from opensvh.evaluation.real_intervals import Figures, share
from opensvh.evaluation.real_reads import CHILD, FilmOutcome, RealFilm, RealRead

TURN_WITHIN_DEG = 25.0
"""A turn this close to the marked one, which is a whole quarter, is right."""

DECISIONS: Mapping[str, Callable[[LimbPlacement, RealFilm], bool]] = {
    "limb": lambda found, film: found.limb is film.truth.limb,
    "side": lambda found, film: found.apparent_side is film.truth.side,
    "turn": lambda found, film: turn_off(found, film) <= TURN_WITHIN_DEG,
    "projection": lambda found, film: (found.projection is Projection.OBLIQUE) == film.oblique,
    "skeleton": lambda found, film: (found.skeleton is Skeleton.GROWING) == (film.truth.age == CHILD),
}
VIEWS: Mapping[str, Callable[[RealFilm], bool]] = {
    "all": lambda film: True,
    "PA and DP": lambda film: not film.oblique,
    "oblique": lambda film: film.oblique,
}


def placement_figures(reads: Sequence[RealRead]) -> Figures:
    """By view: the share of films on which each decision is right, and how many were refused."""
    return {
        view: _view_figures([read for read in reads if belongs(read.film)])
        for view, belongs in VIEWS.items()
        if any(belongs(read.film) for read in reads)
    }


def decisions(read: RealRead) -> dict[str, bool]:
    """Which decisions about a film are right."""
    placement = None if read.found is None else read.found.placement
    return {name: placement is not None and right(placement, read.film) for name, right in DECISIONS.items()}


def refusals(reads: Sequence[RealRead]) -> list[Figures]:
    """The films on which no limb was read, and why."""
    return [
        {"film": read.film.truth.film, "half": read.film.half.value, "view": read.film.truth.view, "reason": reason}
        for read in reads
        if (reason := _refusal(read))
    ]


def not_limb_figures(outcomes: Mapping[str, FilmOutcome]) -> Figures:
    """Of images without a hand or foot: how many, and those on which a limb was read all the same."""
    read = {name: [limb.limb.value for limb in each.limbs] for name, each in outcomes.items() if each.limbs}
    return {"images": len(outcomes), "read": len(read), "taken_for": read}


def turn_off(found: LimbPlacement, film: RealFilm) -> float:
    """Degrees in [0, 180] between the turn found and the marked one."""
    return abs((found.turn_cw_deg - 90 * film.truth.quarter_turns_cw + 180) % 360 - 180)


def _view_figures(reads: Sequence[RealRead]) -> Figures:
    persons = [read.film.person for read in reads]
    right = [decisions(read) for read in reads]
    return {
        "films": len(reads),
        "persons": len(set(persons)),
        "refused": sum(bool(_refusal(read)) for read in reads),
        "further_limbs": sum(max(0, len(read.outcome.limbs) - 1) for read in reads),
        "right": {name: share(persons, [each[name] for each in right]) for name in DECISIONS},
    }


def _refusal(read: RealRead) -> str:
    if not read.outcome.limbs:
        return read.outcome.reason or "no limb found"
    return "" if read.found else "nothing found where the limb is marked"
