"""A posed foot: metatarsals, toes, tarsus and leg put together, seen as real archives see it; the 6 joint centres.

Metatarsal protrusion against the second (III -4.4, IV -11.2, V -20.2 mm) is published (FACTS.md, section 6); that of
the first and the angles between the rays are fitted to the marked real films. Measures of single bones live in
`metatarsal`, `toes`, `ossicles` and `tarsus`. The views are those of real archives: ankle-centred with the leg on the
film and the toes off it, dorsiplantar, and oblique.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.foot_growth import SESAMOIDS_APPEAR, growing, unfilled
from opensvh.simulation.anatomy.joints import Build, Chain, JointSpace, bone_scale
from opensvh.simulation.anatomy.metatarsal import METATARSALS, head_forms, metatarsal
from opensvh.simulation.anatomy.ossicles import add_accessory_bones, add_sesamoids
from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Skeleton, Vector, turn
from opensvh.simulation.anatomy.tarsus import leg, leg_contacts, tarsal_contacts, tarsals
from opensvh.simulation.anatomy.toes import PATTERNS, SOLE_SIDES, TOES, ToePose, add_toe

View = Literal["dorsiplantar", "ankle", "oblique"]

VIEW_SHARES: dict[View, float] = {"dorsiplantar": 0.20, "ankle": 0.55, "oblique": 0.25}
"""Shares of the 24 marked real feet, rounded."""

_HEADS = {1: (24.2, -4.2), 2: (0.0, 0.0), 3: (-13.5, -3.7), 4: (-25.6, -11.2), 5: (-39.0, -24.4)}
"""Heads of the metatarsals on the picture, mm from the second's."""
_MT_ANGLES = {1: 10.0, 2: 0.5, 3: -2.5, 4: -4.5, 5: -9.5}
"""Degrees towards the hallux side; the first's at a hallux valgus of 12 degrees."""
_MT_INCLINATION = {1: 18.0, 2: 17.5, 3: 15.0, 4: 11.0, 5: 6.0}
_SPREAD = {1: 1.6, 2: 1.8, 3: 1.4, 4: 1.5, 5: 2.0}
"""SD of a head's protrusion in mm; FACTS.md gives 1.6-3.8 between feet of all sizes."""
_HEAD_DEPTHS = {1: 9.0, 2: 4.0, 3: 4.0, 4: 6.8, 5: 9.0}
"""Depth of the heads towards the sole in mm: the transverse arch of an unloaded foot, fitted to the oblique films."""
STEEP_TOES, STEEP_DEG = 0.5, (46.0, 66.0)
"""Share of ankle-centred films whose toes point at the tube, so that the first phalanges are seen from their end, and
how far they then rise off the film; none of the marked films shows one so steep that its shaft is a ring."""
OPEN_DEG = 24.0
HALLUX_OPEN_DEG = 36.0
"""A toe's joint stays open to the beam up to this angle between its bone's depth and the beam. The hallux's own joint
is open on all marked films, whatever their view."""
OVERLAP_DEG = 35.0
"""A first phalanx that rises more than this against the film covers the metatarsal's head."""


@dataclass(frozen=True)
class FootPose(ToePose):
    """How the foot lies and is seen; angles in degrees.

    The foot is turned from its sole on the film by `inversion` about its long axis (oblique views; negative brings the
    heel to the lateral side) and by `tilt` about the line through the ankles (negative lifts the toes off the film).
    `plantarflexion` is the angle of the foot to an upright leg, `leg` the leg's yaw.
    """

    view: View = "dorsiplantar"
    inversion: float = 0.0
    tilt: float = 0.0
    plantarflexion: float = 40.0
    leg: float = 0.0


def draw_foot_pose(rng: np.random.Generator) -> FootPose:
    """A view by its share among real films, and a forefoot as people have them."""
    views = tuple(VIEW_SHARES)
    seen = _SEEN[views[int(rng.choice(len(views), p=tuple(VIEW_SHARES.values())))]](rng)
    return replace(
        seen,
        spread=float(rng.uniform(0.5, 1.6)),
        hallux_valgus=_hallux_valgus(rng),
        clawing=float(rng.uniform(6, 30)),
        leg=float(rng.normal(5, 6)),
        hammer=tuple(digit for digit in (2, 3, 4, 5) if rng.random() < 0.04),
        crossed=2 if rng.random() < 0.03 else 0,
        pattern=str(rng.choice(tuple(PATTERNS), p=tuple(PATTERNS.values()))),
        quintus_varus=float(rng.uniform(8, 28)) if rng.random() < 0.08 else 0.0,
    )


