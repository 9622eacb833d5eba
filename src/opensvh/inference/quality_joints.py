"""What the joints alone tell of a film's worth: too few of them, cut off, wrongly arranged, seen with too few pixels.

The arrangement is judged by `shape_model`. Thresholds were set on the tuning half of the hand-marked real films read by
the bundle `compact` (7 hands, 12 feet; told limb, side and turn, and then each told wrongly) and on simulated films.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import LimbPlacement, Pose
from opensvh.domain.reading import FilmReading, Status
from opensvh.inference.limb_places import film_field, laid_limb, on_field
from opensvh.inference.part_search import sides_reached
from opensvh.inference.quality_findings import Code, Finding, Severity, sites_at
from opensvh.inference.shape_model import FEWEST_POINTS, ShapeFit, canonical_points, fitted
from opensvh.inference.shape_model_file import shipped_shape_models

LEAST_FOUND = 0.5
"""No more than this share of the joints that should be on the film: no limb, or none that lies as told. Told rightly at
least 20 of 21 and 6 of 6 were found; upside down or a quarter off, at most half on 32 of 38."""
LEAST_FOUND_OF_PART = 0.7
"""The same where a part of the limb lies beyond the film's edge, so that fewer joints can bear it out."""
EDGE_MARGIN: Mapping[Limb, float] = {Limb.HAND: 0.015, Limb.FOOT: 0.025}
"""A joint this near the edge, in limb lengths (3 mm of a hand, 6 mm of a foot), is not seen whole."""
UNTOLD = 1.4
"""A foot that reaches a side of the film, with joints farther from a limb's arrangement: which toes they are cannot be
told. Of 42 side cuts of the tuning half those rightly named had up to 1.14, those wrongly named 1.49 and more."""


UNTOLD_TEXT = (
    "the foot reaches the side of the film, and the joints found lie as no part of one: which toes are left cannot be "
    "told; give a film that shows at least four of the scored joints"
)


@dataclass(frozen=True)
class Arrangement:
    """Distances of `ShapeFit` above which an arrangement is unusual, and impossible."""

    unusual: float
    impossible: float


ARRANGEMENTS: Mapping[Limb, Arrangement] = {
    Limb.HAND: Arrangement(unusual=1.2, impossible=1.8),
    Limb.FOOT: Arrangement(unusual=1.25, impossible=1.7),
}
"""Told rightly: hands 0.60 to 0.93, feet 0.36 to 1.05; simulated patients (damage and operations among them): hands
99 % below 1.07, all below 1.53; feet 95 % below 1.17, 99 % below 1.65. Told the other side: hands 2.0 to 2.3, feet 1.36
to 2.23; a hand told to be a foot 1.5 to 2.2."""

LIMB_MM: Mapping[Limb, float] = {Limb.HAND: 190.0, Limb.FOOT: 250.0}
"""Length of an adult's limb, where the film does not tell its pixels' size."""
WARN_PX_PER_MM, LEAST_PX_PER_MM = 2.5, 1.25
"""Real films made smaller, narrowing of undamaged sites against that at full size: from 2.5 px/mm up no change beyond
that between two sizes; at 2.0 0.14 per site either way, at 1.5 a bias of +0.11 on hands, at 1.0 +0.30."""


@dataclass(frozen=True)
class JudgedJoints:
    """A reading with what its joints' arrangement tells: `fit` of those on the film, `places` of all, beyond it too,
    `shown` those that it shows; `field` is the part of the film, `film` pixels large, within even borders."""

    reading: FilmReading
    placement: LimbPlacement
    fit: ShapeFit | None
    places: Mapping[str, Point]
    shown: frozenset[str]
    field: Box
    film: Size

    @property
    def limb_px(self) -> float:
        """The limb's length in film pixels: the box's longer side where no shape tells it."""
        return self.fit.length_px if self.fit else float(max(self.reading.box.width, self.reading.box.height))


def judged_joints(pixels: NDArray[np.float32], reading: FilmReading, placement: LimbPlacement) -> JudgedJoints:
    """The joints found, fitted by the shipped shape model in the placement's pose."""
    field = film_field(pixels)
    laid = laid_limb(shipped_shape_models()[reading.limb], reading.points, placement.pose, field)
    return JudgedJoints(
        reading, placement, laid.fit, laid.places, laid.shown, field, Size(pixels.shape[1], pixels.shape[0])
    )


def implausibility(reading: FilmReading, pose: Pose) -> float:
    """How badly the joints found fit a limb that lies in this pose: infinite where no more than half were found.

    For choosing among ways in which a film may lie, other limb and other side included: of five ways told to the bundle
    `compact` the true one had the least on all 38 marked films, the next at least 0.43 more.
    """
    if len(reading.points) <= LEAST_FOUND * len(POINTS[reading.limb]):
        return math.inf
    fit = fitted(shipped_shape_models()[reading.limb], canonical_points(reading.points, pose))
    return fit.whole_distance if fit else math.inf


