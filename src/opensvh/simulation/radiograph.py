"""One simulated film: a patient's limb, posed, damaged as its grades say, projected, developed and marked.

Every draw comes from the seeds given, so that a film's bytes depend on nothing else. What stays the same from visit to
visit (bones, lesions, operations) has a seed of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import Status
from opensvh.simulation.anatomy.foot import draw_foot_pose, pose_foot
from opensvh.simulation.anatomy.hand import draw_hand_pose, pose_hand
from opensvh.simulation.anatomy.joints import Build
from opensvh.simulation.anatomy.skeleton import Skeleton, turn
from opensvh.simulation.disease.damage import eroded, joint_spaces
from opensvh.simulation.disease.mimics import mimicked
from opensvh.simulation.disease.surgery import Operation, draw_operations, operated, unscored_sites
from opensvh.simulation.films.film import develop, draw_style, marked
from opensvh.simulation.films.foot_framing import foot_edges
from opensvh.simulation.films.marks import Shown
from opensvh.simulation.films.two_limbs import ProjectedLimb
from opensvh.simulation.patients.patient import PatientTraits
from opensvh.simulation.rays.accessories import draw_accessories
from opensvh.simulation.rays.foot_outline import foot_cones
from opensvh.simulation.rays.hand_outline import hand_cones
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness
from opensvh.simulation.rays.tissue import soft_thickness

PIXEL_MM = {Limb.HAND: 0.21, Limb.FOOT: 0.24}
EDGE_MM = 2.0
"""Film beyond the outermost joint."""
TILT_TO_SEE = {Limb.HAND: 6.0, Limb.FOOT: 5.0}
ON_PLATE, PLATE_MM, PLATE_PIXEL_MM = 0.25, (345.0, 430.0), 0.3
"""Share of films that are a whole plate (14 x 17 inch), and its coarser pixel, which keeps a film's cost in bounds."""
SKELETAL_AGE_SD = 0.9
"""Years between a child's skeletal and calendar age (Greulich and Pyle: SD of 0.8 to 1.1 years in school age)."""

Grades = Mapping[tuple[str, Kind], float]


@dataclass(frozen=True)
class SimulatedFilm:
    """A film with its truth: 8-bit pixels [rows, columns], joint centres in its pixels, true gaps in mm by site.

    `status` names the sites that have no score, and why; a lost joint has no point either.
    """

    pixels: NDArray[np.uint8]
    points: Mapping[str, Point]
    gaps_mm: Mapping[str, float]
    pixel_mm: float
    status: Mapping[str, Status] = field(default_factory=dict)


def simulate_film(
    limb: Limb,
    side: Side,
    grades: Grades,
    seed: np.random.SeedSequence,
    patient: PatientTraits,
    anatomy: np.random.SeedSequence | None = None,
) -> SimulatedFilm:
    """The film of one limb, digits up, a right limb looking like one.

    `grades` by (site name, kind) are shown as geometry; a site without a grade is healthy. Films with the same
    `anatomy` show the same bones, lesions and operations; without one it follows from `seed`.
    """
    rng = np.random.default_rng(seed)
    skeleton, operations = _patients_limb(limb, grades, patient, _child_seed(seed) if anatomy is None else anatomy, rng)
    projected, detector = _projected(skeleton, limb, side, patient, rng)
    style = draw_style(rng, limb)
    image = develop(projected.bone_mm, projected.soft_mm, detector.pixel_mm, style, rng)
    shown = Shown(projected.soft_mm > 0, side, limb, _box(projected.points))
    pixels = marked(image, shown, style, rng)
    status = unscored_sites(operations)
    points = {name: point for name, point in projected.points.items() if status.get(name) is not Status.AMPUTATED}
    gaps = {name: round(gap, 3) for name, gap in skeleton.gaps_mm.items() if name in points and name not in status}
    return SimulatedFilm(pixels, points, gaps, detector.pixel_mm, status)


def project_limb(
    limb: Limb, side: Side, grades: Grades, seed: np.random.SeedSequence, patient: PatientTraits
) -> ProjectedLimb:
    """A limb before it is exposed, to be put on a film with another (`two_limbs`)."""
    rng = np.random.default_rng(seed)
    skeleton, _ = _patients_limb(limb, grades, patient, _child_seed(seed), rng)
    return _projected(skeleton, limb, side, patient, rng)[0]


def _child_seed(seed: np.random.SeedSequence) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, 0))


def _patients_limb(
    limb: Limb, grades: Grades, patient: PatientTraits, anatomy: np.random.SeedSequence, rng: np.random.Generator
) -> tuple[Skeleton, tuple[Operation, ...]]:
    """The limb as it lies on this film, damaged, aged and operated on, and the operations."""
    bones, lesions, ageing, surgery = (np.random.default_rng(part) for part in _parts(anatomy, 4))
    skeleton = _posed(limb, grades, patient, bones, rng)
    skeleton = eroded(skeleton, limb, grades, lesions)
    if patient.child:
        return skeleton, ()
    operations = draw_operations(limb, patient.severity, surgery)
    skeleton = mimicked(skeleton, limb, patient.age, ageing)
    return operated(skeleton, limb, operations, surgery), operations


def _parts(seed: np.random.SeedSequence, count: int) -> list[np.random.SeedSequence]:
    """Seeds below this one; unlike `spawn` the same ones at each call."""
    return [np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, part)) for part in range(count)]


