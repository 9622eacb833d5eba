"""The seven tarsals and the lower leg: their shapes, where they lie in the foot, and the joints between them.

Bones are made of solids at their true places in depth, so that a film shows them as real ones do: cuneiforms over each
other, the calcaneus under the talus, the leg over both. Places are those of an adult foot of 24 cm, our own measures
from atlas drawings and from the marked real films (oblique ones give depths, dorsiplantar ones widths).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.metatarsal import METATARSALS
from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Vector, between, turn
from opensvh.simulation.anatomy.solids import Solid, SolidBone, solid_bone

Frame = np.ndarray[tuple[int, int], np.dtype[np.float64]]

CENTRES: dict[str, tuple[float, float, float]] = {
    "cuneiform1": (14.5, -74.0, -11.0),
    "cuneiform2": (2.0, -79.5, -18.0),
    "cuneiform3": (-9.0, -80.5, -15.0),
    "cuboid": (-21.5, -93.5, -4.0),
    "navicular": (5.0, -95.5, -19.0),
    "talus": (2.0, -134.0, -32.0),
    "calcaneus": (-7.0, -142.0, -6.0),
}
"""Middles of the tarsals in mm from the head of metatarsal 2, in the axes of a left foot lying on its sole."""

TARSALS: dict[str, SolidBone] = {
    "cuneiform1": SolidBone(
        (
            Solid((0.0, 0.0, 0.0), (9.4, 16.0, 14.0), (0.0, 0.0, -4.0), 4.2),
            Solid((1.5, 2.0, 8.0), (8.5, 12.0, 8.0), power=2.6),
        ),
        29.0,
        19.0,
    ),
    "cuneiform2": SolidBone((Solid((0.0, 0.0, 0.0), (8.8, 12.5, 10.5), power=4.4, taper=-0.06),), 22.0, 16.0),
    "cuneiform3": SolidBone((Solid((0.0, 0.0, 0.0), (9.2, 15.0, 11.5), (0.0, 0.0, 4.0), 4.4),), 26.0, 16.0),
    "cuboid": SolidBone(
        (
            Solid((0.0, 0.0, 0.0), (11.5, 18.0, 11.5), (0.0, 8.0, 17.0), 4.0, taper=-0.04),
            Solid((-2.0, -4.0, 8.5), (9.0, 6.0, 5.0), (0.0, 0.0, -25.0), 2.2),
        ),
        32.0,
        24.0,
    ),
    "navicular": SolidBone(
        (
            Solid((0.0, 0.0, 0.0), (19.5, 10.0, 13.0), (0.0, 18.0, -12.0), 3.0),
            Solid((15.5, -6.0, 7.0), (6.5, 7.5, 6.5), power=2.2),
        ),
        17.0,
        38.0,
    ),
    "talus": SolidBone(
        (
            Solid((0.0, -3.0, -4.0), (14.5, 19.5, 19.5), (0.0, 0.0, 0.0), 5.0, kind="drum"),
            Solid((1.0, -6.0, 5.0), (15.5, 20.0, 11.5), power=2.8),
            Solid((5.5, 15.0, 6.5), (10.5, 14.0, 9.5), (0.0, 0.0, -14.0), 2.6),
            Solid((7.0, 23.5, 8.0), (15.5, 13.5, 12.5), (0.0, 20.0, -14.0), 2.1),
            Solid((-2.0, -23.5, 9.0), (7.0, 6.5, 5.5), power=2.2),
            Solid((-13.0, -1.0, 6.0), (6.5, 9.0, 6.5), power=2.2),
        ),
        50.0,
        31.0,
    ),
    "calcaneus": SolidBone(
        (
            Solid((1.5, -21.0, 5.5), (13.5, 16.5, 20.5), (14.0, 0.0, 0.0), 2.8),
            Solid((-2.0, 3.0, -1.0), (13.5, 30.0, 16.5), (20.0, 0.0, 8.0), 2.6),
            Solid((-9.0, 26.0, -6.5), (13.0, 13.0, 12.5), (12.0, 0.0, 10.0), 3.6),
            Solid((14.0, 13.5, -11.0), (10.0, 11.0, 5.0), (0.0, 12.0, 8.0), 2.3),
        ),
        76.0,
        29.0,
        blend_mm=3.0,
        cortex_mm=0.8,
        trabeculae=(0.3, 0.2),
    ),
}


@dataclass(frozen=True)
class TarsalJoint:
    """A joint of the tarsus: its gap in mm, and the tilt in degrees of its plane against the foot's own vertical.

    A positive `tilt` has the dorsal margin further back (proximal) than the one at the sole; a positive `lean` has the
    dorsal margin nearer to the little toe, so that a medial oblique view looks through. Surfaces keep `kept` of their
    curvature in depth: they are saddles and planes, not slits.
    """

    gap_mm: float
    tilt: float = 0.0
    lean: float = 0.0
    kept: float = 0.65


JOINTS: dict[tuple[str, str], TarsalJoint] = {
    ("cuneiform1", "cuneiform2"): TarsalJoint(1.0, 0.0, -14.0),
    ("cuneiform2", "cuneiform3"): TarsalJoint(1.0, 0.0, 14.0),
    ("cuneiform3", "cuboid"): TarsalJoint(1.2, 0.0, 34.0),
    ("cuneiform1", "navicular"): TarsalJoint(1.5, 16.0),
    ("cuneiform2", "navicular"): TarsalJoint(1.4, 18.0),
    ("cuneiform3", "navicular"): TarsalJoint(1.4, 14.0),
    ("navicular", "talus"): TarsalJoint(1.8, 18.0, kept=0.9),
    ("navicular", "cuboid"): TarsalJoint(1.2, 0.0, 36.0),
    ("cuboid", "calcaneus"): TarsalJoint(1.9, 8.0, 10.0),
    ("talus", "calcaneus"): TarsalJoint(2.0, kept=1.0),
    ("mt1", "cuneiform1"): TarsalJoint(1.4, 18.0),
    ("mt2", "cuneiform2"): TarsalJoint(1.2, 18.0),
    ("mt2", "cuneiform1"): TarsalJoint(1.1, 10.0),
    ("mt2", "cuneiform3"): TarsalJoint(1.1, 10.0),
    ("mt3", "cuneiform3"): TarsalJoint(1.2, 15.0),
    ("mt4", "cuboid"): TarsalJoint(1.3, 12.0),
    ("mt5", "cuboid"): TarsalJoint(1.4, 8.0),
    ("mt2", "mt3"): TarsalJoint(0.7, 0.0, 22.0),
    ("mt3", "mt4"): TarsalJoint(0.7, 0.0, 28.0),
    ("mt4", "mt5"): TarsalJoint(0.8, 0.0, 34.0),
}
"""Gaps are round figures for adults (1-2 mm); the tilts follow the arch: each joint stands square to its ray."""

TILT_SPREAD = 7.0
"""SD in degrees of a joint's tilt and lean from foot to foot."""

