"""The phalanges of the toes: their measures, their lengths from person to person, and how they lie.

Lengths of the hallux are published (FACTS.md, section 6); the widths of the lesser toes, waisted between flared ends,
follow the marked real films. Where the foot lies and how it is seen is `foot`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape, Substance, Tube, tubular
from opensvh.simulation.anatomy.joints import Build, Chain, JointSpace, bend, bone_scale, joined
from opensvh.simulation.anatomy.skeleton import PosedBone, Vector, turn
from opensvh.simulation.anatomy.toe_bases import SoleSide

TOES = (1, 2, 3, 4, 5)

TUBES: dict[str, Tube] = {
    "pp1": Tube(29.6, (19.5, 12.6, 16.4), (17.0, 10.5, 11.0), "condyles", 0.15, 2.2, 0.0, 0.27, 0.22, rolled=0.08),
    "pp2": Tube(25.4, (11.8, 5.0, 8.6), (11.5, 6.4, 7.2), "condyles", 0.25, 2.0, 0.0, 0.25, 0.2),
    "pp3": Tube(23.4, (11.2, 4.6, 8.0), (11.0, 6.2, 6.8), "condyles", 0.25, 2.0, 0.0, 0.25, 0.2),
    "pp4": Tube(21.8, (10.8, 4.5, 7.8), (10.5, 6.0, 6.6), "condyles", 0.25, 2.0, 0.0, 0.25, 0.2),
    "pp5": Tube(20.0, (10.8, 5.0, 7.8), (10.0, 5.8, 6.2), "condyles", 0.25, 2.0, 0.0, 0.26, 0.22),
    "mp2": Tube(10.8, (9.4, 6.6, 8.4), (7.2, 5.2, 5.6), "condyles", 0.2, 1.2),
    "mp3": Tube(8.6, (9.0, 6.8, 8.2), (7.0, 5.2, 5.4), "condyles", 0.2, 1.2),
    "mp4": Tube(7.4, (8.6, 6.8, 8.0), (6.7, 5.2, 5.2), "condyles", 0.2, 1.2),
    "mp5": Tube(6.0, (8.4, 7.0, 7.8), (6.4, 5.2, 5.2), "condyles", 0.2, 1.2),
    "dp1": Tube(22.0, (17.2, 8.6, 11.0), (12.0, 7.0, 6.0), "tuft", 0.17, 1.6, 0.0, 0.3, 0.24),
    "dp2": Tube(9.8, (8.2, 4.4, 6.2), (6.2, 4.2, 3.8), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp3": Tube(9.2, (8.0, 4.4, 6.2), (6.0, 4.2, 3.8), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp4": Tube(8.6, (7.8, 4.4, 6.0), (5.8, 4.2, 3.7), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
    "dp5": Tube(8.0, (7.8, 4.6, 6.0), (5.6, 4.2, 3.7), "tuft", 0.18, 1.0, 0.0, 0.3, 0.26),
}

SUBSTANCES: dict[str, Substance] = {
    "pp1": Substance((0.5, 0.7), (0.19, 0.3), (0.33, 6.0), 0.2, coarse=True),
    "pp": Substance((0.5, 0.4), (0.15, 0.2), (0.33, 5.0), 0.12, coarse=True),
    "mp": Substance(coarse=True),
    "dp1": Substance((0.9, 0.35), coarse=True),
    "dp": Substance(coarse=True),
}
"""By a bone's name or its first letters; by eye against the marked real feet."""

SOLE_SIDES = (
    SoleSide(1.0, 1.5, 0.42, 1.5),
    SoleSide(1.5, 2.0, 0.36, 1.3),
    SoleSide(0.6, 1.0, 0.48, 1.9),
    SoleSide(1.3, 2.3, 0.55, 1.5),
)
"""Forms of the bases of the lesser toes, by eye on real feet with raised toes; one of them a person and digit."""

TOE_GAPS_MM = {"MTP1": 2.2, "MTP2": 1.95, "MTP3": 1.76, "MTP4": 1.74, "MTP5": 1.4, "IP1": 1.45, "PIP": 1.1, "DIP": 0.9}
"""Normal gaps in mm: the spaces then seen are those of the marked films (medians: IP 1.35, MTP1 1.8, MTP2 to MTP5 1.98,
1.67, 1.78, 1.33)."""

TOE_DRIFT = {2: -3.0, 3: -6.0, 4: -8.0, 5: -8.0}
"""Degrees by which a lesser toe's first phalanx points away from the hallux, beyond its metatarsal's direction."""
TOE_CURL = {1: -3.0, 2: 0.0, 3: 2.0, 4: 5.0, 5: 7.0}
"""Degrees to the hallux side that each further joint of a toe adds: the outer toes curve in again at their ends."""

SAME_PLANE = {"MTP": 0.25, "IP": 0.12, "PIP": 0.45, "DIP": 0.45}
"""Share of the depth that a toe's joint surface follows: fitted to how dark the spaces of the marked films are."""

SYMPHALANGISM = {2: 0.001, 3: 0.005, 4: 0.03, 5: 0.39}
"""Share of toes whose middle and distal phalanx are one bone: 170 of 431 fifth toes on Indian films and 14 films with
another toe as well (Austin J Radiol 2019;6:1089); 35.5 % in Europeans to 80.4 % in Japanese (J Anat 2001;198:251)."""

