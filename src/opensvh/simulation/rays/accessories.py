"""What a patient wears or has beside on the detector: rings, bracelets, watches, casts, splints, a wedge, a ball.

Each is a thickness along the ray, so that it is exposed and processed with the limb. Sizes are those of the things
themselves, frequencies this project's choice (on about one in fifteen of FracAtlas's hand films a bangle lies round
the forearm).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.anatomy.skeleton import PosedBone, Skeleton
from opensvh.simulation.rays.cast import cast_mm, slab_mm
from opensvh.simulation.rays.projection import Detector

FloatImage = NDArray[np.float32]

METAL_AS_BONE = 29.0
"""Steel in cortical bone, both beyond soft tissue: 4.2 against 0.144 per mm at 35 keV (NIST XCOM)."""
ALUMINIUM_AS_STEEL = 0.045
"""Aluminium in steel: 0.19 against 4.2 per mm at 35 keV (NIST XCOM)."""
PLASTER_AS_BONE = 0.5
"""A set plaster bandage of 1.1 g/cm3 in cortical bone: 0.07 per mm at 35 keV (NIST XCOM, gypsum)."""
RING_FINGERS = {"pp4": 0.5, "pp3": 0.2, "pp2": 0.15, "pp5": 0.1, "pp1": 0.05}
"""Shares of rings by the phalanx they sit on."""


@dataclass(frozen=True)
class Accessories:
    """Millimetres of steel and of plaster under each pixel, [rows, columns]; None where there is none."""

    metal_mm: FloatImage | None = None
    plaster_mm: FloatImage | None = None

    def as_bone_mm(self) -> FloatImage | None:
        """The millimetres of cortical bone that attenuate as much, to be added to the bone's; None for nothing."""
        parts = [
            np.float32(factor) * part
            for part, factor in ((self.metal_mm, METAL_AS_BONE), (self.plaster_mm, PLASTER_AS_BONE))
            if part is not None
        ]
        return np.asarray(sum(parts), dtype=np.float32) if parts else None


@dataclass(frozen=True)
class Hoop:
    """A band of metal around a limb: outer radius, wall and height in mm; tilt of its axis towards the beam, degrees.

    `solid` is the part of it that is metal: links and stones leave gaps.
    """

    radius_mm: float
    wall_mm: float
    height_mm: float
    tilt: float
    solid: float = 1.0


def draw_accessories(
    skeleton: Skeleton, soft_mm: FloatImage, limb: Limb, detector: Detector, rng: np.random.Generator
) -> Accessories:
    """What lies on this film, on the picture before it is mirrored; mostly nothing.

    `soft_mm` [rows, columns] is the limb's soft tissue, which a cast follows.
    """
    metal = np.zeros(soft_mm.shape, np.float32)
    for share, draw in METAL[limb]:
        if rng.random() < share:
            draw(metal, skeleton, detector, rng)
    kind = rng.random()
    plaster = None
    if kind < CAST:
        plaster = cast_mm(skeleton, soft_mm, limb, detector, rng)
    elif kind < CAST + SLAB:
        plaster = slab_mm(skeleton, soft_mm, limb, detector, rng)
    return Accessories(metal if metal.any() else None, plaster)


def _ring(metal: FloatImage, skeleton: Skeleton, detector: Detector, rng: np.random.Generator) -> None:
    """One ring, or two on different fingers."""
    count = 2 if rng.random() < 0.2 else 1
    for name in rng.choice(list(RING_FINGERS), count, replace=False, p=list(RING_FINGERS.values())):
        finger = skeleton.bones.get(str(name))
        if finger is None:
            continue
        radius = float(rng.normal(9.8, 0.7)) * float(finger.scale.mean())
        hoop = Hoop(radius, float(rng.uniform(0.6, 1.6)), float(rng.uniform(1.5, 6)), float(rng.normal(0, 14)))
        place = finger.along(float(rng.uniform(0.3, 0.6)))
        add_hoop(metal, hoop, place, finger, detector)
        if rng.random() < 0.15:
            _add_ball(metal, place[:2] + rng.normal(0, 2, 2), float(rng.uniform(1, 2.5)), detector)


