"""Grades turned into geometry: narrowed, subluxed and fused joint spaces, and erosions of growing reach.

Narrowing follows the grades' wording: 1 focal or minimal, 2 less than half lost, 3 more than half lost or subluxation,
4 ankylosis (or dislocation in digits). Widths of neighbouring grades overlap, since readers' grades move the mean width
far less than their definitions suggest (ar4163). Erosion: 1 discrete, 2-3 larger, 4 across the middle of the bone,
5 collapse; in feet the two sides of a joint, 0-5 each. Sizes in shares of the bone's width are this project's choice.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from opensvh.domain.anatomy import Kind, Limb
from opensvh.simulation.joints import JointSpace
from opensvh.simulation.skeleton import Lesion, PosedBone, Skeleton

Grades = Mapping[tuple[str, Kind], float]

SPACE_LEFT = {0: (1.0, 0.07), 1: (0.77, 0.05), 2: (0.56, 0.06), 3: (0.22, 0.09), 4: (0.1, 0.05)}
"""Grade of narrowing -> mean and SD of the share of the normal gap that is left."""

SUBLUXED_SHARE = 0.2
"""Share of digit joints of grade 3 that are subluxed rather than thin, and of grade 4 dislocated rather than fused."""

EROSION_SIZES: dict[int, tuple[float, ...]] = {
    0: (),
    1: (0.14,),
    2: (0.19, 0.13),
    3: (0.27, 0.18, 0.15),
    4: (0.44, 0.25, 0.20),
    5: (0.52, 0.42, 0.38, 0.30),
}
"""Grade -> radii of the lesions in shares of the bone's width, the largest first."""

_FINGER_BONES = {"MCP": ("mc", "pp"), "PIP": ("pp", "mp"), "IP": ("pp", "dp"), "MTP": ("mt", "pp")}
_WRIST_BONES = {"TRAPEZIUM": "trapezium", "LUNATE": "lunate", "NAVICULAR": "scaphoid"}


def joint_spaces(limb: Limb, grades: Grades, rng: np.random.Generator) -> dict[str, JointSpace]:
    """The state of each joint space for grades of narrowing by (site, kind); sites without a grade are healthy."""
    spaces = {}
    for (site, kind), grade in grades.items():
        if kind is Kind.NARROWING:
            in_digit = site.startswith(("MCP", "PIP", "IP", "MTP"))
            spaces[site] = _space(round(grade), in_digit, 0.6 if limb is Limb.HAND else 0.8, rng)
    return spaces


def eroded(skeleton: Skeleton, limb: Limb, grades: Grades, rng: np.random.Generator) -> Skeleton:
    """The skeleton with the lesions that the grades of erosion ask for."""
    bones = dict(skeleton.bones)
    for (site, kind), grade in grades.items():
        if kind is Kind.EROSION and grade > 0:
            for name, lesions in _lesions(site, limb, round(grade), skeleton.bones, rng).items():
                bones[name] = replace(bones[name], erosions=(*bones[name].erosions, *lesions))
    return replace(skeleton, bones=bones)


def _space(grade: int, in_digit: bool, slip: float, rng: np.random.Generator) -> JointSpace:
    mean, spread = SPACE_LEFT[grade]
    share = float(np.clip(rng.normal(mean, spread), 0.02, 1.3))
    shifted = in_digit and grade >= 3 and rng.random() < SUBLUXED_SHARE
    if shifted:
        slip_mm = float(rng.choice((-1.0, 1.0)) * rng.uniform(3.0, 5.0) * slip * (2.0 if grade == 4 else 1.0))
        return JointSpace(share=float(rng.uniform(0.3, 0.7)) if grade == 3 else share, slip_mm=slip_mm)
    return JointSpace(share=share, fused=grade == 4)


def _lesions(
    site: str, limb: Limb, grade: int, bones: Mapping[str, PosedBone], rng: np.random.Generator
) -> dict[str, list[Lesion]]:
    """Lesions by bone for one site."""
    if site in _WRIST_BONES:
        name = _WRIST_BONES[site]
        return {name: _irregular_lesions(bones[name], grade, rng)}
    if site == "MC1_BASE":
        return {"mc1": [_base_lesion(bones["mc1"], size, rng) for size in EROSION_SIZES[grade]]}
    if site in ("RADIUS", "ULNA"):
        return {site.lower(): _forearm_lesions(bones[site.lower()], site, grade, rng)}
    return _joint_lesions(site, limb, grade, bones, rng)


