"""One simulated film: a patient's limb, posed, damaged as its grades say, projected, developed and marked.

Every draw comes from the seed given, so that a film's bytes depend on nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.damage import eroded, joint_spaces
from opensvh.simulation.film import develop, draw_style, finish
from opensvh.simulation.foot import draw_foot_pose, pose_foot
from opensvh.simulation.foot_outline import foot_cones
from opensvh.simulation.hand import draw_hand_pose, pose_hand
from opensvh.simulation.hand_outline import hand_cones
from opensvh.simulation.joints import Build
from opensvh.simulation.patient import PatientTraits
from opensvh.simulation.projection import BoneTissue, Detector, bone_thickness
from opensvh.simulation.skeleton import Skeleton, turn
from opensvh.simulation.tissue import soft_thickness

PIXEL_MM = {Limb.HAND: 0.21, Limb.FOOT: 0.24}
EDGE_MM = 2.0
"""Film beyond the outermost joint."""
TILT_TO_SEE = {Limb.HAND: 6.0, Limb.FOOT: 5.0}


@dataclass(frozen=True)
class SimulatedFilm:
    """A film with its truth: 8-bit pixels [rows, columns], joint centres in its pixels, true gaps in mm by site."""

    pixels: NDArray[np.uint8]
    points: Mapping[str, Point]
    gaps_mm: Mapping[str, float]
    pixel_mm: float


def simulate_film(
    limb: Limb,
    side: Side,
    grades: Mapping[tuple[str, Kind], float],
    seed: np.random.SeedSequence,
    patient: PatientTraits,
) -> SimulatedFilm:
    """The film of one limb, digits up, a right limb looking like one.

    `grades` by (site name, kind) are shown as geometry; a site without a grade is healthy.
    """
    rng = np.random.default_rng(seed)
    skeleton = eroded(_posed(limb, grades, patient, rng), limb, grades, rng)
    detector = _framed(skeleton, limb, rng)
    tissue = BoneTissue(
        density=patient.bone_density,
        cortex=float(patient.bone_density**0.5 * np.exp(rng.normal(0, 0.08))),
        texture=float(rng.uniform(0.4, 0.9)),
        texture_seed=int(rng.integers(1000)),
    )
    bone = bone_thickness(skeleton, detector, tissue)
    cones = hand_cones(skeleton) if limb is Limb.HAND else foot_cones(skeleton)
    soft = soft_thickness(cones, patient.soft_tissue, detector, rng)
    if side is Side.RIGHT:
        bone, soft = bone[:, ::-1].copy(), soft[:, ::-1].copy()
    style = draw_style(rng, limb)
    image = develop(bone, soft, detector.pixel_mm, style, rng)
    pixels = finish(image, soft > 0, style, side, limb, rng)
    return SimulatedFilm(pixels, _film_points(skeleton, limb, side, detector), _gaps(skeleton, limb), detector.pixel_mm)


def _posed(
    limb: Limb, grades: Mapping[tuple[str, Kind], float], patient: PatientTraits, rng: np.random.Generator
) -> Skeleton:
    build = Build(patient.size, gap=float(np.exp(rng.normal(0, 0.1))), stout=float(np.exp(rng.normal(0, 0.04))))
    spaces = joint_spaces(limb, grades, rng)
    if limb is Limb.HAND:
        skeleton = pose_hand(build, draw_hand_pose(grades, rng), spaces, rng)
    else:
        skeleton = pose_foot(build, draw_foot_pose(rng), spaces, rng)
    lie = turn(z=rng.normal(0, 7)) @ turn(y=rng.normal(0, TILT_TO_SEE[limb]))
    return skeleton.turned(lie)


def _framed(skeleton: Skeleton, limb: Limb, rng: np.random.Generator) -> Detector:
    """The detector around the limb: close, or with a long piece of forearm or leg and empty film around."""
    digits = [bone for name, bone in skeleton.bones.items() if name.startswith(("dp", "mc", "mt", "calcaneus", "ulna"))]
    ends = np.array([bone.world((0.0, bone.shape.length_mm, 0.0)) for bone in digits])
    left, right = ends[:, 0].min() - 18, ends[:, 0].max() + 18
    top = ends[:, 1].max() + 8
    bottom = ends[:, 1].min() - (8 if limb is Limb.HAND else 60)
    wide = rng.random() < 0.5
    around = rng.uniform(0, 55, 2) if wide else rng.uniform(0, 14, 2)
    above, below = (rng.uniform(2, 60), rng.uniform(25, 130)) if wide else (rng.uniform(2, 15), rng.uniform(0, 35))
    pixel = PIXEL_MM[limb] * float(rng.uniform(0.95, 1.15)) * (1.15 if wide else 1.0)
    # A long hand turned in the plane can reach past its bones' ends: the film always holds every joint.
    lowest = min(point[1] for point in skeleton.points.values()) - EDGE_MM
    width, height = right - left + around.sum(), max(top - bottom + above + below, top + above - lowest)
    return Detector(int(width / pixel), int(height / pixel), pixel, left - around[0], top + above)


def _film_points(skeleton: Skeleton, limb: Limb, side: Side, detector: Detector) -> dict[str, Point]:
    points = {}
    for name in POINTS[limb]:
        x, y = detector.pixels(skeleton.points[name])
        points[name] = Point(detector.width - 1 - x if side is Side.RIGHT else x, y)
    return points


def _gaps(skeleton: Skeleton, limb: Limb) -> dict[str, float]:
    return {name: round(skeleton.gaps_mm[name], 3) for name in POINTS[limb] if name in skeleton.gaps_mm}
