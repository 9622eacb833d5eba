"""Soft tissue: its thickness under each pixel, from round cones laid around the bones.

Widths and depths in mm are this project's choice of round figures for an average adult hand and foot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.simulation.projection import Detector
from opensvh.simulation.skeleton import PosedBone, Skeleton, Vector

COARSE_MM = 1.6
"""Grid on which the outline is computed before it is enlarged: soft tissue has no finer detail."""


@dataclass(frozen=True)
class Cone:
    """A round cone of the outline: from `start` to `end`, with half widths on the picture and half depths along it."""

    start: Vector
    end: Vector
    width: tuple[float, float]
    depth: tuple[float, float]


def soft_thickness(
    skeleton: Skeleton, limb: Limb, stoutness: float, detector: Detector, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Millimetres of soft tissue under each pixel, [height, width]; 0 outside the limb."""
    cones = _hand_cones(skeleton) if limb is Limb.HAND else _foot_cones(skeleton)
    outline, width, depth = _coarse(cones, stoutness, detector)
    size = (detector.width, detector.height)
    step = max(int(COARSE_MM / detector.pixel_mm), 1)
    enlarge = np.array([[step, 0, 0], [0, step, 0]], np.float64)
    outline, width, depth = (
        np.asarray(
            cv2.warpAffine(field, enlarge, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
        )
        for field in (outline, width, depth)
    )
    inward = np.clip(-outline / np.maximum(width, 4), 0, 1)
    thickness = 2 * depth * np.sqrt(np.clip(1 - (1 - inward) ** 2, 0, 1))
    thickness *= np.clip(0.5 - outline / detector.pixel_mm, 0, 1)
    return np.asarray(thickness * _uneven(size, detector.pixel_mm, rng), dtype=np.float32)


def _coarse(
    cones: Sequence[Cone], stoutness: float, detector: Detector
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Signed distance to the outline, local half width and half depth, on the coarse grid."""
    step = max(int(COARSE_MM / detector.pixel_mm), 1) * detector.pixel_mm
    columns = int(detector.width * detector.pixel_mm / step) + 3
    rows = int(detector.height * detector.pixel_mm / step) + 3
    x = (detector.left_mm + step * np.arange(columns, dtype=np.float64))[None, :]
    y = (detector.top_mm - step * np.arange(rows, dtype=np.float64))[:, None]
    fields = [_cone_fields(cone, stoutness, x, y) for cone in cones]
    outlines, widths, depths = (np.stack([field[part] for field in fields]) for part in range(3))
    nearest = outlines.min(axis=0)
    weights = np.exp(-np.minimum((outlines - nearest) / 1.4, 40))
    total = weights.sum(axis=0)
    outline = cv2.GaussianBlur((nearest - 1.4 * np.log(total)).astype(np.float32), (0, 0), 0.8)
    width = cv2.GaussianBlur(((weights * widths).sum(axis=0) / total).astype(np.float32), (0, 0), 1.5)
    depth = cv2.GaussianBlur(((weights * depths).sum(axis=0) / total).astype(np.float32), (0, 0), 1.5)
    return outline, width, depth


def _cone_fields(
    cone: Cone, stoutness: float, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    run = (cone.end - cone.start)[:2]
    along = ((x - cone.start[0]) * run[0] + (y - cone.start[1]) * run[1]) / max(float(run @ run), 1e-6)
    along = np.clip(along, 0, 1)
    width = stoutness * (cone.width[0] + (cone.width[1] - cone.width[0]) * along)
    depth = stoutness * (cone.depth[0] + (cone.depth[1] - cone.depth[0]) * along)
    away = np.hypot(x - cone.start[0] - along * run[0], y - cone.start[1] - along * run[1])
    return away - width, width, depth


def _uneven(size: tuple[int, int], pixel_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Fat and muscle: a smooth random factor about 1, on two scales."""
    factor = np.ones(size[::-1], np.float32)
    for scale_mm, strength in ((4.0, 0.015), (14.0, 0.03)):
        coarse = rng.standard_normal((int(size[1] * pixel_mm / scale_mm) + 4, int(size[0] * pixel_mm / scale_mm) + 4))
        factor += strength * cv2.resize(coarse.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return factor


def _at(bone: PosedBone, share: float) -> Vector:
    """A point on a tubular bone's axis, at a share of its length from the base."""
    return bone.world((0.0, share * bone.shape.length_mm, 0.0))


def _hand_cones(skeleton: Skeleton) -> list[Cone]:
    bones = skeleton.bones
    cones = [cone for digit in (2, 3, 4, 5) for cone in _finger_cones(skeleton, digit)]
    cones += [
        Cone(_at(bones["mc1"], 0), _at(bones["mc1"], 1), (14.5, 12.0), (15.0, 11.5)),
        Cone(_at(bones["pp1"], 0), _at(bones["pp1"], 0.5), (12.0, 10.4), (10.5, 9.5)),
        Cone(_at(bones["pp1"], 0.5), _at(bones["dp1"], 0), (10.4, 10.4), (9.5, 8.5)),
        Cone(_at(bones["dp1"], 0), _at(bones["dp1"], 0.9), (10.4, 7.8), (8.5, 5.5)),
        Cone(_at(bones["mc1"], 0.7), _at(bones["mc2"], 0.5), (9.0, 9.0), (9.0, 10.0)),
        Cone(_at(bones["mc1"], 0.3), _at(bones["mc2"], 0.3), (14.0, 12.0), (14.0, 13.0)),
        Cone(bones["trapezium"].centre, bones["hamate"].centre, (18.0, 17.0), (17.0, 16.0)),
        Cone(bones["scaphoid"].centre, bones["triquetrum"].centre, (15.0, 14.0), (17.0, 16.0)),
        Cone(bones["triquetrum"].centre, _at(bones["mc5"], 0.1), (12.5, 13.0), (15.0, 13.5)),
        Cone(_at(bones["mc5"], 0.0), _at(bones["mc5"], 0.85), (13.0, 11.5), (13.5, 11.0)),
    ]
    for name, width, depth in (("radius", 16.0, 18.0), ("ulna", 14.0, 17.0)):
        low = bones[name].world((0.0, -160.0, 0.0))
        wrist = bones["scaphoid" if name == "radius" else "triquetrum"].centre
        cones += [
            Cone(_at(bones[name], 1.0), low, (width, width + 13.0), (depth - 1.0, depth + 14.0)),
            Cone(_at(bones[name], 0.95), wrist, (width - 1.0, 14.5), (depth - 1.0, 17.0)),
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
        places = _at(skeleton.bones[f"{first}{digit}"], start), _at(skeleton.bones[f"{second}{digit}"], end)
        sized = tuple(size * w for w in width), tuple(size * d for d in depth)
        cones.append(Cone(*places, (sized[0][0], sized[0][1]), (sized[1][0], sized[1][1])))
    if digit < 5:
        web = _at(skeleton.bones[f"pp{digit}"], 0.18), _at(skeleton.bones[f"pp{digit + 1}"], 0.2)
        cones.append(Cone(*web, (7.0, 6.0), (8.0, 7.0)))
    return cones


def _foot_cones(skeleton: Skeleton) -> list[Cone]:
    bones = skeleton.bones
    cones = []
    for digit in (1, 2, 3, 4, 5):
        first, stout = digit == 1, 1.45 if digit == 1 else 1.0
        middle = bones[f"dp{digit}" if first else f"mp{digit}"]
        cones += [
            Cone(_at(bones[f"mt{digit}"], 0), _at(bones[f"mt{digit}"], 1), (13, 14 if first else 11), (26, 15)),
            Cone(_at(bones[f"pp{digit}"], -0.1), _at(bones[f"pp{digit}"], 1), (9.2 * stout, 7.6 * stout), (12, 8.5)),
            Cone(_at(middle, 0), _at(bones[f"dp{digit}"], 0.97), (7.8 * stout, 6.6 * stout), (8.5, 6.5)),
        ]
    for digit in (1, 2, 3, 4):
        web = _at(bones[f"pp{digit}"], 0.1), _at(bones[f"pp{digit + 1}"], 0.15)
        cones.append(Cone(*web, (8, 8), (12, 11)))
    ankle = _at(bones["tibia"], 1.0)
    cones += [
        Cone(bones["cuneiform1"].centre, bones["cuboid"].centre, (18, 18), (30, 26)),
        Cone(bones["navicular"].centre, bones["calcaneus"].centre, (21, 22), (32, 32)),
        Cone(bones["talus"].centre, bones["calcaneus"].centre, (24, 24), (36, 34)),
        Cone(_at(bones["mt5"], 0), bones["calcaneus"].centre, (13, 22), (22, 30)),
        Cone(bones["cuneiform1"].centre, _at(bones["mt1"], 0.8), (16, 14), (27, 17)),
        Cone(bones["calcaneus"].world((0.0, -14.0, 0.0)), bones["calcaneus"].centre, (20, 22), (26, 30)),
        Cone(bones["talus"].centre, ankle, (26, 27), (34, 34)),
    ]
    for name, width in (("tibia", 24.0), ("fibula", 16.0)):
        low = bones[name].world((0.0, -220.0, 0.0))
        cones.append(Cone(_at(bones[name], 0.95), low, (width, width + 14.0), (30.0, 40.0)))
    return cones
