"""Marks on single bones that are no arthritis: healed fractures, bone islands, vessels, fragments, gouty defects.

Each maker takes the bones it may choose from and gives a change of a skeleton; how often is in `mimics`. Measures in mm
are this project's choice.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from opensvh.simulation.anatomy.bone_ends import End, bone_end, cut_distance
from opensvh.simulation.anatomy.bones import sesamoid
from opensvh.simulation.anatomy.skeleton import Lesion, PosedBone, Skeleton, Vector

Change = Callable[[Skeleton, np.random.Generator], Skeleton]
Triple = tuple[float, float, float]


def healed_fracture(*names: str) -> Change:
    """Callus around the shaft of one of the bones, thicker on one side, with a dense band across."""

    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        name = str(rng.choice(names))
        bone, waist = skeleton.bones[name], _shaft_half(skeleton, name)
        y = rng.uniform(0.35, 0.7) * bone.shape.length_mm
        side = float(rng.choice((-1.0, 1.0)))
        callus = tuple(
            Lesion(
                (sign * waist * rng.uniform(0.35, 0.6), y + rng.normal(0, 1.5), float(rng.normal(0, 0.8))),
                (waist * (0.72 if sign == side else 0.5), rng.uniform(4.0, 8.0), 0.8 * waist),
            )
            for sign in (-1.0, 1.0)
        )
        band = Lesion((0.0, float(y), 0.0), (1.2 * waist, float(rng.uniform(1.0, 2.2)), 1.2 * waist))
        healed = replace(bone, growths=(*bone.growths, *callus), dense=(*bone.dense, band))
        return _with(skeleton, name, healed)

    return change


def bone_island(*names: str) -> Change:
    """A dense spot of 1.3 to 3 mm radius inside one of the bones, longer along it."""

    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        name = str(rng.choice(names))
        bone, size = skeleton.bones[name], float(rng.uniform(1.3, 3.0))
        places = np.array([_somewhere(bone, rng) for _ in range(40)])
        room = -cut_distance(skeleton, name, np.array([bone.world(place) for place in places]))
        inside = np.flatnonzero(room > size)
        if len(inside) == 0:
            return skeleton
        island = Lesion(_triple(places[inside[0]]), (size, size * float(rng.uniform(1.0, 1.5)), size))
        return _with(skeleton, name, replace(bone, dense=(*bone.dense, island)))

    return change


def vessel(*names: str) -> Change:
    """A nutrient channel: a fine slanting line through the cortex of one shaft."""

    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        name = str(rng.choice(names))
        bone, half = skeleton.bones[name], _shaft_half(skeleton, name)
        side, up = float(rng.choice((-1.0, 1.0))), float(rng.choice((-1.0, 1.0)))
        y = rng.uniform(0.4, 0.6) * bone.shape.length_mm
        channel = tuple(
            Lesion((side * half * (1.0 - 0.06 * step), y + up * 0.4 * step, 0.0), (0.3, 0.5, 1.0)) for step in range(9)
        )
        return _with(skeleton, name, replace(bone, erosions=(*bone.erosions, *channel)))

    return change


def fragment(*places: tuple[str, End, float]) -> Change:
    """A small rounded bone beside a margin: an old avulsion."""

    def change(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        name, end, angle = places[int(rng.integers(len(places)))]
        spot = bone_end(skeleton, name, end).spot(skeleton, angle + rng.normal(0, 6))
        size = np.exp(rng.normal(0, 0.25, 3))
        centre = spot.point - (2.4 + rng.uniform(0.0, 1.2)) * spot.inward
        chip = PosedBone(sesamoid((1.3, 1.7, 1.3)), skeleton.bones[name].rotation, centre, size)
        return _with(skeleton, f"fragment at {name}", chip)

    return change


def gouty_defect(skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
    """A punched-out hole beside the neck of metatarsal 1, inside, with a rim and an overhanging edge."""
    bone = skeleton.bones["mt1"]
    width, radius = bone.shape.width_mm, float(rng.uniform(2.2, 3.6))
    y = bone.shape.length_mm - rng.uniform(0.95, 1.25) * width
    edge = _side_at(skeleton, "mt1", float(y))
    hole = Lesion((edge - 0.45 * radius, float(y), 0.0), (radius, radius * 1.1, 6.0), rim_mm=0.5)
    lip = Lesion((edge - 0.3, float(y - 1.1 * radius), 0.0), (1.4, 0.7 * radius, 4.0))
    return _with(skeleton, "mt1", replace(bone, erosions=(*bone.erosions, hole), growths=(*bone.growths, lip)))


def _somewhere(bone: PosedBone, rng: np.random.Generator) -> Vector:
    """A local point around the middle of an irregular bone, or in the end third of a long one."""
    length = bone.shape.length_mm
    y = rng.uniform(-0.3, 0.3) * length if is_round(bone) else length - rng.uniform(0.08, 0.3) * length
    return np.array([rng.uniform(-0.4, 0.4) * bone.shape.width_mm, y, rng.normal(0, 1.0)])


def is_round(bone: PosedBone) -> bool:
    """Whether a bone is irregular: its local origin is its middle, not its base."""
    return bone.shape.waist is None and not bone.shape.endless


def _shaft_half(skeleton: Skeleton, name: str) -> float:
    return _side_at(skeleton, name, 0.5 * skeleton.bones[name].shape.length_mm)


def _side_at(skeleton: Skeleton, name: str, y: float) -> float:
    """Local x of the surface at a height of a bone, on the side of thumb or hallux."""
    bone = skeleton.bones[name]
    across = np.arange(0.0, bone.shape.width_mm, 0.2)
    line = np.column_stack([across, np.full(len(across), y), np.zeros(len(across))])
    outside = np.flatnonzero(bone.shape.distance_at(line) > 0)
    return float(across[outside[0]]) if len(outside) else bone.shape.width_mm / 2


def _triple(place: Vector) -> Triple:
    return float(place[0]), float(place[1]), float(place[2])


def _with(skeleton: Skeleton, name: str, bone: PosedBone) -> Skeleton:
    return replace(skeleton, bones={**skeleton.bones, name: bone})
