"""A posed hand: where the bones of the digits lie, their joints, and how the whole hand lies.

Gaps follow published joint space widths. The digits' bones are `finger_bones`', carpals and forearm `wrist`'s, small
bones `hand_ossicles`', the look of a child's hand `hand_growth`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from opensvh.domain.anatomy import Kind
from opensvh.simulation.anatomy.finger_bones import drawn_shape
from opensvh.simulation.anatomy.hand_growth import growing_hand
from opensvh.simulation.anatomy.hand_ossicles import add_ossicles
from opensvh.simulation.anatomy.joints import Build, Chain, JointSpace, bend, bone_scale, joined
from opensvh.simulation.anatomy.skeleton import PosedBone, Skeleton, turn
from opensvh.simulation.anatomy.wrist import MC_ANGLES, MC_ROLL, MEAN_DEVIATION, WristPose, fuse_wrist, pose_wrist

FINGERS = (2, 3, 4, 5)

_MCP_GAPS_MM = {"MCP1": 1.13, "MCP2": 1.54, "MCP3": 1.6, "MCP4": 1.42, "MCP5": 1.36}
FINGER_GAPS_MM = _MCP_GAPS_MM | {"PIP": 0.84, "PIP5": 0.73, "DIP": 0.85, "IP": 0.96}
"""As measured between the subchondral lines of the marked real hands: narrower than cartilage on other images."""
GAP_SPREAD = {"MCP": 0.11}
"""SD of the logarithm of one joint's healthy space beyond that of all digits (`joined`): real MCPs of one hand, each
over the mean of its finger, spread by 17 %."""
_CUPS = {"MCP": 1.25, "MCP1": 1.0, "PIP": 0.92, "DIP": 0.9, "IP1": 0.75}
"""How far the base's dorsal and palmar lips reach over the head (`Contact.flatten`): median, and below its spread."""
_CUP_SPREAD = 0.2
UNEVEN = {"MCP": 0.06, "PIP": 0.04, "DIP": 0.04, "IP": 0.04}
"""SD of a space's growth across the joint, mm a mm: the halves of real spaces differ by about 0.2 mm, noise and all."""
_MCP_BENT = {2: 0.0, 3: 0.0, 4: 2.0, 5: 4.0}
"""Mean flexion in degrees: the ulnar fingers of a hand laid flat stay a little bent."""

_PP_ANGLES = {2: (-0.5, 4.0), 3: (-0.2, 3.0), 4: (0.0, 3.0), 5: (-5.0, 5.0)}
"""Mean and SD in degrees, towards the thumb: proximal phalanges from their metacarpal."""


FLEXED_SHARE, CROSSED_SHARE, OBLIQUE_SHARE = 0.08, 0.05, 0.10
"""Hands with strongly flexed fingers, with one finger across its neighbour, and turned out of the plane; our choice."""


@dataclass(frozen=True)
class FingerPose:
    """What one finger does beside the rest: degrees of flexion, of turning towards the thumb, and about its axis."""

    flexion: float = 0.0
    aside: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True)
class HandPose:
    """How the hand lies: finger spread (1 is relaxed), and degrees of everything else.

    `rotation` turns the whole hand about its long axis, positive lifting the thumb off the film: 0 is PA, 45 oblique.
    """

    spread: float = 1.0
    thumb: float = 32.0
    deviation: float = MEAN_DEVIATION
    flexion: float = 4.0
    ulnar_drift: float = 0.0
    ulnar_variance_mm: float = 1.0
    rotation: float = 0.0
    fingers: Mapping[int, FingerPose] = field(default_factory=dict)


def draw_hand_pose(grades: Mapping[tuple[str, Kind], float], rng: np.random.Generator) -> HandPose:
    """Spread or closed fingers, thumb near or far; ulnar drift where the MCP joints are badly narrowed."""
    mcp = [grade for (site, kind), grade in grades.items() if kind is Kind.NARROWING and site.startswith("MCP")]
    drift = max(float(np.mean(mcp)) - 1.5, 0.0) * rng.uniform(0, 9) if mcp else 0.0
    return HandPose(
        spread=float(rng.uniform(0.1, 1.6)),
        thumb=float(rng.normal(33.5, 9)),
        deviation=float(rng.normal(MEAN_DEVIATION, 6)),
        flexion=float(abs(rng.normal(3, 4))),
        ulnar_drift=drift,
        ulnar_variance_mm=float(rng.normal(1.0, 1.8)),
        rotation=_draw_rotation(rng),
        fingers=_draw_fingers(rng),
    )


def _draw_rotation(rng: np.random.Generator) -> float:
    """Mostly flat; one hand in ten up to an oblique view, mostly with the thumb's side lifted."""
    small, large, side = rng.normal(0, 2.5), rng.uniform(10, 45), 1.0 if rng.random() < 0.8 else -1.0
    return float(side * large if rng.random() < OBLIQUE_SHARE else small)


def _draw_fingers(rng: np.random.Generator) -> dict[int, FingerPose]:
    """Fingers that lie otherwise than the rest: flexed, across a neighbour, or rotated."""
    fingers = {}
    draw, flexed = rng.random(), rng.uniform(20, 60)
    if draw < FLEXED_SHARE:
        chosen = rng.permutation(FINGERS)[: int(rng.integers(1, 5))]
        fingers = {int(d): FingerPose(flexion=float(flexed * rng.uniform(0.6, 1.1))) for d in chosen}
    elif draw < FLEXED_SHARE + CROSSED_SHARE:
        digit, side = int(rng.choice(FINGERS)), float(rng.choice((-1.0, 1.0)))
        fingers = {digit: FingerPose(float(rng.uniform(5, 20)), side * float(rng.uniform(8, 20)), rng.normal(0, 20))}
    return fingers


