"""The outline of a foot: round cones of soft tissue laid around its bones.

Half widths and half depths are in mm for an average adult, measured on the marked real films relative to the distance
between MTP 1 and MTP 5 (67 mm in the adult of reference): the hallux is 27 mm wide, the lesser toes 17, the skin lies
9 mm beside the heads of metatarsals 1 and 5 and 12 mm behind the heel.
"""

from dataclasses import replace
from itertools import pairwise

from opensvh.simulation.anatomy.skeleton import Skeleton
from opensvh.simulation.rays.tissue import Cone, Strand

_TOE_WIDTHS = {1: (12.0, 13.4), 2: (8.2, 8.8), 3: (7.8, 8.4), 4: (7.8, 8.4), 5: (8.2, 8.8)}
"""Half widths of a toe at its first phalanx and at its tip."""
_RAY_WIDTHS = {1: (15.0, 17.5), 2: (13.0, 12.0), 3: (13.0, 12.0), 4: (13.0, 12.0), 5: (14.0, 13.5)}
"""Half widths around a metatarsal at its base and its head."""
_WEBS = {1: (0.30, 0.42), 2: (0.42, 0.46), 3: (0.46, 0.5), 4: (0.5, 0.5)}
"""Where the web lies on the first phalanges of a toe and the next, in shares of their length."""
_LEG = ((72.0, 33.0, 36.0), (30.0, 30.0, 33.0), (-60.0, 35.0, 40.0), (-230.0, 48.0, 51.0))
"""Along the tibia (its own y in mm): half width and half depth of the leg."""
_LEG_ASIDE = -9.0
"""The leg's middle lies between the tibia, whose axis is at 0, and the fibula."""


def foot_cones(skeleton: Skeleton) -> list[Cone | Strand]:
    """The outline of a whole foot and lower leg, as thick as the foot is long, and the nails."""
    size = float(skeleton.bones["mt2"].scale[1])
    cones = (_sized(cone, size) for cone in (*_toes(skeleton), *_sole(skeleton), *_leg(skeleton)))
    return [*cones, *_nails(skeleton, size)]


def _sized(cone: Cone, size: float) -> Cone:
    width, depth = (tuple(size * each for each in pair) for pair in (cone.width, cone.depth))
    return replace(cone, width=(width[0], width[1]), depth=(depth[0], depth[1]))


def _toes(skeleton: Skeleton) -> list[Cone]:
    bones = skeleton.bones
    cones = []
    for digit, (root, tip) in _TOE_WIDTHS.items():
        first, metatarsal, phalanx = digit == 1, bones[f"mt{digit}"], bones[f"pp{digit}"]
        middle, end = bones[f"dp{digit}" if first else f"mp{digit}"], bones[f"dp{digit}"]
        deep = (14.0, 10.0) if first else (11.0, 8.0)
        cones += [
            Cone(metatarsal.along(0), metatarsal.along(1), _RAY_WIDTHS[digit], (27, 17)),
            Cone(phalanx.along(0.2), phalanx.along(1), (root, root), (deep[0], deep[0] - 1)),
            Cone(
                middle.along(0.1), end.along(0.84 if first else 0.7), (0.5 * (root + tip), tip), (deep[0] - 1, deep[1])
            ),
        ]
    for digit, (near, far) in _WEBS.items():
        web = bones[f"pp{digit}"].along(near), bones[f"pp{digit + 1}"].along(far)
        cones.append(Cone(*web, (8.0, 7.5), (13, 12)))
    return cones


def _nails(skeleton: Skeleton, size: float) -> list[Strand]:
    """The nail of each toe, over the end of its last phalanx."""
    nails = []
    for digit in _TOE_WIDTHS:
        tip, first = skeleton.bones[f"dp{digit}"], digit == 1
        half, add = (6.8, 0.9) if first else (3.6, 0.6)
        nails.append(Strand(tip.along(0.4), tip.along(1.05 if first else 1.2), half * size, add))
    return nails


def _sole(skeleton: Skeleton) -> list[Cone]:
    """Midfoot, heel and the pad of the sole, which an oblique film sees beside the bones."""
    bones = skeleton.bones
    heel = bones["calcaneus"].world((1.0, -21.0, 4.0))
    pad = bones["calcaneus"].world((-1.0, -18.0, 15.0))
    edge = bones["mt5"].world((-2.0, 12.0, 10.0))
    return [
        Cone(bones["cuneiform1"].centre, bones["cuboid"].centre, (18, 19), (31, 27)),
        Cone(bones["cuneiform1"].centre, bones["mt1"].along(0.5), (17, 15), (28, 22)),
        Cone(bones["navicular"].centre, bones["talus"].centre, (23, 25), (33, 37)),
        Cone(bones["cuboid"].centre, bones["calcaneus"].centre, (19, 23), (28, 34)),
        Cone(bones["calcaneus"].centre, heel, (24, 26), (36, 34)),
        Cone(heel, pad, (25, 24), (33, 32)),
        Cone(pad, edge, (20, 13), (30, 24)),
        Cone(edge, bones["mt5"].world((0.0, 55.0, 8.0)), (13, 13), (24, 17)),
    ]


def _leg(skeleton: Skeleton) -> list[Cone]:
    tibia, fibula = skeleton.bones["tibia"], skeleton.bones["fibula"]
    places = [(tibia.world((_LEG_ASIDE, along, 4.0)), width, depth) for along, width, depth in _LEG]
    cones = [
        Cone(start, end, (near, far), (deep, deeper)) for (start, near, deep), (end, far, deeper) in pairwise(places)
    ]
    tendon = tibia.world((_LEG_ASIDE, 20.0, 24.0))
    heel = skeleton.bones["calcaneus"].world((1.0, -24.0, -6.0))
    return [
        *cones,
        Cone(skeleton.bones["talus"].centre, places[0][0], (27, 31), (38, 37)),
        Cone(tibia.world((20.0, 78.0, 0.0)), tibia.world((12.0, 60.0, 0.0)), (13, 14), (24, 28)),
        Cone(fibula.along(1.2), fibula.along(0.9), (13, 14), (22, 26)),
        Cone(heel, tendon, (18, 15), (24, 24)),
    ]