def _posed(
    limb: Limb, grades: Grades, patient: PatientTraits, bones: np.random.Generator, rng: np.random.Generator
) -> Skeleton:
    build = Build(patient.size, gap=float(np.exp(bones.normal(0, 0.14))), stout=float(np.exp(bones.normal(0, 0.04))))
    growth = max(patient.age + bones.normal(0, SKELETAL_AGE_SD), 2.0) if patient.child else None
    spaces = joint_spaces(limb, grades, bones)
    if limb is Limb.HAND:
        skeleton = pose_hand(build, draw_hand_pose(grades, rng), spaces, bones, growth)
    else:
        skeleton = pose_foot(build, draw_foot_pose(rng), spaces, bones, growth)
    lie = turn(z=rng.normal(0, 7)) @ turn(y=rng.normal(0, TILT_TO_SEE[limb]))
    return skeleton.turned(lie)


def _projected(
    skeleton: Skeleton, limb: Limb, side: Side, patient: PatientTraits, rng: np.random.Generator
) -> tuple[ProjectedLimb, Detector]:
    """Bone (metal and plaster as bone that attenuates alike) and soft tissue on the detector; a right limb mirrored."""
    detector = _framed_hand(skeleton, rng) if limb is Limb.HAND else _framed_foot(skeleton, rng)
    bone = bone_thickness(skeleton, detector, _bone_tissue(patient, rng))
    cones = hand_cones(skeleton) if limb is Limb.HAND else foot_cones(skeleton)
    soft = soft_thickness(cones, patient.soft_tissue, detector, rng)
    worn = draw_accessories(skeleton, soft, limb, detector, rng).as_bone_mm()
    if worn is not None:
        bone = bone + worn
    if side is Side.RIGHT:
        bone, soft = bone[:, ::-1].copy(), soft[:, ::-1].copy()
    points = _film_points(skeleton, limb, side, detector)
    return ProjectedLimb(side, bone, soft, points, detector.pixel_mm), detector


def _bone_tissue(patient: PatientTraits, rng: np.random.Generator) -> BoneTissue:
    return BoneTissue(
        density=patient.bone_density,
        cortex=float(patient.bone_density**0.5 * np.exp(rng.normal(0, 0.08))),
        texture=float(rng.uniform(0.15, 0.45)),
        texture_seed=int(rng.integers(1000)),
    )


def _framed_hand(skeleton: Skeleton, rng: np.random.Generator) -> Detector:
    """The detector around a hand: close, or with a long piece of forearm and empty film around."""
    digits = [bone for name, bone in skeleton.bones.items() if name.startswith(("dp", "mc", "ulna"))]
    ends = np.array([bone.along(1.0) for bone in digits])
    left, right = ends[:, 0].min() - 18, ends[:, 0].max() + 18
    top, bottom = ends[:, 1].max() + 8, ends[:, 1].min() - 8
    wide = rng.random() < 0.5
    around = rng.uniform(0, 55, 2) if wide else rng.uniform(0, 14, 2)
    above, below = (rng.uniform(2, 60), rng.uniform(25, 130)) if wide else (rng.uniform(2, 15), rng.uniform(0, 35))
    edges = (left - around[0], right + around[1], top + above, bottom - below)
    return _detector(skeleton, Limb.HAND, edges, wide, rng)


def _framed_foot(skeleton: Skeleton, rng: np.random.Generator) -> Detector:
    edges = foot_edges(skeleton, rng)
    return _detector(skeleton, Limb.FOOT, (edges.left, edges.right, edges.top, edges.bottom), edges.wide, rng)


def _detector(
    skeleton: Skeleton, limb: Limb, edges: tuple[float, float, float, float], wide: bool, rng: np.random.Generator
) -> Detector:
    """A detector with these edges in mm (left, right, top, bottom), wide enough that it holds every joint."""
    pixel = PIXEL_MM[limb] * float(rng.uniform(0.95, 1.15)) * (1.15 if wide else 1.0)
    if rng.random() < ON_PLATE:
        edges, pixel = _on_plate(edges, rng), PLATE_PIXEL_MM
    places = np.array([skeleton.points[name] for name in POINTS[limb] if name in skeleton.points])
    low, high = places.min(axis=0) - EDGE_MM, places.max(axis=0) + EDGE_MM
    left, right = min(edges[0], low[0]), max(edges[1], high[0])
    top, bottom = max(edges[2], high[1]), min(edges[3], low[1])
    return Detector(int((right - left) / pixel), int((top - bottom) / pixel), pixel, float(left), float(top))


def _on_plate(edges: tuple[float, float, float, float], rng: np.random.Generator) -> tuple[float, float, float, float]:
    """The edges of a whole plate, upright or lying, around what these edges hold."""
    left, right, top, bottom = edges
    width, height = PLATE_MM if rng.random() < 0.7 else PLATE_MM[::-1]
    spare = max(width - (right - left), 0.0), max(height - (top - bottom), 0.0)
    beside, above = spare[0] * rng.uniform(0.2, 0.8), spare[1] * rng.uniform(0.3, 0.8)
    return left - beside, right + spare[0] - beside, top + above, bottom - spare[1] + above


def _box(points: Mapping[str, Point]) -> Box:
    """The box around the joints, in whole pixels of the film."""
    x, y = zip(*points.values(), strict=True)
    return Box(int(min(x)), int(min(y)), int(max(x)) + 1, int(max(y)) + 1)


def _film_points(skeleton: Skeleton, limb: Limb, side: Side, detector: Detector) -> dict[str, Point]:
    points = {}
    for name in (name for name in POINTS[limb] if name in skeleton.points):
        x, y = detector.pixels(skeleton.points[name])
        points[name] = Point(detector.width - 1 - x if side is Side.RIGHT else x, y)
    return points
