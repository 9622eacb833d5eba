"""What lies over the outline of a hand: nails, folds over the finger joints, creases of the palm, bellies of muscles.

Thicknesses in mm and places are this project's choice, by eye; on a film they are faint.
"""

from opensvh.simulation.anatomy.skeleton import PosedBone, Skeleton
from opensvh.simulation.rays.tissue import Strand

FOLDS: tuple[tuple[str, float, float, float, float], ...] = (
    ("pp", 0.93, 7.0, 0.35, 1.0),
    ("pp", 1.02, 8.0, 0.4, 1.0),
    ("mp", 0.06, 7.0, 0.3, 1.0),
    ("mp", 0.98, 6.0, 0.3, 0.9),
    ("dp", 0.08, 6.0, 0.25, 0.9),
    ("pp", 0.30, 8.0, -0.4, 1.2),
    ("pp", 0.36, 8.0, -0.3, 1.0),
)
"""Kind of bone, share of its length, half length of the line across it, mm of tissue added, mm of its half width."""

NAIL = (0.42, 0.98, 4.6, 0.55)
"""Shares of the distal phalanx between which the nail lies, its half width and thickness in mm."""


MUSCLES: tuple[tuple[str, float, str, float, float, float], ...] = (
    ("mc1", 0.1, "mc1", 0.75, 11.0, 4.0),
    ("mc2", 0.05, "mc1", 0.6, 10.0, 4.0),
    ("mc5", 0.0, "mc5", 0.7, 9.0, 4.0),
    ("mc3", 0.45, "mc1", 0.95, 9.0, 5.0),
    ("mc2", 0.35, "mc1", 0.8, 11.0, 4.5),
)
"""Thenar, hypothenar, adductor, first interosseus: from a share of one bone to a share of another, half width, mm."""


def skin_lines(skeleton: Skeleton, size: float) -> list[Strand]:
    """Folds and nails of all five digits, creases of the palm."""
    lines = []
    for digit in range(1, 6):
        for kind, share, reach, add, half in FOLDS:
            bone = skeleton.bones.get(f"{kind}{digit}")
            if bone is not None:
                lines.append(_across(bone, share, size * reach, add, size * half))
        tip = skeleton.bones[f"dp{digit}"]
        low, high, half, add = NAIL
        lines.append(Strand(tip.along(low), tip.along(high), size * half, add))
    return lines + _muscles(skeleton, size) + _palm(skeleton, size)


def _across(bone: PosedBone, share: float, reach: float, add: float, half: float) -> Strand:
    middle, side = bone.along(share), reach * bone.rotation[:, 0]
    return Strand(middle - side, middle + side, half, add)


def _muscles(skeleton: Skeleton, size: float) -> list[Strand]:
    bones = skeleton.bones
    return [
        Strand(bones[first].along(start), bones[second].along(end), size * half, size * add)
        for first, start, second, end, half, add in MUSCLES
    ]


def _palm(skeleton: Skeleton, size: float) -> list[Strand]:
    """The crease around the thenar and the two across the palm: dark lines, since tissue is missing."""
    bones = skeleton.bones
    runs = (
        (bones["mc2"].along(0.78), bones["mc3"].along(0.35)),
        (bones["mc3"].along(0.35), bones["mc3"].along(-0.05)),
        (bones["mc2"].along(0.75), bones["mc4"].along(0.62)),
        (bones["mc3"].along(0.9), bones["mc5"].along(0.78)),
    )
    return [Strand(start, end, 0.9 * size, -0.5) for start, end in runs]
