"""The posed wrist: carpals, bases of the metacarpals, radius and ulna, the joints between them and their centres.

What each bone looks like is in `carpals` and `forearm`, how carpals lie together in `carpus`. Here lie the joints:
which bones meet, how wide, and along which line the space is seen through. On a PA film only some are seen end on
(third carpometacarpal, scapholunate, capitolunate, radiocarpal); the others are tilted to the beam and show as
overlapping margins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from opensvh.simulation.anatomy.carpus import CENTRE_OF_TURN, HUB, posed_carpals
from opensvh.simulation.anatomy.facets import cut_about_outline
from opensvh.simulation.anatomy.forearm import STYLOIDS_MM, radius_height, radius_shape, ulna_shape
from opensvh.simulation.anatomy.joints import Build, Chain, JointSpace, fuse
from opensvh.simulation.anatomy.skeleton import Contact, PosedBone, Skeleton, Vector, surface_along, turn

MEAN_DEVIATION = -6.0
"""Degrees; on the films measured the forearm lies 6 degrees to the ulnar side of the third metacarpal's line."""

FOREARM_SPREAD = (0.06, 0.03, 0.06)
"""SD of the logarithm of the breadth, length and depth of radius and ulna."""


@dataclass(frozen=True)
class Facet:
    """Where two bones of the wrist meet: `second` is cut back along the surface of `first`, which bulges into it.

    `gap_mm` is a healthy adult's. `flatten` is the share of its depth that the first bone's surface keeps (see
    `Contact`): 1 where the margins of a curved joint overlap the space, less where it is seen through; `lean` the tilt
    in degrees of the line of sight through it, towards the thumb and distally, SD `spread`.
    """

    first: str
    second: str
    gap_mm: float
    flatten: float = 0.7
    lean: tuple[float, float] = (0.0, 0.0)
    spread: float = 4.0


SITES: dict[str, tuple[Facet, ...]] = {
    "CMC3": (Facet("capitate", "mc3", 1.3, 0.75, (0, 0), 4.0),),
    "CMC4": (Facet("hamate", "mc4", 1.3, 0.65, (0, 2), 3.0),),
    "CMC5": (Facet("hamate", "mc5", 1.4, 0.62, (0, 4), 3.0),),
    "STT": (
        Facet("scaphoid", "trapezium", 1.25, 0.62, (0, 2), 1.5),
        Facet("scaphoid", "trapezoid", 1.25, 0.6, (0, 2), 3.0),
    ),
    "CNL": (
        Facet("capitate", "scaphoid", 1.4, 0.7, (7, 0), 9.0),
        Facet("capitate", "lunate", 1.4, 0.9, (0, 0), 3.0),
        Facet("scaphoid", "lunate", 1.4, 0.4, (2, 0), 7.0),
    ),
    "": (
        Facet("capitate", "hamate", 0.8, 0.3, (10, 0), 10.0),
        Facet("capitate", "trapezoid", 0.8, 0.3, (-16, 0), 10.0),
        Facet("trapezoid", "trapezium", 0.9, 0.2, (-30, 0), 9.0),
        Facet("hamate", "triquetrum", 1.1, 0.4, (12, 14), 12.0),
        Facet("lunate", "triquetrum", 1.2, 0.4, (10, 0), 12.0),
        Facet("lunate", "hamate", 1.4, 0.8, (0, 0), 8.0),
        Facet("trapezium", "mc1", 1.9, 0.5, (0, 0), 9.0),
        Facet("trapezoid", "mc2", 1.1, 0.4, (0, 16), 10.0),
        Facet("trapezium", "mc2", 1.1, 0.5, (-20, 0), 10.0),
        Facet("capitate", "mc2", 1.1, 0.5, (10, 8), 12.0),
        Facet("mc2", "mc3", -0.3, 0.3, (14, 0), 14.0),
        Facet("mc3", "mc2", -0.3, 0.3, (14, 0), 14.0),
        Facet("mc3", "mc4", 0.0, 0.3, (-8, 0), 16.0),
        Facet("mc4", "mc3", -0.3, 0.3, (-8, 0), 16.0),
        Facet("mc4", "mc5", 0.6, 0.3, (-20, 0), 14.0),
        Facet("capitate", "mc4", 1.3, 0.5, (-6, 8), 12.0),
    ),
}
"""Narrowing site -> its joints; "" for those that are not scored. Leans are this project's choice, by eye."""

