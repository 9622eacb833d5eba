"""Digits bone by bone: a distal bone is set on a proximal one at a gap, along its own axis, and shifted or fused.

The state of a joint (`JointSpace`) comes from `damage`; `hand` and `foot` say which bones meet.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from opensvh.simulation.anatomy.skeleton import Contact, Lesion, PosedBone, Skeleton, Vector, surface_along, turn

FUSED_GAP_MM = -0.4
LIPS_HIDE_MM = (0.45, 0.6, 0.9, 1.4), (0.0, 0.08, 0.135, 0.155)
"""A `Contact.flatten`, and by how much lips of that depth bring a base's visible margin nearer than its floor.

A mean over MCP, PIP and IP, which differ by 0.05 mm either way; measured as `opensvh realism gaps` does on hands with
spaces from closed to wide, alike at any gap.
"""


@dataclass(frozen=True)
class JointSpace:
    """State of one joint space: share of the normal gap left, subluxation sideways in mm, or bony fusion.

    `tilt_deg` leans the distal bone over, so that the space closes on one side: towards +x where it is positive;
    `wedge` is how much a space grows towards +x without that, mm a mm.
    """

    share: float = 1.0
    slip_mm: float = 0.0
    fused: bool = False
    tilt_deg: float = 0.0
    wedge: float = 0.0

    def gap_mm(self, normal_mm: float) -> float:
        """Gap of this joint in mm where a healthy one had `normal_mm`; negative if fused."""
        return FUSED_GAP_MM if self.fused else self.share * normal_mm


@dataclass(frozen=True)
class Build:
    """A body: `size` of the whole limb, `gap` factor on all joint spaces, `stout` factor on widths and depths."""

    size: float = 1.0
    gap: float = 1.0
    stout: float = 1.0
    shape_spread: float = 0.03


@dataclass
class Chain:
    """A skeleton under construction."""

    bones: dict[str, PosedBone] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    points: dict[str, Vector] = field(default_factory=dict)
    gaps_mm: dict[str, float] = field(default_factory=dict)

    def skeleton(self) -> Skeleton:
        """The finished limb."""
        return Skeleton(self.bones, tuple(self.contacts), self.points, self.gaps_mm)


def bone_scale(build: Build, rng: np.random.Generator) -> Vector:
    """Factors on a tubular bone's width, length and depth in this body."""
    wide = build.size * build.stout
    spread = build.shape_spread * rng.normal(0, (1.0, 0.8, 1.0))
    return np.array([wide, build.size, wide]) * np.exp(spread)


def bend(bone: PosedBone) -> float:
    """Angle of a bone's axis on the picture, in degrees towards the thumb or hallux."""
    return float(np.degrees(np.arctan2(bone.axis[0], bone.axis[1])))


def joined(
    chain: Chain,
    joint: str,
    proximal_name: str,
    distal_name: str,
    distal: PosedBone,
    space: JointSpace,
    normal_gap_mm: float,
    rng: np.random.Generator,
    flatten: float = 0.5,
) -> None:
    """Set `distal` (already turned) on the head of the proximal bone and record contact, centre and gap.

    The gap varies by 11 % from joint to joint in health; it is measured along the distal bone's axis, between the
    margins that a film shows: a base with lips is set back by what they hide (`LIPS_HIDE_MM`).
    """
    proximal = chain.bones[proximal_name]
    gap = space.gap_mm(normal_gap_mm * float(np.exp(rng.normal(0, 0.11))))
    middle = proximal.world((0.0, proximal.shape.length_mm - 0.42 * proximal.shape.width_mm, 0.0))
    facing = surface_along(proximal, middle, distal.axis)
    slip = distal.rotation[:, 0] * space.slip_mm
    leaning = turn(z=-space.tilt_deg) @ distal.rotation
    distal = replace(distal, rotation=leaning, position=facing + gap * distal.axis + slip)
    chain.bones[distal_name] = distal
    wedge = space.wedge - float(np.tan(np.deg2rad(space.tilt_deg)))
    cut = gap if space.fused else gap + float(np.interp(flatten, *LIPS_HIDE_MM))
    chain.contacts.append(Contact(distal_name, proximal_name, cut, flatten=flatten, wedge=wedge))
    centre = facing + gap / 2 * distal.axis + slip / 2
    chain.points[joint] = centre
    chain.gaps_mm[joint] = gap
    if space.fused:
        fuse(chain, (proximal_name, distal_name), centre)


def fuse(chain: Chain, names: tuple[str, ...], centre: Vector, reach_mm: float | None = None) -> None:
    """Take the cortex away around `centre` in each bone, so that trabeculae run through.

    In a digit the cortex of its sides stays; with `reach_mm` it goes that far in every direction.
    """
    for name in names:
        bone = chain.bones[name]
        local = bone.local(centre)
        half = 0.4 * bone.shape.width_mm
        radii = (half, 3.0, half) if reach_mm is None else (reach_mm, reach_mm, reach_mm)
        bridge = Lesion((float(local[0]), float(local[1]), float(local[2])), radii)
        chain.bones[name] = replace(bone, bridges=(*bone.bridges, bridge))