def _bracelet(metal: FloatImage, skeleton: Skeleton, detector: Detector, rng: np.random.Generator) -> None:
    """A bangle, a chain or a watch round the forearm, or an anklet."""
    arm = skeleton.bones.get("radius", skeleton.bones.get("tibia"))
    other = skeleton.bones.get("ulna", skeleton.bones.get("fibula"))
    if arm is None or other is None:
        return
    middle = (arm.along(1.0) + other.along(1.0)) / 2
    flat = arm.axis[:2] / max(float(np.hypot(*arm.axis[:2])), 1e-6)
    place = middle - np.array([*flat, 0.0]) * rng.uniform(15, 75)
    watch = rng.random() < 0.3
    height, solid = (float(rng.uniform(10, 18)), float(rng.uniform(0.2, 0.6))) if watch else (rng.uniform(2, 7), 1.0)
    hoop = Hoop(float(rng.uniform(29, 36)), float(rng.uniform(1, 3)), float(height), float(rng.normal(0, 12)), solid)
    add_hoop(metal, hoop, place, arm, detector)
    if watch:
        _add_watch(metal, place[:2] + rng.normal(0, 4, 2), float(rng.uniform(13, 20)), detector, rng)


def add_hoop(metal: FloatImage, hoop: Hoop, place: NDArray[np.float64], bone: PosedBone, detector: Detector) -> None:
    """Add a hoop at a world place, its axis along the bone, in place.

    Its front and its back half are two bands, which part as the axis tilts towards the beam.
    """
    axis = bone.axis[:2] / max(float(np.hypot(*bone.axis[:2])), 1e-6)
    window = _window(place[:2], hoop.radius_mm + hoop.height_mm + 2, detector)
    if window is None:
        return
    rows, columns, x, y = window
    across = x * axis[1] - y * axis[0]
    along = x * axis[0] + y * axis[1]
    outer = np.sqrt(np.clip(hoop.radius_mm**2 - across**2, 0, None))
    inner = np.sqrt(np.clip((hoop.radius_mm - hoop.wall_mm) ** 2 - across**2, 0, None))
    parted = np.sin(np.deg2rad(hoop.tilt)) * outer
    added = np.zeros(outer.shape, np.float32)
    for half in (-1, 1):
        beyond = np.abs(along - half * parted) - hoop.height_mm / 2
        added += (outer - inner) * np.clip(0.5 - beyond / detector.pixel_mm, 0, 1)
    metal[rows, columns] += hoop.solid * added


def _add_watch(
    metal: FloatImage, centre: NDArray[np.float64], radius_mm: float, detector: Detector, rng: np.random.Generator
) -> None:
    """A case with a thick rim, a thin back and wheels, in place."""
    window = _window(centre, radius_mm + 2, detector)
    if window is None:
        return
    rows, columns, x, y = window
    away = np.hypot(x, y)
    case = np.clip(0.5 - (away - radius_mm) / detector.pixel_mm, 0, 1) * rng.uniform(0.4, 1.5)
    case += 4.0 * (np.abs(away - radius_mm + 1.5) < 1.5)
    for _ in range(5):
        wheel = rng.uniform(-0.6, 0.6, 2) * radius_mm
        case += rng.uniform(0.5, 2) * (np.hypot(x - wheel[0], y - wheel[1]) < rng.uniform(1, 4))
    metal[rows, columns] += case.astype(np.float32)


def _ball(metal: FloatImage, skeleton: Skeleton, detector: Detector, rng: np.random.Generator) -> None:
    """A steel ball for calibration, anywhere on the film."""
    size = np.array([detector.width, -detector.height]) * detector.pixel_mm
    corner = np.array([detector.left_mm, detector.top_mm])
    _add_ball(metal, corner + size * (rng.uniform(0.05, 0.95), rng.uniform(0.6, 0.95)), rng.uniform(2, 6), detector)