def _joint_lesions(
    site: str, limb: Limb, grade: int, bones: Mapping[str, PosedBone], rng: np.random.Generator
) -> dict[str, list[Lesion]]:
    """Lesions on the head and the base that meet in a finger's or toe's joint."""
    kinds = _FINGER_BONES[site[:-1]]
    head, base = (f"{kind}{site[-1]}" for kind in kinds)
    if limb is Limb.FOOT:
        on_head = int(np.clip(round(grade * rng.uniform(0.4, 0.75)), grade - 5, min(grade, 5)))
        return {
            head: [_head_lesion(bones[head], size, rng) for size in EROSION_SIZES[on_head]],
            base: [_base_lesion(bones[base], size, rng) for size in EROSION_SIZES[grade - on_head]],
        }
    lesions: dict[str, list[Lesion]] = {head: [], base: []}
    for number, size in enumerate(EROSION_SIZES[grade]):
        if rng.random() < (0.8 if number % 2 == 0 else 0.3):
            lesions[head].append(_head_lesion(bones[head], size, rng))
        else:
            lesions[base].append(_base_lesion(bones[base], size, rng))
    return lesions


def _head_lesion(bone: PosedBone, size: float, rng: np.random.Generator) -> Lesion:
    """At the bare area beside the joint surface of a head; large ones reach across its middle."""
    width, length = bone.shape.width_mm, bone.shape.length_mm
    side = rng.choice((-1.0, 1.0))
    inward = max(width / 2 - 0.35 * size * width, 0.0) if size < 0.36 else rng.uniform(0, 0.28) * width
    return _ellipsoid(side * inward, length - rng.uniform(0.12, 0.5) * width, size * width, rng)


def _base_lesion(bone: PosedBone, size: float, rng: np.random.Generator) -> Lesion:
    """At the corner of a base."""
    width = bone.shape.width_mm * 1.15
    side = rng.choice((-1.0, 1.0))
    inward = max(width / 2 - 0.3 * size * width, 0.0) if size < 0.36 else rng.uniform(0, 0.28) * width
    return _ellipsoid(side * inward, rng.uniform(0.2, 3.0) + 0.1 * size * width, 0.9 * size * width, rng)


def _irregular_lesions(bone: PosedBone, grade: int, rng: np.random.Generator) -> list[Lesion]:
    """On the outline of a carpal."""
    across, along = bone.shape.width_mm / 2, bone.shape.length_mm / 2
    lesions = []
    for size in EROSION_SIZES[grade]:
        angle, out = rng.uniform(0, 2 * np.pi), rng.uniform(0.62, 0.85) if size < 0.36 else rng.uniform(0, 0.5)
        radius = 0.9 * size * 2 * min(across, along)
        lesions.append(_ellipsoid(out * across * np.cos(angle), out * along * np.sin(angle), radius, rng))
    return lesions


def _forearm_lesions(bone: PosedBone, site: str, grade: int, rng: np.random.Generator) -> list[Lesion]:
    """At the styloid, the joint surface, or the edge towards the other bone."""
    end = bone.shape.length_mm
    places = {
        "RADIUS": ((12.5, end - 3.0), (-11.5, end - 10.0), (3.0, end - 6.0)),
        "ULNA": ((-5.6, end - 1.0), (6.5, end - 3.5), (0.0, end - 2.0)),
    }[site]
    width = 17.0 if site == "RADIUS" else 14.0
    lesions = []
    for size in EROSION_SIZES[grade]:
        x, y = places[int(rng.integers(len(places)))]
        lesions.append(_ellipsoid(x + rng.normal(0, 1), y + rng.normal(0, 1.2), size * width, rng))
    return lesions


def _ellipsoid(x: float, y: float, radius: float, rng: np.random.Generator) -> Lesion:
    """A lesion deeper along the beam than across, so that it shows; radii vary by a tenth."""
    across, along = radius * np.exp(rng.normal(0, 0.1, 2))
    deep = max(2.4 * radius, 4.0)
    return Lesion((float(x), float(y), float(rng.normal(0, 0.8))), (float(across), float(along), float(deep)))
