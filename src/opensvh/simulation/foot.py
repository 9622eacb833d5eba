"""A posed foot: forefoot, midfoot, hindfoot and the lower leg, from tables of measures; the 6 joint centres.

Metatarsal protrusion against the second (I +0.9, III -4.4, IV -11.2, V -20.2 mm), first metatarsal and hallux lengths
are published means; widths, depths and the tarsal layout are our own choice of round figures, tuned by eye. The views
are those of real archives: dorsiplantar, centred on the ankle with dorsiflexed toes, and oblique.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.bones import BoneShape, Tube, irregular, leg_bone, sesamoid, tubular
from opensvh.simulation.joints import Build, Chain, JointSpace, bend, bone_scale, joined
from opensvh.simulation.skeleton import Contact, PosedBone, Skeleton, turn

TOES = (1, 2, 3, 4, 5)

TUBES: dict[str, Tube] = {
    "mt1": Tube(60.0, (21.0, 14.0, 21.5), (24.0, 14.0, 19.0), "ball", 0.20, 4.0, 0.1, 0.22, 0.2),
    "mt2": Tube(73.0, (15.0, 7.8, 12.4), (19.0, 8.2, 14.0), "ball", 0.27, 4.0, 0.05, 0.2, 0.14),
    "mt3": Tube(69.0, (13.6, 7.2, 11.9), (19.0, 8.2, 14.0), "ball", 0.27, 4.0, -0.05, 0.2, 0.14),
    "mt4": Tube(67.0, (13.0, 7.2, 11.8), (17.0, 8.0, 13.0), "ball", 0.27, 4.0, -0.1, 0.2, 0.14),
    "mt5": Tube(66.0, (17.0, 8.2, 11.8), (13.0, 7.6, 12.0), "ball", 0.26, 4.0, -0.35, 0.22, 0.14),
    "pp1": Tube(29.0, (20.0, 13.2, 16.8), (17.0, 10.5, 11.0), "condyles", 0.17, 1.8),
    "pp2": Tube(27.0, (11.8, 6.1, 8.6), (11.0, 6.9, 7.0), "condyles", 0.24, 1.4),
    "pp3": Tube(24.8, (11.1, 5.7, 8.0), (10.5, 6.7, 6.6), "condyles", 0.24, 1.4),
    "pp4": Tube(22.8, (10.8, 5.6, 7.8), (10.0, 6.5, 6.4), "condyles", 0.24, 1.4),
    "pp5": Tube(20.8, (11.0, 6.0, 8.0), (9.5, 6.2, 6.0), "condyles", 0.24, 1.4),
    "mp2": Tube(12.4, (9.0, 6.6, 8.0), (7.0, 5.2, 5.5), "condyles", 0.2, 1.0),
    "mp3": Tube(10.6, (8.6, 6.6, 7.8), (6.8, 5.0, 5.2), "condyles", 0.2, 1.0),
    "mp4": Tube(8.6, (8.2, 6.6, 7.6), (6.5, 5.0, 5.0), "condyles", 0.2, 1.0),
    "mp5": Tube(7.2, (8.0, 6.8, 7.6), (6.2, 5.0, 5.0), "condyles", 0.2, 1.0),
    "dp1": Tube(22.0, (17.4, 9.2, 11.8), (12.0, 7.0, 6.0), "tuft", 0.17, 1.4, 0.0, 0.3, 0.26),
    "dp2": Tube(9.8, (8.0, 4.3, 6.0), (6.0, 4.0, 3.6), "tuft", 0.18, 0.8, 0.0, 0.3, 0.26),
    "dp3": Tube(9.4, (7.8, 4.3, 6.0), (5.8, 4.0, 3.6), "tuft", 0.18, 0.8, 0.0, 0.3, 0.26),
    "dp4": Tube(9.0, (7.6, 4.3, 5.8), (5.6, 4.0, 3.5), "tuft", 0.18, 0.8, 0.0, 0.3, 0.26),
    "dp5": Tube(8.4, (7.6, 4.4, 5.8), (5.4, 4.0, 3.5), "tuft", 0.18, 0.8, 0.0, 0.3, 0.26),
}


@dataclass(frozen=True)
class Tarsal:
    """A tarsal of the left foot in mm from the head of metatarsal 2: centre, half axes, turn on the picture."""

    centre: tuple[float, float, float]
    half_axes: tuple[float, float, float]
    turn: float = 0.0
    power: float = 2.8


TARSALS: dict[str, Tarsal] = {
    "cuneiform1": Tarsal((16.0, -76.5, 0.0), (12.0, 17.5, 13.0), -6.0),
    "cuneiform2": Tarsal((2.5, -80.5, -6.0), (9.5, 13.0, 9.5), 0.0),
    "cuneiform3": Tarsal((-8.5, -86.0, -4.0), (9.5, 16.0, 10.5), 8.0),
    "cuboid": Tarsal((-22.5, -99.0, 2.0), (13.0, 21.0, 11.5), 16.0, 2.5),
    "navicular": Tarsal((7.0, -101.0, -4.0), (21.5, 11.5, 11.5), -10.0, 2.4),
    "talus": Tarsal((2.0, -126.0, -14.0), (16.5, 25.0, 14.5), -8.0, 2.3),
    "calcaneus": Tarsal((-8.0, -141.0, 8.0), (16.5, 38.0, 17.0), 6.0, 2.6),
}

TARSAL_GAPS_MM: dict[tuple[str, str], float] = {
    ("cuneiform1", "cuneiform2"): 1.2,
    ("cuneiform2", "cuneiform3"): 1.2,
    ("cuneiform3", "cuboid"): 1.4,
    ("cuneiform1", "navicular"): 1.6,
    ("cuneiform2", "navicular"): 1.6,
    ("cuneiform3", "navicular"): 1.6,
    ("navicular", "talus"): 1.8,
    ("cuboid", "calcaneus"): 2.0,
    ("mt1", "cuneiform1"): 1.4,
    ("mt2", "cuneiform2"): 1.3,
    ("mt2", "cuneiform1"): 1.2,
    ("mt2", "cuneiform3"): 1.2,
    ("mt3", "cuneiform3"): 1.3,
    ("mt4", "cuboid"): 1.4,
    ("mt5", "cuboid"): 1.5,
    ("mt2", "mt3"): 0.7,
    ("mt3", "mt4"): 0.7,
    ("mt4", "mt5"): 0.8,
}

TOE_GAPS_MM = {"MTP1": 2.0, "MTP2": 1.8, "MTP3": 1.7, "MTP4": 1.7, "MTP5": 1.6, "IP1": 1.5, "PIP": 1.1, "DIP": 0.9}

_HEADS = {1: (23.5, 0.9), 2: (0.0, 0.0), 3: (-14.2, -4.4), 4: (-27.6, -11.2), 5: (-40.5, -20.2)}
"""Heads of the metatarsals on the picture, mm from the second's."""
_MT_ANGLES = {1: 8.0, 2: 0.0, 3: -4.0, 4: -8.0, 5: -14.0}
_MT_INCLINATION = {1: 14.0, 2: 16.0, 3: 14.0, 4: 11.0, 5: 7.0}
_TOE_DRIFT = {2: -1.0, 3: 0.0, 4: 2.0, 5: 6.0}
_SAME_PLANE = 0.45
"""Share of the depth that a toe's joint surface follows; more than in fingers, since toes are seen less square."""


