"""A posed hand and wrist: 29 bones from tables of measures, their joints, and the 21 joint centres.

Lengths follow ratios to the third metacarpal measured on 910 annotated hands; widths, depths and the carpal layout are
our own choice of round figures, tuned by eye against radiographs. Gaps follow published joint space widths: MCP 1.7 mm,
trapeziometacarpal 2.2 mm, wrist rows 1 to 2 mm; ulnar variance 1.0 (SD 1.8) mm, radial inclination 25 degrees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from opensvh.domain.anatomy import Kind
from opensvh.simulation.bones import BoneShape, Tube, irregular, radius_bone, sesamoid, tubular, ulna_bone
from opensvh.simulation.joints import Build, Chain, JointSpace, bend, bone_scale, joined
from opensvh.simulation.skeleton import Contact, PosedBone, Skeleton, Vector, between, surface_along, turn

FINGERS = (2, 3, 4, 5)

TUBES: dict[str, Tube] = {
    "mc1": Tube(45.0, (15.0, 9.6, 14.6), (14.0, 8.4, 12.5), "ball", 0.22, 5.0),
    "mc2": Tube(67.0, (16.0, 8.6, 15.0), (16.0, 8.6, 14.5), "ball", 0.25, 5.5, 0.12, 0.2, 0.19),
    "mc3": Tube(65.0, (14.0, 8.4, 14.8), (16.0, 8.4, 14.5), "ball", 0.25, 5.5, 0.10, 0.2, 0.19),
    "mc4": Tube(57.8, (11.6, 7.0, 13.4), (14.0, 7.2, 13.2), "ball", 0.25, 5.5, -0.05, 0.2, 0.2),
    "mc5": Tube(53.1, (13.0, 7.4, 12.9), (12.5, 7.0, 12.5), "ball", 0.25, 5.5, -0.2, 0.2, 0.21),
    "pp1": Tube(30.3, (15.2, 8.9, 12.2), (11.5, 6.8, 8.2), "condyles", 0.20),
    "pp2": Tube(38.4, (15.4, 9.3, 11.4), (12.5, 6.9, 8.2), "condyles", 0.21),
    "pp3": Tube(43.3, (15.8, 9.6, 11.9), (13.0, 7.1, 8.6), "condyles", 0.21),
    "pp4": Tube(40.6, (14.6, 8.8, 11.0), (12.0, 6.7, 8.0), "condyles", 0.21),
    "pp5": Tube(31.6, (13.0, 7.5, 9.3), (10.8, 5.9, 6.8), "condyles", 0.21),
    "mp2": Tube(23.2, (13.0, 7.9, 9.9), (9.8, 5.7, 6.0), "condyles", 0.20, 1.3),
    "mp3": Tube(28.1, (13.5, 8.4, 10.6), (10.2, 6.1, 6.4), "condyles", 0.20, 1.3),
    "mp4": Tube(26.6, (12.8, 7.9, 9.9), (9.8, 5.7, 6.0), "condyles", 0.20, 1.3),
    "mp5": Tube(18.5, (11.0, 6.9, 8.7), (8.2, 4.9, 5.2), "condyles", 0.20, 1.3),
    "dp1": Tube(22.0, (13.8, 6.8, 9.8), (8.5, 5.1, 4.6), "tuft", 0.18, 1.2, 0.0, 0.3, 0.26),
    "dp2": Tube(16.6, (11.0, 5.1, 8.3), (6.6, 4.1, 3.6), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp3": Tube(17.9, (11.6, 5.3, 8.9), (6.8, 4.3, 3.8), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp4": Tube(17.9, (11.2, 5.2, 8.7), (6.6, 4.2, 3.8), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp5": Tube(15.8, (9.6, 4.7, 7.3), (5.8, 3.7, 3.4), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
}


@dataclass(frozen=True)
class Carpal:
    """A carpal of the left wrist in mm: centre from the capitate's, half axes, turn on the picture in degrees."""

    centre: tuple[float, float, float]
    half_axes: tuple[float, float, float]
    turn: float = 0.0
    power: float = 2.6