def _add_ball(metal: FloatImage, centre: NDArray[np.float64], radius_mm: float, detector: Detector) -> None:
    window = _window(centre, radius_mm + 1, detector)
    if window is not None:
        rows, columns, x, y = window
        metal[rows, columns] += 2 * np.sqrt(np.clip(radius_mm**2 - x**2 - y**2, 0, None))


def _wedge(metal: FloatImage, skeleton: Skeleton, detector: Detector, rng: np.random.Generator) -> None:
    """An aluminium step wedge of 1 mm more a step, at the film's left or right edge."""
    steps, width, height = int(rng.integers(6, 13)), rng.uniform(8, 16), rng.uniform(5, 9)
    tall, wide = (int(side / detector.pixel_mm) for side in (height, width))
    top = int(rng.uniform(0.02, 0.5) * detector.height)
    left = 4 if rng.random() < 0.5 else max(detector.width - wide - 4, 0)
    for step in range(steps):
        metal[top + step * tall : top + (step + 1) * tall, left : left + wide] += ALUMINIUM_AS_STEEL * (step + 1)


def _finger_splint(metal: FloatImage, skeleton: Skeleton, detector: Detector, rng: np.random.Generator) -> None:
    """An aluminium strip along one finger, from beyond its tip to the middle hand."""
    digit = int(rng.integers(2, 6))
    tip, base = skeleton.bones.get(f"dp{digit}"), skeleton.bones.get(f"pp{digit}")
    if tip is None or base is None:
        return
    start, end = base.along(float(rng.uniform(-0.8, 0.2)))[:2], tip.along(1.3)[:2]
    run = end - start
    length = max(float(np.hypot(*run)), 1.0)
    window = _window((start + end) / 2, length / 2 + 12, detector)
    if window is None:
        return
    rows, columns, x, y = window
    along = np.abs(x * run[0] + y * run[1]) / length - length / 2
    across = np.abs(x * run[1] - y * run[0]) / length - rng.uniform(6, 9)
    inside = np.clip(0.5 - np.maximum(along, across) / detector.pixel_mm, 0, 1)
    metal[rows, columns] += (ALUMINIUM_AS_STEEL * rng.uniform(0.8, 1.6) * inside).astype(np.float32)


def _window(
    centre: NDArray[np.float64], reach_mm: float, detector: Detector
) -> tuple[slice, slice, NDArray[np.float64], NDArray[np.float64]] | None:
    """Rows and columns of the film near a world point, and their x and y from it in mm; None off the film."""
    column, row = detector.pixels(np.array([centre[0], centre[1], 0.0]))
    reach = reach_mm / detector.pixel_mm
    top, bottom = max(int(row - reach), 0), min(int(row + reach) + 2, detector.height)
    left, right = max(int(column - reach), 0), min(int(column + reach) + 2, detector.width)
    if top >= bottom or left >= right:
        return None
    x = (np.arange(left, right) - column)[None, :] * detector.pixel_mm
    y = (row - np.arange(top, bottom))[:, None] * detector.pixel_mm
    return slice(top, bottom), slice(left, right), np.asarray(x, np.float64), np.asarray(y, np.float64)


Draw = Callable[[FloatImage, Skeleton, Detector, np.random.Generator], None]

METAL: dict[Limb, tuple[tuple[float, Draw], ...]] = {
    Limb.HAND: ((0.06, _ring), (0.025, _bracelet), (0.005, _ball), (0.01, _wedge), (0.008, _finger_splint)),
    Limb.FOOT: ((0.008, _bracelet), (0.005, _ball), (0.01, _wedge)),
}
"""Share of films with each thing of metal, and what draws it."""
CAST, SLAB = 0.015, 0.01
"""Shares of films with a closed cast, and with a plaster slab on one side of the limb."""
