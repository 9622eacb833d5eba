"""The outline of a hand: round cones of soft tissue laid around its bones.

Widths and depths in mm are this project's choice of round figures for an average adult.
"""

from opensvh.simulation.skeleton import Skeleton
from opensvh.simulation.tissue import Cone


def hand_cones(skeleton: Skeleton) -> list[Cone]:
    """The cones of a whole hand and forearm."""
    bones = skeleton.bones
    cones = [cone for digit in (2, 3, 4, 5) for cone in _finger_cones(skeleton, digit)]
    cones += [
        Cone(bones["mc1"].along(0), bones["mc1"].along(1), (14.5, 12.0), (15.0, 11.5)),
        Cone(bones["pp1"].along(0), bones["pp1"].along(0.5), (12.0, 10.4), (10.5, 9.5)),
        Cone(bones["pp1"].along(0.5), bones["dp1"].along(0), (10.4, 10.4), (9.5, 8.5)),
        Cone(bones["dp1"].along(0), bones["dp1"].along(0.9), (10.4, 7.8), (8.5, 5.5)),
        Cone(bones["mc1"].along(0.7), bones["mc2"].along(0.5), (9.0, 9.0), (9.0, 10.0)),
        Cone(bones["mc1"].along(0.3), bones["mc2"].along(0.3), (14.0, 12.0), (14.0, 13.0)),
        Cone(bones["trapezium"].centre, bones["hamate"].centre, (18.0, 17.0), (17.0, 16.0)),
        Cone(bones["scaphoid"].centre, bones["triquetrum"].centre, (15.0, 14.0), (17.0, 16.0)),
        Cone(bones["triquetrum"].centre, bones["mc5"].along(0.1), (12.5, 13.0), (15.0, 13.5)),
        Cone(bones["mc5"].along(0.0), bones["mc5"].along(0.85), (13.0, 11.5), (13.5, 11.0)),
    ]
    for name, width, depth in (("radius", 16.0, 18.0), ("ulna", 14.0, 17.0)):
        low = bones[name].world((0.0, -160.0, 0.0))
        wrist = bones["scaphoid" if name == "radius" else "triquetrum"].centre
        cones += [
            Cone(bones[name].along(1.0), low, (width, width + 13.0), (depth - 1.0, depth + 14.0)),
            Cone(bones[name].along(0.95), wrist, (width - 1.0, 14.5), (depth - 1.0, 17.0)),
        ]
    return cones


def _finger_cones(skeleton: Skeleton, digit: int) -> list[Cone]:
    size = {2: 1.0, 3: 1.03, 4: 0.97, 5: 0.86}[digit]
    measures = (
        ("mc", 0.05, "mc", 0.95, (12.0, 12.0), (13.0, 11.5)),
        ("pp", -0.05, "pp", 0.5, (11.0, 9.4), (11.0, 9.0)),
        ("pp", 0.5, "pp", 1.0, (9.4, 9.8), (9.0, 8.6)),
        ("mp", 0.0, "mp", 0.55, (9.8, 8.7), (8.6, 7.7)),
        ("mp", 0.55, "dp", 0.0, (8.7, 8.7), (7.7, 7.0)),
        ("dp", 0.0, "dp", 0.95, (8.7, 6.9), (7.0, 5.2)),
    )
    cones = []
    for first, start, second, end, width, depth in measures:
        places = skeleton.bones[f"{first}{digit}"].along(start), skeleton.bones[f"{second}{digit}"].along(end)
        sized = tuple(size * w for w in width), tuple(size * d for d in depth)
        cones.append(Cone(*places, (sized[0][0], sized[0][1]), (sized[1][0], sized[1][1])))
    if digit < 5:
        web = skeleton.bones[f"pp{digit}"].along(0.18), skeleton.bones[f"pp{digit + 1}"].along(0.2)
        cones.append(Cone(*web, (7.0, 6.0), (8.0, 7.0)))
    return cones
