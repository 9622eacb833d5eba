"""A grade of erosion turned into defects at a site's bare areas, as in the simulator but seen on the film.

Grades, sizes and shapes are those of `disease.erosions` and `disease.lesions`: pockets and saucers, from grade 4 on a
trough across the bone, at 5 the loss of its end. Latent damage between two grades moves the size between theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.simulation.disease.bare_areas import BareArea, draw_area, graded_parts
from opensvh.simulation.disease.erosions import (
    COLLAPSE_SHARE,
    EN_FACE_SHARE,
    OLD_SHARE,
    POCKETS,
    SAUCER_SHARE,
    SIZE_SPREAD,
    SUNK_SHARE,
    WIDTHS_MM,
)
from opensvh.simulation.edited_films.bone_loss import Defect, draw_wobble, through_share
from opensvh.simulation.edited_films.outline import Outline
from opensvh.simulation.patients.severity import grade_of

FACING_THROUGH = 0.45
"""Share of the bone that a defect seen from in front takes; our choice."""
LOST = {"radius": 0.45, "ulna": 0.8}
"""How much of its width a collapsed end loses, against a digit's."""

OutlineOf = Callable[[BareArea], Outline | None]


@dataclass(frozen=True)
class Eroded:
    """The defects of one end of a bone, and how far the digit beyond sinks in (mm)."""

    outline: Outline
    defects: tuple[Defect, ...]
    sunk_mm: float = 0.0


def site_lesions(
    limb: Limb, site: str, damage: float, outline_of: OutlineOf, rng: np.random.Generator
) -> tuple[Eroded, ...]:
    """What a damage (in grades) does to a site; nothing below 0.5, or where no bone is found."""
    grade = grade_of(damage, site_named(limb, site).maximum(Kind.EROSION) or 0)
    found: list[Eroded] = []
    for areas, part_grade in graded_parts(limb, site, grade, rng):
        own = np.random.default_rng(rng.integers(2**63))
        if part_grade > 0:
            growth = float(np.clip(1 + 0.16 * (damage - grade), 0.9, 1.1))
            found += _part_lesions(areas, part_grade, growth, outline_of, own)
    return tuple(found)


def _part_lesions(
    areas: tuple[BareArea, ...], grade: int, growth: float, outline_of: OutlineOf, rng: np.random.Generator
) -> list[Eroded]:
    size = growth * float(np.exp(rng.normal(0, SIZE_SPREAD)))
    outlines: dict[str, Outline] = {}
    defects: dict[str, list[Defect]] = {}
    sunk = 0.0
    first: BareArea | None = None
    for share in POCKETS[grade]:
        area = draw_area(areas, rng) if first is None else _elsewhere(areas, first, rng)
        outline = outline_of(area)
        if outline is None:
            return []
        width = float(np.clip(outline.width_mm, *WIDTHS_MM))
        radius = share * size * width * float(np.exp(rng.normal(0, 0.08)))
        if first is None and grade == 4:
            made = _trough(outline, area, radius, rng)
        elif first is None and grade == 5:
            lost = rng.uniform(*COLLAPSE_SHARE) * size * width * LOST.get(area.part, 1.0)
            made, sunk = _collapse(outline, lost, rng), float(rng.uniform(*SUNK_SHARE) * lost)
        else:
            made = _bite(outline, area, radius, first is None, rng)
        key = area.part + area.end
        outlines[key] = outline
        defects.setdefault(key, []).extend(made)
        first = first or area
    return [
        Eroded(outlines[key], tuple(each), sunk if key == first.part + first.end else 0.0)
        for key, each in defects.items()
        if first is not None
    ]


def _elsewhere(areas: tuple[BareArea, ...], first: BareArea, rng: np.random.Generator) -> BareArea:
    """Another place than the first, as far as chance allows."""
    area, again = draw_area(areas, rng), draw_area(areas, rng)
    return again if area is first else area


