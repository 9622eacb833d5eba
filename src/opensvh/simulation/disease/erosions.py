"""Erosions: each site's grade turned into defects at its bare areas, the same ones growing as the grade rises.

Grades (FACTS.md, section 2): 1 discrete; 2-3 larger by the surface involved; 4 across the middle of the bone; 5
complete collapse. In feet the score of 0-10 is the sum of the head's side and the base's, 0-5 each. A discrete erosion
has the size seen by HR-pQCT in second metacarpal heads: median 14.9 mm3, quartiles 5.7 and 35.9 (doi
10.1186/s12891-021-03992-5), a ball of 1.5 mm radius (1.1 to 2.0). The other sizes are this project's choice.

Places are in `bare_areas`, shapes in `lesions`. A site draws as much at every grade, so that with the same generator a
higher grade is the same disease later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from opensvh.domain.anatomy import Kind, Limb
from opensvh.simulation.anatomy.bone_ends import BoneEnd, bone_end
from opensvh.simulation.anatomy.skeleton import Lesion, Skeleton
from opensvh.simulation.disease.bare_areas import UNSCORED_CARPALS, BareArea, draw_area, graded_parts
from opensvh.simulation.disease.lesions import collapse, pocket, saucer, trough
from opensvh.simulation.disease.telescoping import sunk

Grades = Mapping[tuple[str, Kind], float]

POCKETS: dict[int, tuple[float, ...]] = {
    1: (0.105,),
    2: (0.155, 0.10),
    3: (0.205, 0.15, 0.115),
    4: (0.19, 0.15, 0.13),
    5: (0.22, 0.17, 0.15),
}
"""Grade -> radii of the defects in shares of the bone's width, the first place's first."""

WIDTHS_MM = (10.0, 16.0)
"""Widths count within these bounds: small bones must show a lesion, and the radius is not eroded as wide as it is."""
SIZE_SPREAD = 0.13
"""SD of the logarithm of a site's lesion size; neighbouring grades overlap."""
SAUCER_SHARE = 0.3
"""Share of the places that are shallow along the cortex; our choice, as are the three below."""
OLD_SHARE = 0.25
"""Share of lesions at rest, with a thin dense rim."""
EN_FACE_SHARE = 0.15
"""Share of the places after the first that face back or palm: seen from in front rather than in profile."""
COLLAPSE_SHARE = (0.34, 0.5)
"""How deep a collapsed end is lost, in shares of its width."""
SUNK_SHARE = (0.45, 0.9)
"""How much of the lost depth the digit beyond sinks in."""
_LOST = {"radius": 0.45, "head": 1.0, "base": 0.8, "whole": 1.5}
"""Factor on the lost depth by bone or kind of end: carpals go for the greater part, the wide radius for less."""
_WRIST = ("TRAPEZIUM", "NAVICULAR", "LUNATE")


@dataclass(frozen=True)
class _Place:
    """One place drawn for a site: where, how, and how large against its grade's size."""

    area: BareArea
    angle: float
    lift: float
    size: float
    shallow: bool
    rim_mm: float
    seed: int


def with_erosions(skeleton: Skeleton, limb: Limb, grades: Grades, rng: np.random.Generator) -> Skeleton:
    """The skeleton with the defects that the grades of erosion ask for, and those of carpals without a grade."""
    for (site, kind), grade in grades.items():
        if kind is Kind.EROSION:
            skeleton = _site_eroded(skeleton, limb, site, round(grade), np.random.default_rng(rng.integers(2**63)))
    if limb is Limb.FOOT:
        return skeleton
    wrist = [grades.get((site, Kind.EROSION), 0.0) for site in _WRIST]
    for carpal in UNSCORED_CARPALS:
        own = np.random.default_rng(rng.integers(2**63))
        grade = min(round(float(np.mean(wrist)) * own.uniform(0.4, 1.2)), 4)
        skeleton = _site_eroded(skeleton, limb, carpal, grade, own)
    return skeleton


