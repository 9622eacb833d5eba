"""The small bones of the hand: sesamoids, and accessory bones that a few hands have.

Radiological rates of sesamoids are the pooled ones of "The prevalence of the sesamoid bones of the hand: a systematic
review and meta-analysis" (Clinical Anatomy): first metacarpophalangeal joint 99.9 and 99.6 %, fifth 62.8, second 40,
interphalangeal joint of the thumb 47.8 %. Accessory bones, each in 1 to 4 of 100 hands, are this project's choice.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape
from opensvh.simulation.anatomy.carpals import Block, solid
from opensvh.simulation.anatomy.joints import Build, Chain
from opensvh.simulation.anatomy.skeleton import PosedBone


@dataclass(frozen=True)
class Ossicle:
    """A small bone beside another: its place in mm (y from the head's end, or from the origin), half axes, share of
    hands that have it."""

    beside: str
    place: tuple[float, float, float]
    half_axes: tuple[float, float, float]
    share: float
    from_end: bool = True


OSSICLES: dict[str, Ossicle] = {
    "sesamoid-1": Ossicle("mc1", (-4.0, -6.0, 8.6), (2.2, 3.0, 2.0), 1.0),
    "sesamoid+1": Ossicle("mc1", (4.0, -6.0, 8.6), (2.3, 2.8, 2.0), 1.0),
    "sesamoid of 5": Ossicle("mc5", (-3.6, -4.5, 8.0), (1.5, 1.8, 1.4), 0.63),
    "sesamoid of 2": Ossicle("mc2", (4.2, -4.5, 8.4), (1.6, 1.9, 1.4), 0.4),
    "sesamoid of IP1": Ossicle("pp1", (0.5, -1.0, 6.4), (1.6, 1.2, 1.2), 0.48),
    "os styloideum": Ossicle("mc3", (5.0, 1.5, -9.0), (2.4, 2.0, 2.0), 0.015, from_end=False),
    "os triangulare": Ossicle("lunate", (-12.0, -5.0, 0.0), (1.8, 1.4, 1.6), 0.012, from_end=False),
    "os ulnostyloideum": Ossicle("ulna", (-5.4, 75.5, -3.0), (1.7, 2.0, 1.6), 0.04, from_end=False),
    "os radiale externum": Ossicle("scaphoid", (6.5, 9.5, 1.0), (1.6, 1.8, 1.6), 0.012, from_end=False),
    "trapezium secundarium": Ossicle("trapezium", (-6.0, 8.0, 0.0), (1.8, 1.7, 1.6), 0.01, from_end=False),
}


@lru_cache(maxsize=1)
def ossicle_shapes() -> dict[str, BoneShape]:
    """Sesamoids and accessory bones at their reference size; built once a process."""
    return {name: _ellipsoid(ossicle.half_axes) for name, ossicle in OSSICLES.items()}


def add_ossicles(chain: Chain, build: Build, rng: np.random.Generator) -> None:
    """The small bones that this hand happens to have."""
    for name, ossicle in OSSICLES.items():
        present, shift, scale = rng.random() < ossicle.share, rng.normal(0, 0.7, 3), np.exp(rng.normal(0, 0.12, 3))
        if not present:
            continue
        bone = chain.bones[ossicle.beside]
        end = bone.shape.length_mm if ossicle.from_end else 0.0
        place = bone.world(np.array(ossicle.place) + (0.0, end, 0.0) + shift * (1.0, 1.0, 0.3))
        chain.bones[name] = PosedBone(ossicle_shapes()[name], bone.rotation, place, build.size * scale)


def _ellipsoid(half_axes: tuple[float, float, float]) -> BoneShape:
    return solid((Block((0.0, 0.0, 0.0), half_axes, 2.0, 0.0, 2.0),), (2 * half_axes[0], 2 * half_axes[1]))