CARPALS: dict[str, Carpal] = {
    "capitate": Carpal((0.0, 0.0, 0.0), (8.4, 15.0, 8.5), 4.0),
    "hamate": Carpal((-12.2, 2.2, 0.0), (9.4, 13.0, 8.0), -24.0, 2.3),
    "trapezoid": Carpal((9.8, 5.0, 0.0), (7.6, 9.4, 7.5), 8.0),
    "trapezium": Carpal((18.6, 0.8, 3.0), (8.8, 10.2, 7.5), -38.0),
    "scaphoid": Carpal((11.2, -11.4, 1.0), (8.2, 14.6, 7.0), -38.0, 2.3),
    "lunate": Carpal((-4.8, -15.4, 0.0), (9.8, 9.0, 8.0), 12.0, 2.4),
    "triquetrum": Carpal((-17.2, -9.0, 0.0), (9.4, 9.6, 6.5), 28.0, 2.3),
}
PISIFORM = Carpal((-19.0, -6.4, 10.0), (4.3, 5.6, 4.0), 10.0, 2.0)

WRIST_GAPS_MM: dict[tuple[str, str], float] = {
    ("capitate", "hamate"): 1.1,
    ("capitate", "trapezoid"): 1.1,
    ("trapezoid", "trapezium"): 1.1,
    ("hamate", "triquetrum"): 1.3,
    ("lunate", "triquetrum"): 1.3,
    ("hamate", "lunate"): 1.4,
    ("mc1", "trapezium"): 2.0,
    ("mc2", "trapezoid"): 1.2,
    ("mc2", "trapezium"): 1.2,
    ("mc2", "capitate"): 1.2,
    ("mc2", "mc3"): 0.9,
    ("mc3", "mc4"): 0.9,
    ("mc4", "mc5"): 1.0,
    ("mc4", "capitate"): 1.3,
}
"""Spaces of the wrist that are not scored."""

SCORED_WRIST_SPACES: dict[str, tuple[float, tuple[tuple[str, str], ...]]] = {
    "CMC3": (1.3, (("mc3", "capitate"),)),
    "CMC4": (1.3, (("mc4", "hamate"),)),
    "CMC5": (1.4, (("mc5", "hamate"),)),
    "STT": (1.5, (("scaphoid", "trapezium"), ("scaphoid", "trapezoid"))),
    "CNL": (1.5, (("capitate", "scaphoid"), ("capitate", "lunate"), ("scaphoid", "lunate"))),
}
"""Site -> normal gap in mm and the pairs of bones that bound it."""

RADCAR_GAP_MM = 1.9
FINGER_GAPS_MM = {"MCP": 1.7, "PIP": 1.25, "DIP": 1.0, "IP": 1.25}

_MC_BASES = {
    1: (24.2, 8.0, 5.0),
    2: (11.6, 13.4, 0.0),
    3: (0.2, 14.8, 0.0),
    4: (-9.6, 13.2, 0.0),
    5: (-18.0, 10.6, 0.0),
}
_MC_ANGLES = {2: (10.0, 1.6), 3: (0.5, 1.2), 4: (-8.5, 1.6), 5: (-18.5, 2.5)}
_PP_ANGLES = {2: (1.0, 4.0), 3: (0.5, 3.0), 4: (1.5, 3.5), 5: (-1.0, 6.0)}
"""Mean and SD in degrees, towards the thumb: metacarpals from the wrist's axis, proximal phalanges from theirs."""


@dataclass(frozen=True)
class HandPose:
    """How the hand lies: finger spread (1 is relaxed), thumb abduction, deviation and roll in degrees, flexion."""

    spread: float = 1.0
    thumb: float = 38.0
    deviation: float = 0.0
    flexion: float = 4.0
    ulnar_drift: float = 0.0
    ulnar_variance_mm: float = 1.0