def _site_eroded(skeleton: Skeleton, limb: Limb, site: str, grade: int, rng: np.random.Generator) -> Skeleton:
    """The skeleton with one site's lesions; a collapse lets the digit sink."""
    for areas, part_grade in graded_parts(limb, site, grade, rng):
        places = _draw_places(areas, rng)
        lost = rng.uniform(*COLLAPSE_SHARE), rng.uniform(*SUNK_SHARE)
        first = places[0].area
        if part_grade <= 0 or first.part not in skeleton.bones:
            continue
        lost_mm = lost[0] * places[0].size * _counted_width(bone_end(skeleton, first.part, first.end))
        lost_mm *= _LOST.get(first.part, _LOST[first.end])
        skeleton = _added(skeleton, _lesions(skeleton, places, part_grade, lost_mm))
        if part_grade == 5:
            skeleton = sunk(skeleton, limb, site, first.part, lost[1] * lost_mm)
    return skeleton


def _added(skeleton: Skeleton, found: Mapping[str, list[Lesion]]) -> Skeleton:
    bones = dict(skeleton.bones)
    for name, lesions in found.items():
        bones[name] = replace(bones[name], erosions=(*bones[name].erosions, *lesions))
    return replace(skeleton, bones=bones)


def _lesions(skeleton: Skeleton, places: list[_Place], grade: int, lost_mm: float) -> dict[str, list[Lesion]]:
    """The lesions of one graded part by bone; from grade 4 on the first place's bone is crossed or collapsed."""
    found: dict[str, list[Lesion]] = {}
    for place, share in zip(places, POCKETS[grade], strict=False):
        if place.area.part not in skeleton.bones:
            continue
        end = bone_end(skeleton, place.area.part, place.area.end)
        if place is not places[0] or grade < 4:
            made = _bite(skeleton, end, place, share)
        else:
            made = _crossing(skeleton, end, place, share) if grade == 4 else _collapse(skeleton, end, place, lost_mm)
        found.setdefault(end.name, []).extend(made)
    return found


def _draw_places(areas: tuple[BareArea, ...], rng: np.random.Generator) -> list[_Place]:
    """Three places, the further ones elsewhere than the first as far as there is room."""
    size = float(np.exp(rng.normal(0, SIZE_SPREAD)))
    places: list[_Place] = []
    for _ in range(3):
        area = draw_area(areas, rng)
        again = draw_area(areas, rng)
        area = again if any(area is place.area for place in places) else area
        in_profile = rng.random() >= EN_FACE_SHARE or not places
        places.append(
            _Place(
                area=area,
                angle=area.angle + float(rng.normal(0, area.spread)) * (1 if in_profile else 2.5),
                lift=float(
                    np.clip(rng.normal(0, 9), -18, 18) if in_profile else rng.choice((-1, 1)) * rng.uniform(25, 45)
                ),
                size=size * float(np.exp(rng.normal(0, 0.08))),
                shallow=bool(rng.random() < SAUCER_SHARE),
                rim_mm=float(rng.uniform(0.2, 0.45)) if rng.random() < OLD_SHARE else 0.0,
                seed=int(rng.integers(2**63)),
            )
        )
    return places


def _bite(skeleton: Skeleton, end: BoneEnd, place: _Place, share: float) -> tuple[Lesion, ...]:
    """A discrete defect of a radius given as a share of the bone's width."""
    rng = np.random.default_rng(place.seed)
    radius = share * place.size * _counted_width(end)
    if place.shallow and abs(place.lift) < 25:
        return saucer(skeleton, end, place.angle, 3.3 * radius, rng)
    return pocket(skeleton, end, end.spot(skeleton, place.angle, place.lift), radius, place.rim_mm, rng)


def _crossing(skeleton: Skeleton, end: BoneEnd, place: _Place, share: float) -> tuple[Lesion, ...]:
    """A defect from its side over the middle of the bone."""
    rng = np.random.default_rng(place.seed)
    side = np.sign(place.area.angle) or 1.0
    angles = side * (abs(place.area.angle) - np.linspace(0, rng.uniform(105, 140), 6))
    return trough(skeleton, end, angles, share * place.size * _counted_width(end), rng)


def _collapse(skeleton: Skeleton, end: BoneEnd, place: _Place, lost_mm: float) -> tuple[Lesion, ...]:
    """The loss of a whole end."""
    rng = np.random.default_rng(place.seed)
    side = np.sign(place.area.angle) or 1.0
    lean = place.area.angle if place.area.end == "whole" else 14.0 * side * rng.random()
    return collapse(skeleton, end, lost_mm, lean, place.rim_mm, rng)


def _counted_width(end: BoneEnd) -> float:
    return float(np.clip(end.width_mm, *WIDTHS_MM))