@dataclass(frozen=True)
class FootPose:
    """How the foot lies: `spread` of the forefoot, `hallux_valgus`, `inversion` (about the long axis; oblique views)
    and `tilt` (toes off the film: ankle-centred views) in degrees; toes `dorsiflexed` at the MTP, `clawed` beyond;
    `leg` the lower leg's direction on the picture.
    """

    spread: float = 1.0
    hallux_valgus: float = 12.0
    inversion: float = 0.0
    tilt: float = 0.0
    dorsiflexion: float = 12.0
    clawing: float = 16.0
    leg: float = 0.0


def draw_foot_pose(rng: np.random.Generator) -> FootPose:
    """Dorsiplantar, ankle-centred with dorsiflexed toes, or oblique: one film in two, three and six."""
    view = rng.random()
    spread, valgus = float(rng.uniform(0.4, 1.5)), float(rng.normal(12, 7))
    leg = float(rng.normal(0, 8))
    if view < 0.5:
        return FootPose(
            spread, valgus, float(rng.normal(0, 4)), float(rng.normal(0, 5)), float(rng.normal(12, 5)), 16.0, leg
        )
    if view < 0.83:
        tilt, raised = float(rng.uniform(-22, 8)), float(rng.uniform(15, 45))
        return FootPose(spread, valgus, float(rng.normal(0, 7)), tilt, raised, float(rng.uniform(8, 35)), leg)
    turned = float(rng.choice((-1, 1)) * rng.uniform(15, 38))
    return FootPose(spread, valgus, turned, float(rng.normal(0, 8)), float(rng.uniform(5, 35)), 18.0, leg - turned)