RADCAR_GAP_MM = 1.65
SITE_GAP_SPREAD = 0.12
"""SD of the logarithm of one site's healthy spaces beside the body's own factor."""
BRIDGE_MM = 5.0
"""Radius within which a fused joint has lost its cortex."""
DISH_DEPTH_MM, DEEPEST_DISH_MM = 0.9, 3.0
"""How deep scaphoid and lunate have pressed their fossae into the radius."""
SHOWN_LESS_MM = {"CMC3": 0.11, "CMC4": 0.09, "CMC5": 0.09, "STT": 0.11, "CNL": 0.18, "RADCAR": 0.11, "": 0.12}
"""How much less than its true width a space shows between margins that fade, by site; by `opensvh realism gaps`."""

RADCAR_LEAN = 6.0
"""Degrees: the palmar tilt of the radius, seen through obliquely."""

RADCAR_LIPS = (0.8, 0.08)
"""How much of the carpals' depth the radius keeps (`Contact.flatten`): at 1 its rims reach over them."""

MC_BASES = {
    1: (27.0, -7.2, 5.0),
    2: (12.6, 0.9, 0.0),
    3: (0.0, 0.5, 0.0),
    4: (-11.2, 0.5, 0.0),
    5: (-19.2, -2.4, 0.0),
}
BASE_SPREAD_MM = 0.5
MC_ANGLES = {2: (9.8, 1.3), 3: (0.0, 1.0), 4: (-10.0, 1.3), 5: (-21.3, 2.0)}
"""Mean and SD in degrees towards the thumb, from the wrist's axis."""
MC_ROLL = {2: 8.0, 3: 2.0, 4: -5.0, 5: -12.0}


@dataclass(frozen=True)
class WristPose:
    """Deviation of the forearm from the hand's axis in degrees, radial positive, and the ulna's length in mm."""

    deviation: float = MEAN_DEVIATION
    ulnar_variance_mm: float = 1.0


def pose_wrist(
    build: Build,
    pose: WristPose,
    spaces: Mapping[str, JointSpace],
    metacarpals: Mapping[str, PosedBone],
    rng: np.random.Generator,
) -> Skeleton:
    """Carpals, metacarpals (given turned and scaled, placed here), radius and ulna in world mm."""
    bones = posed_carpals(build, pose.deviation - MEAN_DEVIATION, rng)
    for digit, base in MC_BASES.items():
        place = HUB + base + BASE_SPREAD_MM * rng.normal(0, 1, 3)
        bones[f"mc{digit}"] = replace(metacarpals[f"mc{digit}"], position=build.size * place)
    contacts, gaps = _joints(build, spaces, rng)
    contacts = [cut_about_outline(contact, bones) for contact in contacts]
    points = _points(bones, gaps)
    radius, ulna = _forearm(bones, build, pose, spaces, rng)
    gap = spaces.get("RADCAR", JointSpace()).gap_mm(RADCAR_GAP_MM * build.gap)
    radius = replace(radius, position=radius.position + _slide(radius, bones, _cut_mm(gap, "RADCAR")) * radius.axis)
    ulna = replace(ulna, position=_beside(radius, ulna, pose))
    bones |= {"radius": radius, "ulna": ulna}
    line = _seen_through(float(rng.normal(0, 4)), float(rng.normal(RADCAR_LEAN, 4)))
    lips = float(np.clip(rng.normal(*RADCAR_LIPS), 0.5, 1.1))
    for name in ("scaphoid", "lunate"):
        contacts.append(
            cut_about_outline(Contact("radius", name, _cut_mm(gap, "RADCAR"), flatten=lips, through=line), bones)
        )
    points |= _forearm_points(radius, ulna, bones["scaphoid"], gap, build.size)
    return Skeleton(bones, tuple(contacts), points, gaps | {"RADCAR": gap})