PATTERNS = {"egyptian": 0.65, "greek": 0.25, "square": 0.10}
"""Which toe is longest: hallux, second, or both alike. Our choice of round figures: no primary source was read."""
LONGER = {"egyptian": 1.0, "greek": 1.16, "square": 1.07}
"""Factor on the phalanges of the second toe (and half of it on the third)."""


@dataclass(frozen=True)
class ToePose:
    """How the toes lie; angles in degrees.

    `spread` fans the rays, `hallux_valgus` bends the first; toes are raised by `dorsiflexion` at the MTP and bent by
    `clawing` beyond; `hammer` toes are bent at one joint, a `crossed` toe lies over its neighbour, `quintus_varus`
    leans the fifth in.
    `pattern` says which toe is longest (see `PATTERNS`).
    """

    spread: float = 1.0
    hallux_valgus: float = 12.0
    dorsiflexion: float = 12.0
    clawing: float = 16.0
    hammer: tuple[int, ...] = ()
    crossed: int = 0
    pattern: str = "egyptian"
    quintus_varus: float = 0.0


_PARTS = {1: (("pp", "MTP"), ("dp", "IP")), 2: (("pp", "MTP"), ("mp", "PIP"), ("dp", "DIP"))}


@lru_cache(maxsize=1)
def toe_shapes() -> dict[str, BoneShape]:
    """Every phalanx at its reference size; built once a process."""
    return {name: tubular(_made(name, tube)) for name, tube in TUBES.items()}


@lru_cache(maxsize=4 * len(SOLE_SIDES))
def lesser_first_phalanx(digit: int, form: int) -> BoneShape:
    """The first phalanx of a lesser toe with one of `SOLE_SIDES`; each built once a process."""
    name = f"pp{digit}"
    return tubular(replace(_made(name, TUBES[name]), sole=SOLE_SIDES[form]))


def _made(name: str, tube: Tube) -> Tube:
    return replace(tube, substance=SUBSTANCES.get(name, SUBSTANCES[name[:2]]))


def add_toe(
    chain: Chain,
    digit: int,
    build: Build,
    pose: ToePose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
    form: int = 0,
) -> None:
    """Set the phalanges of a toe on its metatarsal, joint by joint; `form` is one of `SOLE_SIDES`."""
    angle, raised, roll = _start(chain, digit, pose, rng)
    proximal, merged = f"mt{digit}", rng.random() < SYMPHALANGISM.get(digit, 0.0)
    for number, (part, joint) in enumerate(_PARTS[min(digit, 2)]):
        name, key = f"{part}{digit}", f"{joint}{digit}"
        rotation = turn(z=-angle) @ turn(x=raised) @ turn(y=roll)
        shape = lesser_first_phalanx(digit, form) if part == "pp" and digit > 1 else toe_shapes()[name]
        distal = PosedBone(shape, rotation, np.zeros(3), _scale(digit, build, pose, rng))
        state = JointSpace(fused=True) if merged and joint == "DIP" else spaces.get(key, JointSpace())
        normal = TOE_GAPS_MM[key if key in TOE_GAPS_MM else joint] * build.gap
        joined(chain, key, proximal, name, distal, state, normal, rng, flatten=SAME_PLANE[joint])
        angle += rng.normal(TOE_CURL[digit], 3)
        raised += _flexed(digit, number, pose, rng)
        proximal = name


def _start(chain: Chain, digit: int, pose: ToePose, rng: np.random.Generator) -> tuple[float, float, float]:
    """Direction on the picture, rise off the sole's plane and roll of a toe's first phalanx, in degrees."""
    along = bend(chain.bones[f"mt{digit}"])
    raised = rng.normal(0, 4) - pose.dorsiflexion * (0.5 if digit == 1 else 1.0)
    if digit == 1:
        # A valgus hallux turns its nail to the lesser toes as well.
        return along - pose.hallux_valgus, raised + 8, -0.5 * max(pose.hallux_valgus - 15, 0) + rng.normal(0, 4)
    angle = along + TOE_DRIFT[digit] * pose.spread + rng.normal(0, 3)
    angle += pose.quintus_varus if digit == 5 else 0.0
    if digit == pose.crossed:
        angle, raised = angle + rng.uniform(14, 28), raised - rng.uniform(6, 16)
    elif digit == 2 and pose.hallux_valgus > 30:
        angle -= 0.4 * (pose.hallux_valgus - 30)
    return angle, raised, rng.normal(0, 4) + (-10 if digit == 5 else 0)


def _flexed(digit: int, number: int, pose: ToePose, rng: np.random.Generator) -> float:
    """Degrees by which the next joint of a toe bends to the sole."""
    if digit in pose.hammer:
        return float(rng.uniform(40, 70) if number == 0 else rng.uniform(-10, 5))
    bent = max(rng.normal(pose.clawing, 0.4 * pose.clawing), 0)
    return float(bent * (0.2 if digit == 1 else 1.0))


def _scale(digit: int, build: Build, pose: ToePose, rng: np.random.Generator) -> Vector:
    longer = 1 + (LONGER[pose.pattern] - 1) * {2: 1.0, 3: 0.5}.get(digit, 0.0)
    return np.asarray(bone_scale(build, rng) * np.array([1.0, longer, 1.0]))
