"""Grades of damage turned into geometry: joint spaces, erosions and the thinning of bone around diseased joints.

Narrowing follows the grades' wording: 1 focal or minimal, 2 less than half lost, 3 more than half lost or subluxation,
4 ankylosis (or dislocation in digits). The share of the space that is left is latent: neighbouring grades overlap,
since readers' grades move the mean width far less than their definitions suggest (Z of the MCP width +.24, -.16, -.39,
-1.41 for grades 0 to 3, ar4163); the means fall more steeply here than there, so that a film still tells its grade.
Where erosions lie and what they look like is in `erosions`; what a joint's state does to its bones is in `joints`.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, site_named
from opensvh.simulation.anatomy.joints import JointSpace
from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.disease.bare_areas import bare_areas
from opensvh.simulation.disease.erosions import with_erosions

Grades = Mapping[tuple[str, Kind], float]

SPACE_LEFT = {0: (1.0, 0.06), 1: (0.81, 0.08), 2: (0.58, 0.09), 3: (0.24, 0.09), 4: (0.1, 0.05)}
"""Grade of narrowing -> mean and SD of the share of the normal gap that is left; our choice."""

FOCAL_SHARE = {1: 0.5, 2: 0.15, 3: 0.1}
"""Share of digit joints of a grade that are narrowed on one side: "focal" in the grades' wording; our choice."""
FOCAL_TILT = (2.5, 6.0)
"""Degrees by which the distal bone of a focally narrowed joint tilts: 0.3 to 0.7 mm at the edge of an MCP joint."""

SUBLUXED_SHARE = 0.2
"""Share of digit joints of grade 3 that are subluxed rather than thin, and of grade 4 dislocated rather than fused."""

THINNED = 0.34
"""Part of the trabecular bone lost beside a joint of the highest grades, on average; our choice."""


def joint_spaces(limb: Limb, grades: Grades, rng: np.random.Generator) -> dict[str, JointSpace]:
    """The state of each joint space for grades of narrowing by (site, kind); sites without a grade are healthy."""
    spaces = {}
    for (site, kind), grade in grades.items():
        if kind is Kind.NARROWING:
            in_digit = site_named(limb, site).digit is not None and not site.startswith("CMC")
            site_rng = np.random.default_rng(rng.integers(2**63))
            spaces[site] = _space(round(grade), in_digit, 0.6 if limb is Limb.HAND else 0.8, site_rng)
    return spaces


def eroded(skeleton: Skeleton, limb: Limb, grades: Grades, rng: np.random.Generator) -> Skeleton:
    """The skeleton with the lesions that the grades of erosion ask for, and thinned around diseased joints."""
    return osteopenic(with_erosions(skeleton, limb, grades, rng), limb, grades, rng)


def osteopenic(skeleton: Skeleton, limb: Limb, grades: Grades, rng: np.random.Generator) -> Skeleton:
    """Less trabecular bone beside joints by their grades (periarticular osteopenia); how much differs by patient.

    Loosely tied to the grades on purpose: activity, use and treatment matter as much.
    """
    strength = THINNED * float(np.exp(rng.normal(0, 0.4)))
    left: dict[str, float] = {}
    for site, activity in _activities(limb, grades).items():
        lost = strength * activity * float(np.exp(rng.normal(0, 0.35)))
        for name in _bones_beside(limb, site):
            left[name] = min(left.get(name, 1.0), float(np.clip(1 - lost, 0.35, 1.0)))
    bones = {
        name: replace(bone, end_density=bone.end_density * left[name]) if name in left else bone
        for name, bone in skeleton.bones.items()
    }
    return replace(skeleton, bones=bones)


def _space(grade: int, in_digit: bool, slip: float, rng: np.random.Generator) -> JointSpace:
    mean, spread = SPACE_LEFT[grade]
    share = float(np.clip(mean + spread * rng.standard_normal(), 0.02, 1.3))
    displaced, focal = rng.random(2)
    side, amount = float(rng.choice((-1.0, 1.0))), float(rng.random())
    if in_digit and grade >= 3 and displaced < SUBLUXED_SHARE:
        slip_mm = side * (3.0 + 2.0 * amount) * slip * (2.0 if grade == 4 else 1.0)
        return JointSpace(share=0.3 + 0.4 * float(rng.random()) if grade == 3 else share, slip_mm=slip_mm)
    if in_digit and focal < FOCAL_SHARE.get(grade, 0.0):
        low, high = FOCAL_TILT
        return JointSpace(share=share, tilt_deg=side * (low + (high - low) * amount))
    return JointSpace(share=share, fused=grade == 4)


def _activities(limb: Limb, grades: Grades) -> dict[str, float]:
    """The damage of each site in [0, 1], the worse of its kinds."""
    found: dict[str, float] = {}
    for (name, kind), grade in grades.items():
        maximum = site_named(limb, name).maximum(kind) or 1
        found[name] = max(found.get(name, 0.0), grade / maximum)
    return found


_WRIST_SPACES = {
    "CMC3": ("mc3", "capitate"),
    "CMC4": ("mc4", "hamate"),
    "CMC5": ("mc5", "hamate"),
    "STT": ("scaphoid", "trapezium", "trapezoid"),
    "CNL": ("capitate", "scaphoid", "lunate"),
    "RADCAR": ("radius", "scaphoid", "lunate"),
}


def _bones_beside(limb: Limb, site: str) -> tuple[str, ...]:
    """The bones around a site, by name."""
    if site in _WRIST_SPACES:
        return _WRIST_SPACES[site]
    return tuple(dict.fromkeys(area.part for area in bare_areas(limb, site)))