ANKLE_GAP_MM = 3.2
_DOME = (2.0, -137.0, -36.0)
"""The axis about which foot and leg turn at the ankle: the middle of the talar dome."""
_DOME_MM = 19.5
_LEG_LENGTH = 75.0

LEG: dict[str, tuple[tuple[Solid, ...], float, tuple[float, float, float]]] = {
    "tibia": (
        (
            Solid((0.0, 28.0, 0.0), (12.2, 62.0, 12.8), power=4.0),
            Solid((0.5, 58.0, 0.0), (17.5, 40.0, 16.0), (0.0, 0.0, 0.0), 2.2, taper=-0.1),
            Solid((1.0, 66.0, 0.0), (20.0, 18.0, 17.0), (0.0, 0.0, 0.0), 2.6, taper=-0.06),
            Solid((1.5, 73.0, 0.0), (20.0, 9.0, 17.5), power=3.4),
            Solid((20.5, 80.0, -3.0), (5.6, 13.0, 10.0), (0.0, 0.0, 6.0), 2.4),
        ),
        42.0,
        (0.0, 0.0, 0.0),
    ),
    "fibula": (
        (
            Solid((-2.5, 18.0, 0.0), (6.2, 60.0, 6.4), power=3.6),
            Solid((-0.5, 79.0, 1.0), (8.2, 24.0, 10.0), (0.0, 0.0, -4.0), 2.4),
        ),
        14.0,
        (-24.5, 0.0, 7.0),
    ),
}
"""Solids of each bone of the leg (y down to the ankle), its width, and how far it stands from the tibia's axis."""
LEG_CORTEX_MM = {"tibia": (5.2, 3.8, 0.8, 0.6), "fibula": (3.2, 2.6, 0.7, 0.6)}
"""At the cut end of the leg, at 0.45 and at 0.9 of its length, and at the ankle: shafts are as bright as on the marked
real feet, where two walls of the tibia are seen as white bands."""


