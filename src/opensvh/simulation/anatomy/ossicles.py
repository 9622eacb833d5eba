"""The small bones of the foot: sesamoids of the hallux, and accessory bones that some feet have.

Frequencies are those of the films of 984 Turkish subjects (Surg Radiol Anat 2009;31:19): accessory navicular 11.7 %,
os peroneum 4.7 %, os trigonum 2.3 %, a hallux sesamoid in two parts 2.7 %, a sesamoid under the second head 0.4 % and
under the fifth 4.3 %.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.joints import Build, Chain
from opensvh.simulation.anatomy.skeleton import PosedBone
from opensvh.simulation.anatomy.solids import Solid, SolidBone, solid_bone

SESAMOIDS: dict[str, SolidBone] = {
    "sesamoid+1": SolidBone((Solid((0.0, 0.0, 0.0), (4.3, 5.6, 4.0), power=2.2),), 12.0, 9.0),
    "sesamoid-1": SolidBone((Solid((0.0, 0.0, 0.0), (3.9, 4.9, 3.8), power=2.2),), 10.5, 8.0),
    "half": SolidBone((Solid((0.0, 0.0, 0.0), (4.5, 3.2, 4.0), power=2.4),), 6.5, 9.0),
    "small": SolidBone((Solid((0.0, 0.0, 0.0), (1.8, 2.1, 1.7), power=2.0),), 4.0, 3.4),
    "ossicle": SolidBone((Solid((0.0, 0.0, 0.0), (3.6, 4.2, 3.4), power=2.2),), 8.0, 7.0),
}
BIPARTITE = 0.027
LESSER = {2: 0.004, 5: 0.043}
_IN_GROOVE_MM = 5.2
"""How far each sesamoid of the hallux lies from the middle of the head, in its groove."""


@lru_cache(maxsize=1)
def ossicle_shapes() -> dict[str, BoneShape]:
    """Sesamoids and accessory bones at their reference size; built once a process."""
    return {name: solid_bone(bone) for name, bone in SESAMOIDS.items()}


def add_sesamoids(chain: Chain, build: Build, hallux_valgus: float, rng: np.random.Generator) -> None:
    """Two sesamoids under the first head; a valgus hallux leaves them behind on the lateral side."""
    bone = chain.bones["mt1"]
    aside = -0.24 * max(hallux_valgus - 15.0, 0.0)
    back = bone.shape.length_mm - 6.8 + rng.normal(0, 1.2)
    for side, forward in ((1, 0.0), (-1, 0.8)):
        place = (side * _IN_GROOVE_MM + aside, back + forward + rng.normal(0, 0.6), 11.0)
        _add(chain, f"sesamoid{side:+d}", bone, place, build, rng)
    if rng.random() < BIPARTITE:
        _split(chain, rng)
    for digit, share in LESSER.items():
        if rng.random() < share:
            head = chain.bones[f"mt{digit}"]
            place = (rng.uniform(-3, 3), head.shape.length_mm - rng.uniform(2, 6), 9.0)
            _add(chain, "small", head, place, build, rng, f"sesamoid of {digit}")


def _split(chain: Chain, rng: np.random.Generator) -> None:
    """The medial sesamoid in two parts, one behind the other."""
    whole = chain.bones.pop("sesamoid+1")
    for name, along in (("sesamoid+1a", 3.7), ("sesamoid+1b", -3.7)):
        place = whole.world((rng.normal(0, 0.3), along, 0.0))
        chain.bones[name] = replace(whole, shape=ossicle_shapes()["half"], position=place)


ACCESSORY: dict[str, tuple[float, str, tuple[float, float, float]]] = {
    "os trigonum": (0.023, "talus", (-2.0, -31.0, 10.0)),
    "os tibiale externum": (0.117, "navicular", (21.0, -10.0, 6.0)),
    "os peroneum": (0.047, "cuboid", (-13.0, -9.0, 11.0)),
}
"""Share of feet, the bone it lies beside, and where in that bone's local mm."""


def add_accessory_bones(chain: Chain, build: Build, rng: np.random.Generator) -> None:
    """Accessory bones, each where its share of feet has it."""
    for name, (share, beside, place) in ACCESSORY.items():
        if rng.random() < share:
            _add(chain, "ossicle", chain.bones[beside], place, build, rng, name)


def _add(
    chain: Chain,
    shape: str,
    beside: PosedBone,
    place: tuple[float, float, float],
    build: Build,
    rng: np.random.Generator,
    name: str | None = None,
) -> None:
    size = build.size * np.exp(rng.normal(0, 0.1, 3))
    bone = PosedBone(ossicle_shapes()[shape], beside.rotation, beside.world(place), size)
    chain.bones[name or shape] = bone