def pose_foot(build: Build, pose: FootPose, spaces: Mapping[str, JointSpace], rng: np.random.Generator) -> Skeleton:
    """A left foot in world mm (see `skeleton`), joints in the given state; `rng` draws what no argument fixes."""
    chain = _midfoot(build, pose, rng)
    for digit in TOES:
        _add_toe(chain, digit, build, pose, spaces, rng)
    _add_sesamoids(chain, build, rng)
    foot = chain.skeleton().turned(turn(x=pose.tilt) @ turn(y=pose.inversion))
    return _with_seen_centres(_with_leg(foot, build, pose))


@lru_cache(maxsize=1)
def shapes() -> dict[str, BoneShape]:
    """Every bone of the foot at its reference size; built once a process."""
    built = {name: tubular(tube) for name, tube in TUBES.items()}
    built |= {name: irregular(tarsal.half_axes, tarsal.power) for name, tarsal in TARSALS.items()}
    built |= {
        "sesamoid": sesamoid((4.2, 5.6, 3.6)),
        "tibia": leg_bone(12.0, 23.0, 13.0),
        "fibula": leg_bone(6.5, 10.0, 22.0),
    }
    return built


def _midfoot(build: Build, pose: FootPose, rng: np.random.Generator) -> Chain:
    bones = {}
    for name, tarsal in TARSALS.items():
        place = build.size * (np.array(tarsal.centre) + rng.normal(0, 1.0, 3))
        rotation = turn(z=tarsal.turn + rng.normal(0, 3), x=rng.normal(0, 4))
        scale = build.size * np.exp(rng.normal(0, 0.04, 3))
        bones[name] = PosedBone(shapes()[name], rotation, place, scale)
    for digit in TOES:
        bones[f"mt{digit}"] = _metatarsal(digit, build, pose, rng)
    contacts = []
    for (one, other), normal in TARSAL_GAPS_MM.items():
        gap = normal * build.gap * float(np.exp(rng.normal(0, 0.08)))
        contacts += [Contact(one, other, gap, shared=True, flatten=0.6, depth_mm=-2.0)]
        contacts += [Contact(other, one, gap, shared=True, flatten=0.6, depth_mm=-2.0)]
    return Chain(bones, contacts)


def _metatarsal(digit: int, build: Build, pose: FootPose, rng: np.random.Generator) -> PosedBone:
    """A metatarsal set by its head: protrusion is what is known."""
    angle = _MT_ANGLES[digit] * (0.5 + 0.5 * pose.spread) + rng.normal(0, 1.2)
    if digit == 1:
        angle += 0.35 * (pose.hallux_valgus - 12.0)
    rotation = turn(z=-angle) @ turn(x=_MT_INCLINATION[digit] + rng.normal(0, 2)) @ turn(y=rng.normal(0, 4))
    bone = PosedBone(shapes()[f"mt{digit}"], rotation, np.zeros(3), bone_scale(build, rng))
    across, along = _HEADS[digit]
    head = build.size * np.array([across * (0.8 + 0.2 * pose.spread), along + rng.normal(0, 1.8), 8.0])
    return replace(bone, position=head - bone.world((0.0, bone.shape.length_mm, 0.0)))