def _dorsiplantar(rng: np.random.Generator) -> FootPose:
    """Sole on the film, knee bent."""
    return FootPose(
        view="dorsiplantar",
        inversion=float(rng.normal(-2, 4)),
        tilt=float(rng.normal(0, 4)),
        plantarflexion=float(rng.uniform(25, 50)),
        dorsiflexion=float(np.clip(rng.normal(10, 5), 0, 45)),
    )


def _ankle(rng: np.random.Generator) -> FootPose:
    """Leg on the film, toes raised off it: as far as the ankle does not bend down."""
    tilt = float(rng.uniform(-36, -10))
    raised = rng.uniform(*STEEP_DEG) + tilt if rng.random() < STEEP_TOES else rng.normal(16, 8)
    return FootPose(
        view="ankle",
        inversion=float(rng.normal(-6, 6)),
        tilt=tilt,
        plantarflexion=90.0 + tilt + float(rng.uniform(-2, 4)),
        dorsiflexion=float(np.clip(raised, 0, STEEP_DEG[1] + tilt)),
    )


def _oblique(rng: np.random.Generator) -> FootPose:
    """Turned inward on the film (as all marked ones are), now and then outward."""
    side = -1.0 if rng.random() < 0.92 else 1.0
    return FootPose(
        view="oblique",
        inversion=side * float(rng.uniform(29, 53)),
        tilt=float(rng.uniform(-18, 4)),
        plantarflexion=float(rng.uniform(20, 50)),
        dorsiflexion=float(np.clip(rng.normal(5, 6), 0, 45)),
    )


_SEEN: dict[View, Callable[[np.random.Generator], FootPose]] = {
    "dorsiplantar": _dorsiplantar,
    "ankle": _ankle,
    "oblique": _oblique,
}


def _hallux_valgus(rng: np.random.Generator) -> float:
    """Four in five are straight; the others go from slight (above 15) to 45 degrees."""
    return float(np.clip(rng.normal(10, 4), 2, 20) if rng.random() < 0.82 else 16 + 29 * rng.beta(1.3, 2.2))


def pose_foot(
    build: Build,
    pose: FootPose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
    growth: float | None = None,
) -> Skeleton:
    """A left foot in world mm (see `skeleton`), joints in the given state; `rng` draws what no argument fixes.

    `growth` is the skeletal age in years of a growing foot, None for a grown one; `build` carries its size.
    """
    forms = rng.spawn(1)[0]
    hindfoot = tarsals(build, rng)
    chain = Chain(hindfoot if growth is None else unfilled(hindfoot, growth))
    for digit in TOES:
        shape = _a_persons_metatarsal(digit, forms)
        chain.bones[f"mt{digit}"] = _metatarsal(digit, shape, build, pose, rng)
    for digit in TOES:
        add_toe(chain, digit, build, pose, spaces, rng, int(forms.integers(len(SOLE_SIDES))))
    if growth is None or growth > SESAMOIDS_APPEAR:
        add_sesamoids(chain, build, pose.hallux_valgus, rng)
    if growth is None:
        add_accessory_bones(chain, build, rng)
    chain.bones |= leg(build, pose.plantarflexion, pose.leg, rng)
    lie = turn(x=pose.tilt) @ turn(y=pose.inversion)
    foot = chain.skeleton().turned(lie)
    toes = (_open_to_beam(each, foot.bones[each.bone]) for each in foot.contacts)
    contacts = (*toes, *tarsal_contacts(foot.bones, build, lie, rng), *leg_contacts(build))
    bones = foot.bones if growth is None else growing(foot.bones, growth, rng)
    return _with_seen_centres(replace(foot, bones=bones, contacts=contacts))


