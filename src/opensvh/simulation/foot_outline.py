"""The outline of a foot: round cones of soft tissue laid around its bones.

Widths and depths in mm are this project's choice of round figures for an average adult.
"""

from opensvh.simulation.skeleton import Skeleton
from opensvh.simulation.tissue import Cone


def foot_cones(skeleton: Skeleton) -> list[Cone]:
    """The cones of a whole foot and lower leg."""
    bones = skeleton.bones
    cones = []
    for digit in (1, 2, 3, 4, 5):
        first, stout = digit == 1, 1.45 if digit == 1 else 1.0
        middle = bones[f"dp{digit}" if first else f"mp{digit}"]
        cones += [
            Cone(bones[f"mt{digit}"].along(0), bones[f"mt{digit}"].along(1), (13, 14 if first else 11), (26, 15)),
            Cone(bones[f"pp{digit}"].along(-0.1), bones[f"pp{digit}"].along(1), (9.2 * stout, 7.6 * stout), (12, 8.5)),
            Cone(middle.along(0), bones[f"dp{digit}"].along(0.97), (7.8 * stout, 6.6 * stout), (8.5, 6.5)),
        ]
    for digit in (1, 2, 3, 4):
        web = bones[f"pp{digit}"].along(0.1), bones[f"pp{digit + 1}"].along(0.15)
        cones.append(Cone(*web, (8, 8), (12, 11)))
    ankle = bones["tibia"].along(1.0)
    cones += [
        Cone(bones["cuneiform1"].centre, bones["cuboid"].centre, (18, 18), (30, 26)),
        Cone(bones["navicular"].centre, bones["calcaneus"].centre, (21, 22), (32, 32)),
        Cone(bones["talus"].centre, bones["calcaneus"].centre, (24, 24), (36, 34)),
        Cone(bones["mt5"].along(0), bones["calcaneus"].centre, (13, 22), (22, 30)),
        Cone(bones["cuneiform1"].centre, bones["mt1"].along(0.8), (16, 14), (27, 17)),
        Cone(bones["calcaneus"].world((0.0, -14.0, 0.0)), bones["calcaneus"].centre, (20, 22), (26, 30)),
        Cone(bones["talus"].centre, ankle, (26, 27), (34, 34)),
    ]
    for name, width in (("tibia", 24.0), ("fibula", 16.0)):
        low = bones[name].world((0.0, -220.0, 0.0))
        cones.append(Cone(bones[name].along(0.95), low, (width, width + 14.0), (30.0, 40.0)))
    return cones
