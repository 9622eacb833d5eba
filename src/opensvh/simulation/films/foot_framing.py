"""How much of a film a foot takes up: close around the foot, or with the leg and much empty film, as archives keep it.

The margins of the wide films are those of the 24 marked real feet (10th to 90th percentile, in units of the distance
between MTP 1 and MTP 5, 66 mm): 4.4-5.3 wide for dorsiplantar and ankle views, 5.9-7.6 for oblique ones; the lower edge
3.8-5.1 below the forefoot, the upper 0-1.2 (oblique 1.3-2.3) above the toes. Those of the close ones are our choice.
"""

from dataclasses import dataclass

import numpy as np

from opensvh.simulation.anatomy.skeleton import Skeleton

WIDE_SHARE = 0.7
_SKIN_MM = {"side": 12.0, "tip": 10.0, "heel": 14.0}
_OBLIQUE_DEG = 20.0


@dataclass(frozen=True)
class FilmEdges:
    """Edges of a film in world mm; `wide` where leg and empty film are left around the foot."""

    left: float
    right: float
    top: float
    bottom: float
    wide: bool


def foot_edges(skeleton: Skeleton, rng: np.random.Generator) -> FilmEdges:
    """The edges of a film of this foot."""
    size = float(skeleton.bones["mt2"].scale[1])
    left, right, top, heel = _limits(skeleton, size)
    if rng.random() >= WIDE_SHARE:
        beside, above = size * rng.uniform(2, 26, 2), size * rng.uniform(3, 28)
        return FilmEdges(left - beside[0], right + beside[1], top + above, heel - size * rng.uniform(-30, 45), False)
    oblique = _turned(skeleton) > _OBLIQUE_DEG
    beside = size * (rng.uniform(50, 210, 2) if oblique else rng.uniform(45, 165, 2))
    above = size * (rng.uniform(60, 160) if oblique else rng.uniform(4, 85))
    below = size * rng.uniform(60, 190)
    return FilmEdges(left - beside[0], right + beside[1], top + above, heel - below, True)


def _limits(skeleton: Skeleton, size: float) -> tuple[float, float, float, float]:
    """Left, right, upper and lower end of the skin of the foot, without the leg."""
    bones = skeleton.bones
    ends = [bone.along(1.0) for name, bone in bones.items() if name.startswith(("dp", "mt"))]
    heel = bones["calcaneus"].world((0.0, -36.0, 6.0))
    across = [place[0] for place in (*ends, heel)]
    lowest = min(heel[1] - size * _SKIN_MM["heel"], bones["tibia"].along(1.0)[1])
    tip = max(place[1] for place in ends) + size * _SKIN_MM["tip"]
    side = size * _SKIN_MM["side"]
    return min(across) - side, max(across) + side, float(tip), float(lowest)


def _turned(skeleton: Skeleton) -> float:
    """Degrees by which the foot is turned about its long axis, read off the second metatarsal."""
    depth = skeleton.bones["mt2"].rotation[:, 2]
    return float(np.degrees(np.arctan2(abs(depth[0]), abs(depth[2]))))