def draw_hand_pose(grades: Mapping[tuple[str, Kind], float], rng: np.random.Generator) -> HandPose:
    """Spread or closed fingers, thumb near or far; ulnar drift where the MCP joints are badly narrowed."""
    mcp = [grade for (site, kind), grade in grades.items() if kind is Kind.NARROWING and site.startswith("MCP")]
    drift = max(float(np.mean(mcp)) - 1.5, 0.0) * rng.uniform(0, 9) if mcp else 0.0
    return HandPose(
        spread=float(rng.uniform(0.1, 1.6)),
        thumb=float(rng.normal(32, 9)),
        deviation=float(rng.normal(0, 6)),
        flexion=float(abs(rng.normal(3, 4))),
        ulnar_drift=drift,
        ulnar_variance_mm=float(rng.normal(1.0, 1.8)),
    )


def pose_hand(build: Build, pose: HandPose, spaces: Mapping[str, JointSpace], rng: np.random.Generator) -> Skeleton:
    """A left hand in world mm (see `skeleton`), joints in the given state; `rng` draws what no argument fixes."""
    wrist = _wrist(build, pose, spaces, rng)
    chain = Chain(dict(wrist.bones), list(wrist.contacts), dict(wrist.points), dict(wrist.gaps_mm))
    for digit in FINGERS:
        _add_finger(chain, digit, build, pose, spaces, rng)
    _add_thumb(chain, build, pose, spaces, rng)
    _add_sesamoids(chain, build, rng)
    _add_forearm(chain, build, pose, spaces)
    return chain.skeleton()


@lru_cache(maxsize=1)
def shapes() -> dict[str, BoneShape]:
    """Every bone of the hand at its reference size; built once a process."""
    built = {name: tubular(tube) for name, tube in TUBES.items()}
    built |= {name: irregular(c.half_axes, c.power) for name, c in (CARPALS | {"pisiform": PISIFORM}).items()}
    built |= {"radius": radius_bone(), "ulna": ulna_bone(), "sesamoid": sesamoid((2.2, 3.0, 2.0))}
    return built


def _wrist(build: Build, pose: HandPose, spaces: Mapping[str, JointSpace], rng: np.random.Generator) -> Skeleton:
    size = build.size
    bones = {}
    for name, carpal in (CARPALS | {"pisiform": PISIFORM}).items():
        place = size * (np.array(carpal.centre) + rng.normal(0, 0.5, 3) * (1, 1, 0.4))
        rotation = turn(z=carpal.turn + rng.normal(0, 3), x=rng.normal(0, 3))
        bones[name] = PosedBone(shapes()[name], rotation, place, np.full(3, size) * np.exp(rng.normal(0, 0.03, 3)))
    for digit in FINGERS:
        mean, spread = _MC_ANGLES[digit]
        angle = mean * (0.6 + 0.4 * pose.spread) + rng.normal(0, spread)
        rotation = turn(z=-angle) @ turn(y=rng.normal(0, 3) + {2: 8, 3: 2, 4: -5, 5: -12}[digit])
        base = size * np.array(_MC_BASES[digit])
        bones[f"mc{digit}"] = PosedBone(shapes()[f"mc{digit}"], rotation, base, bone_scale(build, rng))
    tilt = turn(z=-(pose.thumb + rng.normal(0, 3))) @ turn(x=10) @ turn(y=-rng.normal(48, 7))
    bones["mc1"] = PosedBone(shapes()["mc1"], tilt, size * np.array(_MC_BASES[1]), bone_scale(build, rng))
    contacts, gaps = _wrist_contacts(build, spaces, rng)
    return Skeleton(bones, contacts, _wrist_points(bones), gaps)


