"""A film of an undamaged limb -> the same film with given damage: what is changed where, and what is then true of it.

Erosions come first, on the bones as they lie; then the joints are narrowed one by one, distal ones first, so that what
lies beyond a joint moves with it. What a film does not let be shown (no space is seen, a point is missing) stays
undamaged and is told so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, site_named, sites_of
from opensvh.domain.geometry import Point
from opensvh.simulation.anatomy.joints import JointSpace
from opensvh.simulation.disease.damage import SPACE_LEFT, joint_spaces
from opensvh.simulation.edited_films.bone_loss import eroded_picture
from opensvh.simulation.edited_films.ends import Joints, outline_of
from opensvh.simulation.edited_films.grain import Grain
from opensvh.simulation.edited_films.harmless import harmless
from opensvh.simulation.edited_films.joint_space import find_space
from opensvh.simulation.edited_films.lesions import Eroded, site_lesions
from opensvh.simulation.edited_films.places import Picture, joint_places, pixels_per_mm
from opensvh.simulation.edited_films.slide import Slide, moved_points, slid, slide_for
from opensvh.simulation.patients.patient import Grades
from opensvh.simulation.patients.severity import CLEARLY_NONE, Damage, grade_of

ORDER = ("PIP", "IP", "MCP", "MTP", "CMC", "STT", "CNL", "RADCAR")
"""Rows of joints in the order in which they are narrowed."""
GUARDED_SHARE = 0.7
"""Share of the undamaged joints of a guarded film whose space changes as much as healthy ones differ; our choice."""
GRAIN_PX = 64
"""How far beyond the last joint centre the grain is looked at."""


@dataclass(frozen=True)
class SiteEdit:
    """What was done to a site: its grade, the space found and the slide, or the radii of its defects; in mm."""

    site: str
    kind: Kind
    damage: float
    grade: int
    gap_mm: float | None = None
    slide: Slide | None = None
    radii_mm: tuple[float, ...] = ()


@dataclass(frozen=True)
class EditedFilm:
    """A film after the edits.

    `pixels` as they came in, float32 in [0, 1]; `points` as they moved; `damage` of every site whose point is known, in
    grades: what was asked for where it could be shown, else none; `edits` what was done.
    """

    pixels: Picture
    points: Mapping[str, Point]
    limb: Limb
    damage: Damage
    edits: tuple[SiteEdit, ...]
    pixel_mm: float

    @property
    def grades(self) -> Grades:
        """The exact grades, which the film shows."""
        return {
            (name, kind): grade_of(damage, site_named(self.limb, name).maximum(kind) or 0)
            for (name, kind), damage in self.damage.items()
        }


def edited(
    pixels: Picture,
    points: Mapping[str, Point],
    limb: Limb,
    side: Side,
    damages: Damage,
    rng: np.random.Generator | None = None,
    guarded: bool = False,
) -> EditedFilm:
    """The film with the damage asked for; sites that `damages` does not name stay as they are.

    `pixels` in [0, 1], bone bright, turned any way but not mirrored; `side` as the picture looks (thumb or hallux side,
    read as PA or DP). `guarded` adds edits that change no grade, so that an edit alone tells nothing. Without `rng` the
    same damage gives the same film.
    """
    rng = rng or np.random.default_rng(0)
    joints = _joints(pixels, points, limb, side)
    erosions = _erosions(pixels, limb, joints, damages, np.random.default_rng(rng.integers(2**63)))
    grain = _grain(pixels, joints)
    result, edits, sunk = _eroded(pixels, limb, damages, erosions, grain, np.random.default_rng(rng.integers(2**63)))
    if guarded:
        result = harmless(result, joints, grain, np.random.default_rng(rng.integers(2**63)))
    slides = _slides(limb, joints, damages, sunk, np.random.default_rng(rng.integers(2**63)), guarded)
    known = dict(points)
    for site, slide in slides.items():
        place, space = joints.places[site], joints.spaces[site]
        result = slid(result, place, space, slide)
        known = moved_points(known, place, space, slide)
        damage = damages.get((site, Kind.NARROWING))
        if damage is not None:
            maximum = site_named(limb, site).narrowing or 0
            edits.append(SiteEdit(site, Kind.NARROWING, damage, grade_of(damage, maximum), space.gap_mm, slide))
    return EditedFilm(result, known, limb, _shown(limb, points, damages, edits), tuple(edits), 1 / joints.scale)


def _joints(pixels: Picture, points: Mapping[str, Point], limb: Limb, side: Side) -> Joints:
    places = joint_places(limb, side, points)
    spaces = {site: find_space(pixels, place) for site, place in places.items()}
    seen = {site: space for site, space in spaces.items() if space is not None}
    return Joints(side, points, pixels_per_mm(limb, points) or 1.0, places, seen)


def _grain(pixels: Picture, joints: Joints) -> Grain:
    """The grain of the film around its joint centres."""
    x, y = np.array(list(joints.points.values())).T
    rows = slice(max(int(y.min()), 0), max(int(y.max()), 0) + GRAIN_PX)
    columns = slice(max(int(x.min()), 0), max(int(x.max()), 0) + GRAIN_PX)
    return Grain.of(pixels[rows, columns])


def _erosions(
    pixels: Picture, limb: Limb, joints: Joints, damages: Damage, rng: np.random.Generator
) -> dict[str, tuple[Eroded, ...]]:
    """The lesions of each site by name; each site draws for itself."""
    found = {}
    for (site, kind), damage in damages.items():
        if kind is Kind.EROSION:
            own = np.random.default_rng(rng.integers(2**63))
            found[site] = site_lesions(limb, site, damage, partial(outline_of, pixels, joints, site), own)
    return found


def _eroded(
    pixels: Picture,
    limb: Limb,
    damages: Damage,
    erosions: Mapping[str, tuple[Eroded, ...]],
    grain: Grain,
    rng: np.random.Generator,
) -> tuple[Picture, list[SiteEdit], dict[str, float]]:
    """The film with every lesion, what was done, and how far the digit beyond each joint sinks in (mm)."""
    edits, sunk = [], {}
    for site, ends in erosions.items():
        for end in ends:
            pixels = eroded_picture(pixels, end.outline, end.defects, grain, rng)
        if ends:
            damage = damages[site, Kind.EROSION]
            grade = grade_of(damage, site_named(limb, site).erosion or 0)
            radii = tuple(defect.radius for end in ends for defect in end.defects)
            edits.append(SiteEdit(site, Kind.EROSION, damage, grade, radii_mm=radii))
            sunk[site] = sum(end.sunk_mm for end in ends)
    return pixels, edits, sunk


def _slides(
    limb: Limb, joints: Joints, damages: Damage, sunk: Mapping[str, float], rng: np.random.Generator, guarded: bool
) -> dict[str, Slide]:
    """The slide of each joint whose space is seen, in the order in which they are done."""
    asked = {key: damage for key, damage in damages.items() if key[1] is Kind.NARROWING}
    grades = {(site, kind): float(grade_of(damage, 4)) for (site, kind), damage in asked.items()}
    states = joint_spaces(limb, grades, rng)
    slides = {}
    for site in sorted(joints.spaces, key=lambda site: (ORDER.index(site.rstrip("0123456789")), site)):
        moves, change = rng.random() < GUARDED_SHARE, rng.normal(0, SPACE_LEFT[0][1])
        damage = asked.get((site, Kind.NARROWING), CLEARLY_NONE)
        if grade_of(damage, 4) > 0:
            state = _between_grades(states[site], damage)
        elif (guarded and moves) or sunk.get(site):
            state = JointSpace(share=1 + float(change) * guarded)
        else:
            continue
        slides[site] = slide_for(state, joints.places[site], joints.spaces[site].gap_mm, sunk.get(site, 0.0))
    return slides


def _between_grades(state: JointSpace, damage: float) -> JointSpace:
    """The state drawn for a grade, moved to where the damage lies between the grades' mean shares."""
    grades = sorted(SPACE_LEFT)
    means = [SPACE_LEFT[grade][0] for grade in grades]
    moved = float(np.interp(damage, grades, means)) - means[grade_of(damage, 4)]
    return replace(state, share=float(np.clip(state.share + moved, 0.0, 1.2)))


def _shown(
    limb: Limb, points: Mapping[str, Point], damages: Damage, edits: list[SiteEdit]
) -> dict[tuple[str, Kind], float]:
    """Damage of every site whose point is known: as asked for where it was done or is below any grade, else none."""
    done = {(edit.site, edit.kind) for edit in edits}
    shown = {}
    for kind in Kind:
        for site in sites_of(limb, kind):
            damage = damages.get((site.name, kind), CLEARLY_NONE)
            is_true = (site.name, kind) in done or grade_of(damage, site.maximum(kind) or 0) == 0
            if site.point in points:
                shown[site.name, kind] = damage if is_true else CLEARLY_NONE
    return shown