@lru_cache(maxsize=1)
def metatarsal_shapes() -> dict[str, BoneShape]:
    """The metatarsals at their reference size; built once a process."""
    return {name: _metatarsal_shape(name, 0) for name in METATARSALS}


@lru_cache(maxsize=32)
def _metatarsal_shape(name: str, form: int) -> BoneShape:
    return metatarsal(name, form)


def _a_persons_metatarsal(digit: int, forms: np.random.Generator) -> BoneShape:
    """The bone with one of the forms of its head, that no draw of the pose depends on."""
    name = f"mt{digit}"
    return _metatarsal_shape(name, int(forms.integers(len(head_forms(name)))))


def _metatarsal(digit: int, shape: BoneShape, build: Build, pose: FootPose, rng: np.random.Generator) -> PosedBone:
    """A metatarsal set by its head: protrusion is what is known."""
    across, along = _HEADS[digit]
    fan = 0.12 * (pose.spread - 1.0)
    angle = _MT_ANGLES[digit] * (1 + fan) + rng.normal(0, 1.0)
    across *= 1 + 0.5 * fan
    if digit == 1:
        # Metatarsus primus varus: the head moves in and the base stays.
        varus = 0.35 * (pose.hallux_valgus - 12.0)
        angle, across = angle + varus, across + 60.0 * np.sin(np.deg2rad(varus))
    rotation = turn(z=-angle) @ turn(x=_MT_INCLINATION[digit] + rng.normal(0, 2)) @ turn(y=rng.normal(0, 4))
    bone = PosedBone(shape, rotation, np.zeros(3), bone_scale(build, rng))
    head = build.size * np.array([across, along + rng.normal(0, _SPREAD[digit]), _HEAD_DEPTHS[digit]])
    return replace(bone, position=head - bone.world((0.0, bone.shape.length_mm, 0.0)))


def _open_to_beam(contact: Contact, bone: PosedBone) -> Contact:
    """A toe's joint seen through along the beam where its bone rises little; beyond, its margins cover the space."""
    depth, beam = bone.rotation[:, 2], np.array([0.0, 0.0, 1.0])
    away = float(np.degrees(np.arccos(np.clip(depth @ beam, -1.0, 1.0))))
    part = min((HALLUX_OPEN_DEG if contact.bone == "dp1" else OPEN_DEG) / max(away, 1e-6), 1.0)
    through = (1 - part) * depth + part * beam
    through /= np.linalg.norm(through)
    return replace(contact, through=(float(through[0]), float(through[1]), float(through[2])))


def _with_seen_centres(foot: Skeleton) -> Skeleton:
    """MTP centres where a reader marks them: between the bones, or on the head's rim where they overlap."""
    points = {name: foot.points[name] for name in ("IP1", *(f"MTP{digit}" for digit in TOES))}
    for digit in TOES:
        metatarsal_bone, phalanx = foot.bones[f"mt{digit}"], foot.bones[f"pp{digit}"]
        if _inclination(phalanx) > OVERLAP_DEG:
            points[f"MTP{digit}"] = _rim(metatarsal_bone)
    return replace(foot, points=points)


def _rim(bone: PosedBone) -> Vector:
    """The furthest point of a head on the film along its axis, on the bone's middle plane."""
    depth = bone.shape.width_mm * 0.75
    z, y = np.meshgrid(np.arange(-depth, depth, 0.4), bone.shape.length_mm - np.arange(-1.0, 9.0, 0.4))
    places = np.column_stack([np.zeros(z.size), y.ravel(), z.ravel()])
    world = (places * bone.scale) @ bone.rotation.T + bone.position
    forward = bone.axis[:2] / max(float(np.hypot(*bone.axis[:2])), 1e-6)
    reach = np.where(bone.shape.distance_at(places) < 0, world[:, :2] @ forward, -np.inf)
    axis_end = bone.along(1.0)
    ahead = float(reach.max() - axis_end[:2] @ forward)
    return np.asarray(axis_end + ahead * np.array([*forward, 0.0]))


def _inclination(bone: PosedBone) -> float:
    """Degrees between a bone's axis and the film."""
    return float(np.degrees(np.arcsin(np.clip(abs(bone.axis[2]), 0, 1))))
