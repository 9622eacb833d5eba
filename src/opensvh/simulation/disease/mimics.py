"""What only looks like the disease: osteoarthritis, cysts, old fractures, gout-like defects, bone islands, vessels.

None of it is scored. Spaces are narrowed by it at joints without a score only (DIP, CMC1); at scored joints there are
osteophytes and sclerosis, and defects stay inside the bone behind a rim, or away from the joint.

Frequencies at 67 years are published, the course with age is fitted by eye to the same sources: osteoarthritis of DIP
47 %, thumb base 36 %, PIP 18 % and MCP 8 % of people (Rotterdam study, n = 3906; none by 50 years in about 60 %,
doi 10.1186/s12891-017-1870-0); MTP1 in 47-66 % above 60 and a quarter of all adults (doi 10.1177/1071100714558448, 517
films); carpal cysts in 46 % on CT (mean age 63, by bone as in `CYST_BONES`; ARD 2015;74 Suppl 2:883), of which films
show perhaps half. The others are this project's choice.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.bone_ends import cut_distance
from opensvh.simulation.anatomy.skeleton import Lesion, Skeleton
from opensvh.simulation.disease.bony_marks import bone_island, fragment, gouty_defect, healed_fracture, is_round, vessel
from opensvh.simulation.disease.osteoarthritis import closed_in, osteophytes, sclerosis, thinned_space

AT_67 = {
    "DIP": 0.47,
    "CMC1": 0.36,
    "PIP": 0.18,
    "MCP": 0.08,
    "MTP1": 0.55,
    "IP1": 0.15,
    "carpal cyst": 0.23,
    "cyst": 0.05,
    "fracture": 0.10,
    "gout": 0.012,
}
"""Share of limbs with a change at 67 years."""
AT_ANY_AGE = {"island": 0.05, "vessel": 0.3, "fragment": 0.04}
OF_A_ROW = 0.5
"""Share of a row's joints that have it where the row has it at all."""
ONSET, REFERENCE_AGE, STEEPNESS = 32.0, 67.0, 1.3

CYST_BONES = {
    "lunate": 35,
    "scaphoid": 24,
    "capitate": 21,
    "triquetrum": 21,
    "trapezoid": 10,
    "hamate": 5,
    "trapezium": 4,
}
"""Cysts found in each carpal of 156 wrists (ARD 2015;74 Suppl 2:883)."""

Change = Callable[[Skeleton, np.random.Generator], Skeleton]


def mimicked(skeleton: Skeleton, limb: Limb, age: float, rng: np.random.Generator) -> Skeleton:
    """The limb with the changes that someone of that age has by chance."""
    changes = _HAND_CHANGES if limb is Limb.HAND else _FOOT_CHANGES
    for name, change in changes.items():
        own = np.random.default_rng(rng.integers(2**63))
        if own.random() < prevalence(name, age):
            skeleton = change(skeleton, own)
    return skeleton


def prevalence(name: str, age: float) -> float:
    """Share of limbs with a change at an age; none before the thirties, except what comes at any age."""
    if name in AT_ANY_AGE:
        return AT_ANY_AGE[name]
    course = max(age - ONSET, 0.0) / (REFERENCE_AGE - ONSET)
    return float(min(AT_67[name] * course**STEEPNESS, 0.85))