def _bite(outline: Outline, area: BareArea, radius: float, first: bool, rng: np.random.Generator) -> list[Defect]:
    """A discrete defect: a pocket, a saucer, or one that is seen from in front."""
    angle = area.angle + float(rng.normal(0, area.spread))
    facing = rng.random() < EN_FACE_SHARE and not first
    if facing:
        across, along = outline.spot(angle, rng.uniform(1.3, 2.2) * radius)
        return [_defect(outline, (across, along), radius, rng, FACING_THROUGH)]
    if rng.random() < SAUCER_SHARE:
        return _saucer(outline, angle, 3.3 * radius, rng)
    return _pocket(outline, angle, radius, rng)


def _pocket(outline: Outline, angle: float, radius: float, rng: np.random.Generator) -> list[Defect]:
    """Round, with a mouth narrower than itself, and a smaller lobe beside it."""
    depth = rng.uniform(0.25, 0.6) * radius
    rim = float(rng.uniform(0.2, 0.45)) if rng.random() < OLD_SHARE else 0.0
    aside = float(rng.choice((-1.0, 1.0))) * rng.uniform(0.6, 0.9) * radius
    lobe = angle + _degrees(outline, angle, aside)
    return [
        _defect(outline, outline.spot(angle, depth), radius, rng, rim_mm=rim),
        _defect(
            outline,
            outline.spot(lobe, depth + rng.uniform(-0.2, 0.4) * radius),
            radius * rng.uniform(0.45, 0.65),
            rng,
            rim_mm=rim,
        ),
    ]


def _saucer(outline: Outline, angle: float, length: float, rng: np.random.Generator) -> list[Defect]:
    """A shallow loss along the edge, about a quarter as deep as long."""
    radius = length / 3
    spread = _degrees(outline, angle, length / 2 - 0.6 * radius)
    depths = length * rng.uniform(0.2, 0.3, 3)
    return [
        _defect(outline, outline.spot(angle + share * spread, float(depth) - radius), radius, rng, 1.1)
        for share, depth in zip((-1.0, 0.0, 1.0), depths, strict=True)
    ]


def _trough(outline: Outline, area: BareArea, radius: float, rng: np.random.Generator) -> list[Defect]:
    """Bites side by side from one side over the middle, uneven in size and depth."""
    side = np.sign(area.angle) or 1.0
    made = []
    for angle in side * (abs(area.angle) - np.linspace(0, rng.uniform(105, 140), 6)):
        bite = radius * float(np.exp(rng.normal(0, 0.16)))
        made.append(_defect(outline, outline.spot(float(angle), rng.uniform(0.1, 0.55) * bite), bite, rng))
    return made


def _collapse(outline: Outline, lost_mm: float, rng: np.random.Generator) -> list[Defect]:
    """An end taken off, more on one side, down to an uneven stump."""
    radius = 0.30 * outline.width_mm
    lean = float(rng.uniform(-0.25, 0.25))
    made = []
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        across = share * 0.44 * outline.width_mm
        surface = float(outline.spot(float(np.degrees(np.arctan2(across, outline.edge(0.0)))))[1])
        depth = lost_mm * float(np.exp(rng.normal(0, 0.14))) * (1 + lean * share)
        for outward in (0.0, 1.1 * radius):
            centre = across, surface - depth + radius + outward
            made.append(_defect(outline, centre, radius, rng, 1.1))
    return made


def _defect(
    outline: Outline,
    centre: tuple[float, float],
    radius: float,
    rng: np.random.Generator,
    through: float | None = None,
    rim_mm: float = 0.0,
) -> Defect:
    share = through_share(radius, outline.width_mm) if through is None else through
    return Defect(*centre, radius, share, rim_mm, draw_wobble(rng))


def _degrees(outline: Outline, angle: float, length: float) -> float:
    """The angle that a length along the edge spans."""
    return float(np.degrees(length / max(float(outline.edge(angle)), 2.5)))