def _wrist_contacts(
    build: Build, spaces: Mapping[str, JointSpace], rng: np.random.Generator
) -> tuple[tuple[Contact, ...], dict[str, float]]:
    contacts: list[Contact] = []
    gaps: dict[str, float] = {}
    scored = [(name, gap, pairs) for name, (gap, pairs) in SCORED_WRIST_SPACES.items()]
    unscored = [("", gap, (pair,)) for pair, gap in WRIST_GAPS_MM.items()]
    for name, normal, pairs in [*scored, *unscored]:
        space = spaces.get(name, JointSpace())
        gap = space.gap_mm(normal * build.gap * float(np.exp(rng.normal(0, 0.06))))
        if name:
            gaps[name] = gap
        for one, other in pairs:
            contacts += [Contact(one, other, gap, shared=True), Contact(other, one, gap, shared=True)]
    return tuple(contacts), gaps


def _wrist_points(bones: Mapping[str, PosedBone]) -> dict[str, Vector]:
    beyond = 0.5 * (bones["trapezium"].centre + bones["trapezoid"].centre)
    points = {f"CMC{d}": bones[f"mc{d}"].world((0.0, -0.6, 0.0)) for d in (3, 4, 5)}
    carpal = {3: "capitate", 4: "hamate", 5: "hamate"}
    for digit, name in carpal.items():
        metacarpal = bones[f"mc{digit}"]
        up, down = metacarpal.world((0.0, 6.0, 0.0)), metacarpal.world((0.0, -6.0, 0.0))
        points[f"CMC{digit}"] = between(metacarpal, bones[name], up, down)
    nearer = min(("trapezium", "trapezoid"), key=lambda name: float(bones[name].distance_at(beyond)[0]))
    points["STT"] = between(bones["scaphoid"], bones[nearer], bones["scaphoid"].centre, beyond)
    points["CNL"] = _meeting_point(bones["capitate"], bones["scaphoid"], bones["lunate"])
    points["MC1_BASE"] = bones["mc1"].world((0.0, 3.5, 0.0))
    points["TRAPEZIUM"] = bones["trapezium"].centre
    points["LUNATE"] = bones["lunate"].centre
    return points


def _meeting_point(first: PosedBone, second: PosedBone, third: PosedBone) -> Vector:
    """Where three bones come closest to each other, in the plane of the picture."""
    middle = (first.centre + second.centre + third.centre) / 3
    offsets = np.stack(np.meshgrid(np.arange(-9, 9.1, 0.5), np.arange(-9, 9.1, 0.5)), -1).reshape(-1, 2)
    places = middle + np.column_stack([offsets, np.zeros(len(offsets))])
    distances = np.stack([bone.distance_at(places) for bone in (first, second, third)])
    return np.asarray(places[int(np.ptp(distances, axis=0).argmin())])


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
    flexion = rng.normal(0, 2)
    roll = rng.normal(0, 4) + {2: 5, 3: 0, 4: -4, 5: -9}[digit]
    proximal = f"mc{digit}"
    for part, joint in (("pp", "MCP"), ("mp", "PIP"), ("dp", "DIP")):
        name = f"{part}{digit}"
        rotation = turn(z=-angle) @ turn(x=flexion) @ turn(y=roll)
        distal = PosedBone(shapes()[name], rotation, np.zeros(3), bone_scale(build, rng))
        space = spaces.get(f"{joint}{digit}", JointSpace())
        joined(chain, f"{joint}{digit}", proximal, name, distal, space, FINGER_GAPS_MM[joint] * build.gap, rng)
        angle += rng.normal({2: -1.5, 3: 0.0, 4: 1.5, 5: 3.5}[digit], 1.8)
        flexion += abs(rng.normal(pose.flexion, pose.flexion * 0.6))
        proximal = name