def fuse_wrist(chain: Chain, spaces: Mapping[str, JointSpace]) -> None:
    """Let trabeculae run through the joints of the fused sites."""
    pairs = {site: [(facet.first, facet.second) for facet in facets] for site, facets in SITES.items() if site}
    pairs["RADCAR"] = [("scaphoid", "radius"), ("lunate", "radius")]
    for site, joints in pairs.items():
        for first, second in joints if spaces.get(site, JointSpace()).fused else ():
            one, other = chain.bones[first], chain.bones[second]
            aim = other.world((0.0, other.shape.length_mm - 3.0, 0.0)) if second == "radius" else other.centre
            towards = (aim - one.centre) / np.linalg.norm(aim - one.centre)
            fuse(chain, (first, second), surface_along(one, one.centre, towards), BRIDGE_MM)


def _joints(
    build: Build, spaces: Mapping[str, JointSpace], rng: np.random.Generator
) -> tuple[list[Contact], dict[str, float]]:
    contacts: list[Contact] = []
    gaps: dict[str, float] = {}
    for site, facets in SITES.items():
        state, factor = spaces.get(site, JointSpace()), build.gap * float(np.exp(rng.normal(0, SITE_GAP_SPREAD)))
        for facet in facets:
            gap = state.gap_mm(facet.gap_mm * factor)
            contacts.append(_cut(facet, _cut_mm(gap, site), state.tilt_deg, rng))
            if site:
                gaps[site] = gap
    return contacts, gaps


def _cut_mm(gap: float, site: str) -> float:
    """How far bones are cut apart for a space to be seen `gap` mm wide."""
    return gap + SHOWN_LESS_MM[site] * min(gap / 0.4, 1.0) if gap > 0 else gap


def _cut(facet: Facet, cut_mm: float, tilt_deg: float, rng: np.random.Generator) -> Contact:
    lean = rng.normal(facet.lean, facet.spread)
    line = _seen_through(float(lean[0]), float(lean[1]))
    wedge = -float(np.tan(np.deg2rad(tilt_deg)))
    return Contact(facet.second, facet.first, cut_mm, flatten=facet.flatten, through=line, wedge=wedge)


def _seen_through(to_thumb: float, distally: float) -> tuple[float, float, float]:
    """Unit vector of a line that leaves the beam by these angles in degrees."""
    line = np.array([np.tan(np.deg2rad(to_thumb)), np.tan(np.deg2rad(distally)), 1.0])
    x, y, z = line / np.linalg.norm(line)
    return float(x), float(y), float(z)


def _points(bones: Mapping[str, PosedBone], gaps: Mapping[str, float]) -> dict[str, Vector]:
    points = {}
    for digit, name in {3: "capitate", 4: "hamate", 5: "hamate"}.items():
        metacarpal = bones[f"mc{digit}"]
        facing = surface_along(bones[name], metacarpal.world((0.0, -5.0, 0.0)), metacarpal.axis)
        points[f"CMC{digit}"] = facing + metacarpal.axis * gaps[f"CMC{digit}"] / 2
    pole = bones["scaphoid"].world((-1.0, 4.0, 0.0))
    towards = 0.25 * bones["trapezium"].centre + 0.75 * bones["trapezoid"].centre - pole
    towards /= np.linalg.norm(towards)
    points["STT"] = surface_along(bones["scaphoid"], pole, towards) + towards * gaps["STT"] / 2
    points["CNL"] = _meeting_point(bones, gaps["CNL"])
    points["MC1_BASE"] = bones["mc1"].world((0.0, 3.5, 0.0))
    points["TRAPEZIUM"] = bones["trapezium"].centre
    points["LUNATE"] = bones["lunate"].centre
    return points