def joint_findings(joints: JudgedJoints, spacing_mm: float | None) -> Iterator[Finding]:
    """Findings about the film as a whole first where they refuse it, then about sites, then warnings."""
    missing = _cut_off(joints)
    if not _is_limb(joints, missing):
        yield Finding(Code.NO_LIMB, Severity.REFUSE, _no_limb_text(joints, missing))
        return
    if joints.fit and joints.fit.distance > ARRANGEMENTS[joints.reading.limb].impossible:
        yield Finding(Code.ARRANGEMENT, Severity.REFUSE, _impossible_text(joints.reading.limb))
        return
    if _is_untold(joints):
        yield Finding(Code.ARRANGEMENT, Severity.REFUSE, UNTOLD_TEXT)
        return
    yield from _unusual(joints)
    if missing:
        text = f"{_listed(missing)}: cut off at the film's edge"
        sites = sites_at(joints.reading.limb, missing)
        yield Finding(Code.CUT_OFF, Severity.SITE, text, sites, status=Status.NOT_VISIBLE)
    yield from _strays(joints, missing)
    yield from _resolution(joints, spacing_mm)


def _is_untold(joints: JudgedJoints) -> bool:
    """Whether the foot may be cut along its side, and its joints lie as no part of one."""
    if joints.reading.limb is not Limb.FOOT or joints.fit is None or joints.fit.distance <= UNTOLD:
        return False
    return bool(sides_reached(joints.placement.pose, joints.film))


def _cut_off(joints: JudgedJoints) -> tuple[str, ...]:
    """Points that lie at or beyond the film's edge: as found, or where the others put those missing or found astray."""
    margin = EDGE_MARGIN[joints.reading.limb] * joints.limb_px
    return tuple(
        name
        for name, place in joints.places.items()
        if name not in joints.shown or not on_field(place, joints.field, margin)
    )


def _is_limb(joints: JudgedJoints, cut_off: tuple[str, ...]) -> bool:
    expected = [name for name in POINTS[joints.reading.limb] if name not in cut_off]
    found = [name for name in expected if name in joints.reading.points]
    least = LEAST_FOUND_OF_PART if cut_off else LEAST_FOUND
    return joints.fit is not None and len(found) >= FEWEST_POINTS and len(found) > least * len(expected)


def _no_limb_text(joints: JudgedJoints, cut_off: tuple[str, ...]) -> str:
    limb, names = joints.reading.limb, POINTS[joints.reading.limb]
    found = [name for name in joints.reading.points if name not in cut_off]
    beyond = f", {len(cut_off)} lie beyond the film's edge" if cut_off else ""
    text = f"only {len(found)} of the {len(names)} joints of a {limb} were found{beyond}"
    return (
        f"{text}: no {limb}, too little of one, or it does not lie as told; check limb, side and the turn of the film"
    )


def _impossible_text(limb: Limb) -> str:
    remedy = f"check limb, side and turn, and that the film shows the {limb} whole"
    return f"the joints found do not lie as those of a {limb} do; {remedy}"


def _unusual(joints: JudgedJoints) -> Iterator[Finding]:
    limb, fit = joints.reading.limb, joints.fit
    if fit is not None and fit.distance > ARRANGEMENTS[limb].unusual:
        share = f"as {fit.share:.0%} of {limb} films do" if fit.share >= 0.01 else f"as few {limb} films do"
        text = f"the joints lie in an unusual arrangement ({share}); check limb, side and the joints marked"
        yield Finding(Code.ARRANGEMENT, Severity.WARN, text)


def _strays(joints: JudgedJoints, cut_off: tuple[str, ...]) -> Iterator[Finding]:
    strays = [name for name in joints.fit.strays if name not in cut_off] if joints.fit else []
    if strays:
        text = f"{_listed(strays)}: found where it cannot be, by the other joints"
        sites = sites_at(joints.reading.limb, strays)
        yield Finding(Code.STRAY_JOINT, Severity.SITE, text, sites, status=Status.NOT_ASSESSABLE)


def _resolution(joints: JudgedJoints, spacing_mm: float | None) -> Iterator[Finding]:
    """Pixels per mm from the film's spacing where known, else from the limb's length."""
    limb = joints.reading.limb
    px_per_mm = 1 / spacing_mm if spacing_mm else joints.limb_px / LIMB_MM[limb]
    source = "" if spacing_mm else f", if the {limb} is {LIMB_MM[limb]:.0f} mm long"
    if px_per_mm < LEAST_PX_PER_MM:
        text = (
            f"too few pixels to tell narrowing: {px_per_mm:.1f} per mm{source}; at least {LEAST_PX_PER_MM} are needed"
        )
        kinds = (Kind.NARROWING,)
        yield Finding(Code.FEW_PIXELS, Severity.SITE, text, kinds=kinds, status=Status.POOR_QUALITY)
    elif px_per_mm < WARN_PX_PER_MM:
        text = f"few pixels: {px_per_mm:.1f} per mm{source}; narrowing is less sure below {WARN_PX_PER_MM}"
        yield Finding(Code.FEW_PIXELS, Severity.WARN, text)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names)