def pose_hand(
    build: Build,
    pose: HandPose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
    growth: float | None = None,
) -> Skeleton:
    """A left hand in world mm (see `skeleton`), joints in the given state; `rng` draws what no argument fixes.

    `growth` is the skeletal age in years of a growing hand, None for a grown one; `build` carries its size.
    """
    carpus = WristPose(pose.deviation, pose.ulnar_variance_mm)
    wrist = pose_wrist(build, carpus, spaces, _metacarpals(build, pose, rng), rng)
    chain = Chain(dict(wrist.bones), list(wrist.contacts), dict(wrist.points), dict(wrist.gaps_mm))
    for digit in FINGERS:
        _add_finger(chain, digit, build, pose, spaces, rng)
    _add_thumb(chain, build, pose, spaces, rng)
    fuse_wrist(chain, spaces)
    add_ossicles(chain, build, rng)
    hand = chain.skeleton() if growth is None else growing_hand(chain.skeleton(), growth, rng)
    return hand.turned(turn(y=pose.rotation))


def _metacarpals(build: Build, pose: HandPose, rng: np.random.Generator) -> dict[str, PosedBone]:
    """The five metacarpals, turned and scaled; `wrist` puts their bases in place."""
    bones = {}
    for digit in FINGERS:
        mean, spread = MC_ANGLES[digit]
        angle = mean * (0.6 + 0.4 * pose.spread) + rng.normal(0, spread)
        rotation = turn(z=-angle) @ turn(y=rng.normal(0, 3) + MC_ROLL[digit])
        bones[f"mc{digit}"] = PosedBone(drawn_shape(f"mc{digit}", rng), rotation, np.zeros(3), bone_scale(build, rng))
    tilt = turn(z=-(pose.thumb + rng.normal(0, 3))) @ turn(x=10) @ turn(y=-rng.normal(48, 7))
    return bones | {"mc1": PosedBone(drawn_shape("mc1", rng), tilt, np.zeros(3), bone_scale(build, rng))}


def _add_finger(
    chain: Chain,
    digit: int,
    build: Build,
    pose: HandPose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
) -> None:
    mean, spread = _PP_ANGLES[digit]
    angle = bend(chain.bones[f"mc{digit}"]) * 0.75 * pose.spread + mean + rng.normal(0, spread) - pose.ulnar_drift
    own = pose.fingers.get(digit, FingerPose())
    angle += own.aside
    flexion = rng.normal(_MCP_BENT[digit], 4) + 0.4 * own.flexion
    roll = rng.normal(0, 4) + {2: 5, 3: 0, 4: -4, 5: -9}[digit] + own.roll
    proximal = f"mc{digit}"
    for part, joint in (("pp", "MCP"), ("mp", "PIP"), ("dp", "DIP")):
        name = f"{part}{digit}"
        rotation = turn(z=-angle) @ turn(x=flexion) @ turn(y=roll)
        distal = PosedBone(drawn_shape(name, rng), rotation, np.zeros(3), bone_scale(build, rng))
        space = _uneven(spaces.get(f"{joint}{digit}", JointSpace()), UNEVEN[joint], rng)
        gap = _normal_gap(f"{joint}{digit}", joint, rng) * build.gap
        joined(chain, f"{joint}{digit}", proximal, name, distal, space, gap, rng, flatten=_cup(joint, rng))
        angle += rng.normal({2: -1.5, 3: 0.0, 4: 1.5, 5: 3.5}[digit], 1.8)
        flexion += abs(rng.normal(pose.flexion, pose.flexion * 0.6)) + 0.6 * own.flexion
        proximal = name


def _add_thumb(
    chain: Chain, build: Build, pose: HandPose, spaces: Mapping[str, JointSpace], rng: np.random.Generator
) -> None:
    angle = bend(chain.bones["mc1"]) + rng.normal(-12, 6)
    roll = -rng.normal(50, 8)
    for proximal, name, joint, kind in (("mc1", "pp1", "MCP1", "MCP"), ("pp1", "dp1", "IP1", "IP")):
        rotation = turn(z=-angle) @ turn(x=rng.normal(8, 4)) @ turn(y=roll)
        distal = PosedBone(drawn_shape(name, rng), rotation, np.zeros(3), bone_scale(build, rng))
        space = _uneven(spaces.get(joint, JointSpace()), UNEVEN[kind], rng)
        gap = _normal_gap(joint, kind, rng) * build.gap
        joined(chain, joint, proximal, name, distal, space, gap, rng, flatten=_cup(joint, rng))
        angle += rng.normal(-4, 6)


def _normal_gap(joint: str, kind: str, rng: np.random.Generator) -> float:
    """A healthy space in mm of an average body: that of the joint or of its kind."""
    normal = FINGER_GAPS_MM[joint if joint in FINGER_GAPS_MM else kind]
    return normal * float(np.exp(rng.normal(0, GAP_SPREAD.get(kind, 0.0))))


def _cup(joint: str, rng: np.random.Generator) -> float:
    """How deep the lips of one joint's base reach."""
    return float(np.clip(_CUPS[joint] * np.exp(rng.normal(0, _CUP_SPREAD)), 0.4, 1.5))


def _uneven(space: JointSpace, spread: float, rng: np.random.Generator) -> JointSpace:
    """A space that is a little wider on one side, as healthy ones are; the less so the narrower it is."""
    return replace(space, wedge=float(rng.normal(0, spread)) * min(space.share, 1.0))