def _add_thumb(
    chain: Chain, build: Build, pose: HandPose, spaces: Mapping[str, JointSpace], rng: np.random.Generator
) -> None:
    angle = bend(chain.bones["mc1"]) + rng.normal(-12, 6)
    roll = -rng.normal(50, 8)
    for proximal, name, joint, kind in (("mc1", "pp1", "MCP1", "MCP"), ("pp1", "dp1", "IP1", "IP")):
        rotation = turn(z=-angle) @ turn(x=rng.normal(8, 4)) @ turn(y=roll)
        distal = PosedBone(shapes()[name], rotation, np.zeros(3), bone_scale(build, rng))
        space = spaces.get(joint, JointSpace())
        joined(chain, joint, proximal, name, distal, space, FINGER_GAPS_MM[kind] * build.gap, rng)
        angle += rng.normal(-4, 6)


def _add_sesamoids(chain: Chain, build: Build, rng: np.random.Generator) -> None:
    thumb = chain.bones["mc1"]
    for side in (-1, 1):
        place = thumb.world((side * 4.0, thumb.shape.length_mm - 6.0 + rng.normal(0, 0.8), 8.5))
        chain.bones[f"sesamoid{side:+d}"] = PosedBone(
            shapes()["sesamoid"], thumb.rotation, place, np.full(3, build.size)
        )


def _add_forearm(chain: Chain, build: Build, pose: HandPose, spaces: Mapping[str, JointSpace]) -> None:
    """Radius and ulna, slid up until the radius keeps its gap to the nearer of scaphoid and lunate."""
    gap = spaces.get("RADCAR", JointSpace()).gap_mm(RADCAR_GAP_MM * build.gap)
    rotation = turn(z=pose.deviation)
    shape = shapes()["radius"]
    scale = np.full(3, build.size)
    radius = PosedBone(shape, rotation, rotation @ np.array([5.6, -60.0, 0.0]) * build.size, scale)
    radius = replace(radius, position=radius.position + _slide(radius, chain, gap) * radius.axis)
    edge = shape.length_mm - 8.2 + pose.ulnar_variance_mm
    ulna_top = radius.world((-23.2, edge, 0.0))
    ulna = PosedBone(shapes()["ulna"], rotation, np.zeros(3), scale)
    ulna = replace(ulna, position=ulna_top - rotation @ (scale * (0.0, ulna.shape.length_mm, 0.0)))
    chain.bones |= {"radius": radius, "ulna": ulna}
    chain.contacts += [Contact("radius", name, gap, flatten=0.1) for name in ("scaphoid", "lunate")]
    scaphoid = chain.bones["scaphoid"]
    facing = surface_along(scaphoid, scaphoid.centre, -(radius.axis + 0.35 * radius.rotation[:, 0]) / 1.06)
    chain.points["RADCAR"] = facing - radius.axis * gap / 2
    chain.points["RADIUS"] = facing - radius.axis * (gap + 3.9 * build.size)
    chain.points["ULNA"] = ulna.world((0.0, ulna.shape.length_mm - 6.0, 0.0))
    chain.gaps_mm["RADCAR"] = gap


def _slide(radius: PosedBone, chain: Chain, gap: float) -> float:
    """How far to move the radius along its axis so that it nearly touches the carpals: `gap` at the closest place."""
    room = []
    for name in ("scaphoid", "lunate"):
        carpal = chain.bones[name]
        angles = np.linspace(np.pi, 2 * np.pi, 40)
        outline = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(40)])
        half = CARPALS[name].half_axes
        places = radius.local(carpal.centre + (outline * np.asarray(half) * carpal.scale) @ carpal.rotation.T)
        surface = radius.shape.length_mm - 5.5 + 0.36 * places[:, 0] + 0.012 * places[:, 0] ** 2
        within = np.abs(places[:, 0]) < 14
        room.append(float(np.min(places[within, 1] - surface[within])) if within.any() else np.inf)
    return (min(room) - gap / float(radius.scale[1])) * float(radius.scale[1])