def _last_joints(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
    """DIP joints: osteophytes, sclerosis, and a space that is lost unevenly."""
    for digit in (2, 3, 4, 5):
        distal, middle = f"dp{digit}", f"mp{digit}"
        if rng.random() > OF_A_ROW or skeleton.bones[distal].erosions:
            continue
        severity = float(rng.uniform(0.3, 1.0))
        wedge = float(rng.normal(0, 0.035))
        skeleton = closed_in(skeleton, distal, middle, 1 - severity * rng.uniform(0.3, 0.85), wedge)
        skeleton = _worn(skeleton, middle, distal, severity, rng)
    return skeleton


def _row(parts: tuple[str, str], digits: tuple[int, ...], most: float) -> Change:
    """Osteophytes and sclerosis, no narrowing, at some joints of a row; `most` is the worst severity."""

    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        for digit in digits:
            if len(digits) == 1 or rng.random() < OF_A_ROW:
                head, base = (f"{part}{digit}" for part in parts)
                skeleton = _worn(skeleton, head, base, float(rng.uniform(0.3, most)), rng)
        return skeleton

    return change


def _worn(skeleton: Skeleton, head: str, base: str, severity: float, rng: np.random.Generator) -> Skeleton:
    skeleton = osteophytes(skeleton, head, "head", severity, rng)
    skeleton = osteophytes(skeleton, base, "base", severity, rng)
    if severity > 0.5:
        skeleton = sclerosis(skeleton, base, "base", severity, rng)
    return skeleton


def _thumb_base(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
    severity = float(rng.uniform(0.3, 1.0))
    skeleton = thinned_space(skeleton, "mc1", "trapezium", 1 - 0.75 * severity)
    skeleton = osteophytes(skeleton, "mc1", "base", severity, rng)
    skeleton = osteophytes(skeleton, "trapezium", "whole", severity, rng, towards=25.0)
    return sclerosis(skeleton, "mc1", "base", severity, rng)


def _carpal_cyst(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
    weights = np.array(list(CYST_BONES.values()), float)
    for _ in range(1 + int(rng.random() < 0.3)):
        name = str(rng.choice(list(CYST_BONES), p=weights / weights.sum()))
        skeleton = _with_cyst(skeleton, name, rng)
    return skeleton


def _cyst_in(*names: str) -> Change:
    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        return _with_cyst(skeleton, str(rng.choice(names)), rng)

    return change


def _with_cyst(skeleton: Skeleton, name: str, rng: np.random.Generator) -> Skeleton:
    """A round hole with a thin dense rim, deeper than wide, a millimetre of bone left on all sides of the picture."""
    bone = skeleton.bones[name]
    radius = float(np.clip(np.exp(rng.normal(np.log(2.1), 0.25)), 1.4, 3.4))
    end = np.array([0.0, 0.0, 0.0]) if is_round(bone) else np.array([0.0, bone.shape.length_mm - 6.0, 0.0])
    offsets = rng.uniform(-7, 7, (60, 3)) * (1.0, 1.0, 0.4)
    places = np.array([bone.world(end + offset) for offset in offsets])
    room = -cut_distance(skeleton, name, places)
    inside = np.flatnonzero(room > radius + 1.0)
    if len(inside) == 0:
        return skeleton
    centre = bone.local(places[inside[0]])
    radii = radius * np.array([1.0, 1.0, 1.8]) * np.exp(rng.normal(0, 0.1, 3)) / bone.scale
    cyst = Lesion(
        (float(centre[0]), float(centre[1]), float(centre[2])),
        (float(radii[0]), float(radii[1]), float(radii[2])),
        rim_mm=float(rng.uniform(0.25, 0.4)),
    )
    return replace(skeleton, bones={**skeleton.bones, name: replace(bone, erosions=(*bone.erosions, cyst))})


_DIGITS = (2, 3, 4, 5)

_HAND_CHANGES: dict[str, Change] = {
    "DIP": _last_joints,
    "CMC1": _thumb_base,
    "PIP": _row(("pp", "mp"), _DIGITS, most=0.7),
    "IP1": _row(("pp", "dp"), (1,), most=0.9),
    "MCP": _row(("mc", "pp"), (2, 3), most=0.6),
    "carpal cyst": _carpal_cyst,
    "cyst": _cyst_in("mc2", "mc3", "mc4", "radius"),
    "fracture": healed_fracture("mc5", "mc4", "mc2", "pp5", "pp4", "pp2", "mp3", "mc1"),
    "island": bone_island("scaphoid", "capitate", "lunate", "mc3", "mc2", "pp3", "pp2", "radius"),
    "vessel": vessel("mc2", "mc3", "mc4", "pp2", "pp3", "pp4"),
    "fragment": fragment(("ulna", "head", -45.0), ("mp3", "base", 70.0), ("mp5", "base", -70.0), ("pp1", "base", 75.0)),
}

_FOOT_CHANGES: dict[str, Change] = {
    "MTP1": _row(("mt", "pp"), (1,), most=1.0),
    "IP1": _row(("pp", "dp"), (1,), most=0.8),
    "cyst": _cyst_in("mt1", "mt2", "mt3"),
    "fracture": healed_fracture("mt5", "mt2", "mt3", "mt4", "pp5", "pp4"),
    "gout": gouty_defect,
    "island": bone_island("cuboid", "cuneiform1", "mt1", "mt2", "calcaneus", "pp1"),
    "vessel": vessel("mt2", "mt3", "mt4", "pp1"),
    "fragment": fragment(("mt5", "base", -80.0), ("pp1", "base", 72.0), ("pp2", "base", -70.0)),
}