@lru_cache(maxsize=1)
def tarsal_shapes() -> dict[str, BoneShape]:
    """Tarsals, tibia and fibula at their reference size; built once a process."""
    built = {name: solid_bone(bone) for name, bone in TARSALS.items()}
    for name, (solids, width, _) in LEG.items():
        whole = solid_bone(SolidBone(solids, _LEG_LENGTH, width, 3.0, 0.6, (0.24, 0.05)))
        built[name] = _endless(whole, LEG_CORTEX_MM[name])
    return built


def tarsals(build: Build, rng: np.random.Generator) -> dict[str, PosedBone]:
    """The tarsals of a left foot on its sole, each a little moved, turned and scaled."""
    bones = {}
    for name, centre in CENTRES.items():
        place = build.size * (np.array(centre) + rng.normal(0, 0.8, 3))
        rotation = turn(x=rng.normal(0, 3), y=rng.normal(0, 3), z=rng.normal(0, 2))
        scale = build.size * np.exp(rng.normal(0, 0.03, 3))
        bones[name] = PosedBone(tarsal_shapes()[name], rotation, place, scale)
    return bones


def tarsal_contacts(
    bones: Mapping[str, PosedBone], build: Build, lie: Frame, rng: np.random.Generator
) -> list[Contact]:
    """The joints of tarsus and metatarsal bases of bones already turned by `lie` from the foot's own axes."""
    contacts = []
    for (one, other), joint in JOINTS.items():
        gap = joint.gap_mm * build.gap * float(np.exp(rng.normal(0, 0.08)))
        tilt = turn(x=joint.tilt + rng.normal(0, TILT_SPREAD), y=joint.lean + rng.normal(0, TILT_SPREAD))
        through = lie @ tilt @ np.array([0.0, 0.0, 1.0])
        place = between(bones[one], bones[other], _inner(one, bones), _inner(other, bones))
        seen = (float(through[0]), float(through[1]), float(through[2]))
        for first, second in ((one, other), (other, one)):
            contacts.append(Contact(first, second, gap, True, joint.kept, float(place[2]), seen))
    return contacts


def leg(build: Build, plantarflexion: float, yaw: float, rng: np.random.Generator) -> dict[str, PosedBone]:
    """Tibia and fibula over the talus of a foot on its sole; at 0 degrees of plantarflexion they stand upright."""
    frame = turn(z=yaw) @ turn(x=90.0 - plantarflexion)
    bones = {}
    for name, (_, _, aside) in LEG.items():
        scale = build.size * np.array([build.stout, 1.0, build.stout])
        down = frame @ np.array([0.0, 1.0, 0.0])
        top = build.size * np.array(_DOME) - down * build.size * (_DOME_MM - 1.5)
        place = top + frame @ (build.size * (np.array(aside) + rng.normal(0, 0.7, 3) * (1, 1, 1)))
        bone = PosedBone(tarsal_shapes()[name], frame, np.zeros(3), scale)
        bones[name] = replace(bone, position=place - bone.world((0.0, _LEG_LENGTH, 0.0)))
    return bones


def leg_contacts(build: Build) -> list[Contact]:
    """The ankle's mortise: tibia and fibula are cut back from the talus, whose surface is whole."""
    gap = ANKLE_GAP_MM * build.gap
    return [Contact("tibia", "talus", gap, flatten=1.0), Contact("fibula", "talus", gap, flatten=1.0)]


def _inner(name: str, bones: Mapping[str, PosedBone]) -> Vector:
    """A point inside a tarsal, or near the base of a metatarsal."""
    return bones[name].along(0.05) if name in METATARSALS else bones[name].centre


def _endless(shape: BoneShape, cortex_mm: tuple[float, ...]) -> BoneShape:
    """The volume from y = 0 up, going on below with the section and the cortex it has there."""
    first = round(-shape.origin[1] / VOXEL_MM)
    kept = np.ascontiguousarray(shape.distance[:, first:, :])
    cortex = np.interp(np.linspace(0, 1, len(shape.cortex_mm)), (0.0, 0.45, 0.9, 1.0), cortex_mm)
    return replace(
        shape,
        distance=kept,
        origin=(shape.origin[0], 0.0, shape.origin[2]),
        cortex_mm=cortex.astype(np.float32),
        endless=True,
        waist=np.ones(int(_LEG_LENGTH) + 1, np.float32),
    )