def _meeting_point(bones: Mapping[str, PosedBone], gap: float) -> Vector:
    """Half a gap from capitate and scaphoid, on the side of the lunate, in the plane of the picture."""
    capitate, scaphoid, lunate = (bones[name] for name in ("capitate", "scaphoid", "lunate"))
    middle = (capitate.centre + scaphoid.centre + lunate.centre) / 3
    offsets = np.stack(np.meshgrid(np.arange(-9, 9.1, 0.5), np.arange(-9, 9.1, 0.5)), -1).reshape(-1, 2)
    places = middle + np.column_stack([offsets, np.zeros(len(offsets))])
    away = np.abs(np.stack([bone.distance_at(places) for bone in (capitate, scaphoid)]) - gap / 2).sum(axis=0)
    return np.asarray(places[int((away + 0.2 * np.clip(lunate.distance_at(places), 0, None)).argmin())])


def _forearm(
    bones: Mapping[str, PosedBone],
    build: Build,
    pose: WristPose,
    spaces: Mapping[str, JointSpace],
    rng: np.random.Generator,
) -> tuple[PosedBone, PosedBone]:
    rotation = turn(z=pose.deviation)
    scale = build.size * np.exp(rng.normal(0, FOREARM_SPREAD))
    end = build.size * (HUB + CENTRE_OF_TURN + rotation @ np.array([2.4, -13.5, 0.0]))
    own = rotation @ turn(y=rng.normal(0, 6), x=rng.normal(0, 3))
    radius = PosedBone(radius_shape(), own, end - own @ (scale * (0.0, radius_shape().length_mm, 0.0)), scale)
    styloid = STYLOIDS_MM[int(rng.choice(len(STYLOIDS_MM), p=(0.25, 0.5, 0.25)))]
    return radius, PosedBone(ulna_shape(styloid), rotation @ turn(y=rng.normal(0, 15)), np.zeros(3), scale)


def _slide(radius: PosedBone, bones: Mapping[str, PosedBone], gap: float) -> float:
    """How far to move the radius along its axis so that scaphoid and lunate both press a fossa into it, the farther
    one `DISH_DEPTH_MM` deep, the nearer one not deeper than `DEEPEST_DISH_MM`."""
    across, deep = (axis.ravel() for axis in np.meshgrid(np.arange(-8.0, 10.1, 1.5), np.arange(-4.0, 6.1, 2.0)))
    surface = radius_height(across, deep)
    upward = np.arange(-6.0, 15.0, 0.1)
    local = np.stack([across, surface, deep], axis=1)[:, None] + upward[None, :, None] * (0.0, 1.0, 0.0)
    places = (radius.scale * local) @ radius.rotation.T + radius.position
    nearest = []
    for name in ("scaphoid", "lunate"):
        inside = bones[name].distance_at(places.reshape(-1, 3)).reshape(local.shape[:2]) < 0
        if inside.any():
            nearest.append(float(upward[np.flatnonzero(inside.any(axis=0))[0]]) * float(radius.scale[1]))
    if not nearest:
        return 0.0
    return float(min(max(nearest) + DISH_DEPTH_MM, min(nearest) + DEEPEST_DISH_MM)) - gap


def _beside(radius: PosedBone, ulna: PosedBone, pose: WristPose) -> Vector:
    """Position of the ulna: its head level with the radius' ulnar corner but for the ulnar variance."""
    top = radius.world((-21.4, float(radius_height(-12.5)) + pose.ulnar_variance_mm, -1.5))
    return np.asarray(top - ulna.rotation @ (ulna.scale * (0.0, ulna.shape.length_mm, 0.0)))


def _forearm_points(
    radius: PosedBone, ulna: PosedBone, scaphoid: PosedBone, gap: float, size: float
) -> dict[str, Vector]:
    start = radius.world((6.5, float(radius_height(6.5)) + 6.0, 0.0))
    facing = surface_along(scaphoid, start, -radius.axis)
    below = radius.world((10.6, float(radius_height(10.6)) - 7.6, 0.0))
    return {
        "RADCAR": facing - radius.axis * gap / 2,
        "RADIUS": below,
        "ULNA": ulna.world((0.0, ulna.shape.length_mm - 5.3, 0.0)),
    }