def _add_toe(
    chain: Chain,
    digit: int,
    build: Build,
    pose: FootPose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
) -> None:
    angle = bend(chain.bones[f"mt{digit}"]) * (0.35 + 0.3 * pose.spread)
    angle += -pose.hallux_valgus if digit == 1 else _TOE_DRIFT[digit] + rng.normal(0, 3)
    raised = -pose.dorsiflexion + rng.normal(0, 4) + (4 if digit == 1 else 0)
    roll = rng.normal(0, 4) + (-10 if digit == 5 else 0)
    proximal = f"mt{digit}"
    parts = (
        (("pp", f"MTP{digit}"), ("dp", "IP1")) if digit == 1 else (("pp", f"MTP{digit}"), ("mp", "PIP"), ("dp", "DIP"))
    )
    for part, joint in parts:
        name = f"{part}{digit}"
        rotation = turn(z=-angle) @ turn(x=raised) @ turn(y=roll)
        distal = PosedBone(shapes()[name], rotation, np.zeros(3), bone_scale(build, rng))
        state = spaces.get(joint, JointSpace()) if joint.endswith(f"{digit}") else JointSpace()
        key = joint if joint.endswith(f"{digit}") else f"{joint}{digit}"
        joined(chain, key, proximal, name, distal, state, TOE_GAPS_MM[joint] * build.gap, rng, flatten=_SAME_PLANE)
        angle += rng.normal({1: -3, 2: -1, 3: 0, 4: 3, 5: 6}[digit], 3)
        raised += max(rng.normal(pose.clawing, 0.5 * pose.clawing), 0) * (0.2 if digit == 1 else 1.0)
        proximal = name


def _add_sesamoids(chain: Chain, build: Build, rng: np.random.Generator) -> None:
    bone = chain.bones["mt1"]
    for side in (-1, 1):
        place = bone.world((side * 5.4, bone.shape.length_mm - 8.5 + rng.normal(0, 1.0), 11.0))
        size = build.size * np.exp(rng.normal(0, 0.08, 3))
        chain.bones[f"sesamoid{side:+d}"] = PosedBone(shapes()["sesamoid"], bone.rotation, place, size)


def _with_leg(foot: Skeleton, build: Build, pose: FootPose) -> Skeleton:
    """Tibia and fibula going down from the talus, where films show them."""
    ankle = foot.bones["talus"].centre - build.size * np.array([0.0, 12.0, 0.0])
    rotation = turn(z=pose.leg)
    scale = np.full(3, build.size)
    bones = dict(foot.bones)
    for name, aside, lower, flip in (("tibia", 5.0, 0.0, 1.0), ("fibula", -20.0, 4.0, -1.0)):
        bone = PosedBone(shapes()[name], rotation @ np.diag([flip, 1.0, flip]), np.zeros(3), scale)
        top = ankle + rotation @ (build.size * np.array([aside, lower, -22.0]))
        bones[name] = replace(bone, position=top - bone.world((0.0, bone.shape.length_mm, 0.0)))
    return replace(foot, bones=bones)


def _with_seen_centres(foot: Skeleton) -> Skeleton:
    """MTP centres where a reader marks them: between the bones, or on the head's rim where they overlap."""
    points = dict(foot.points)
    for digit in TOES:
        metatarsal, phalanx = foot.bones[f"mt{digit}"], foot.bones[f"pp{digit}"]
        if _inclination(phalanx) > 40.0:
            points[f"MTP{digit}"] = metatarsal.world((0.0, metatarsal.shape.length_mm, 0.0))
    return replace(foot, points={name: points[name] for name in points if name in ("IP1", *(f"MTP{d}" for d in TOES))})


def _inclination(bone: PosedBone) -> float:
    """Degrees between a bone's axis and the film."""
    return float(np.degrees(np.arcsin(np.clip(abs(bone.axis[2]), 0, 1))))
