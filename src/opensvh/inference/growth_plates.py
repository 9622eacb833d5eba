"""Whether growth plates are open: looked for where they lie, in the bones beside the joints that were found.

An open plate is a dark line across a bone some millimetres from its joint, with a bright one on either side. How bright
and dark the lines about every bone end are is weighed; the weights were learnt on simulated films and on films of the
pool told apart by eye (`validation/growth_plates.py`).
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Limb
from opensvh.domain.errors import BundleInvalid
from opensvh.domain.geometry import Point
from opensvh.domain.placement import LimbPlacement, Pose, Skeleton
from opensvh.domain.reading import FilmReading
from opensvh.inference.shape_model import ShapeFit, canonical_points, film_point, fitted
from opensvh.inference.shape_model_file import shipped_shape_models

SHIPPED_WEIGHTS = Path(__file__).with_name("growth_plates.json")
STEP, ALONG, ACROSS = 0.0025, (-24, 56), 20
"""The patch about a bone end: pixels of so many limb lengths (a hand's hundredth is 2 mm), from before its joint to
beyond its plate, and to either side of the bone's axis."""
WEIGHED_ALONG, WEIGHED_ACROSS = (-8, 40), 13
"""The part of it whose lines are weighed; the rest sets its contrast."""
CELLS, COLUMNS = 16, 3
"""Lines are pooled so, along and across: plates lie not quite alike and not quite straight."""
LINE_WIDTHS, LINE_LENGTH = (1.2, 2.0), 1.2
"""Standard deviations in patch pixels of the filters for lines, and of what they are smoothed by across the bone."""
FEATURES = len(LINE_WIDTHS) * 2 * CELLS * COLUMNS
SMOOTHING = 0.0012
"""Standard deviation of what levels are smoothed by, in limb lengths, so that films of any sharpness compare."""
FLAT = 1e-4

Profile = NDArray[np.float64]


@dataclass(frozen=True)
class PlateWeights:
    """What lines are worth, by kind of bone end: `weights` [FEATURES] and `offset`; a film whose kinds have a mean
    worth above `threshold` shows open plates."""

    weights: Mapping[str, Profile]
    offset: Mapping[str, float]
    threshold: float


@dataclass(frozen=True)
class _BoneEnd:
    """Where a plate is looked for: from joint `at` along the digit from `near` to `far`, or along the limb's own axis;
    towards the body where it is `backwards`."""

    kind: str
    at: str
    near: str = ""
    far: str = ""
    backwards: bool = False


BONE_ENDS: Mapping[Limb, tuple[_BoneEnd, ...]] = {
    Limb.HAND: (
        *(_BoneEnd("proximal phalanx", f"MCP{digit}", f"MCP{digit}", f"PIP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("middle phalanx", f"PIP{digit}", f"MCP{digit}", f"PIP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("metacarpal head", f"MCP{digit}", backwards=True) for digit in range(2, 6)),
        _BoneEnd("radius", "RADIUS", backwards=True),
    ),
    Limb.FOOT: (
        _BoneEnd("proximal phalanx of the hallux", "MTP1", "MTP1", "IP1"),
        _BoneEnd("distal phalanx of the hallux", "IP1", "MTP1", "IP1"),
        *(_BoneEnd("proximal phalanx", f"MTP{digit}") for digit in range(2, 6)),
        *(_BoneEnd("metatarsal head", f"MTP{digit}", backwards=True) for digit in range(2, 6)),
    ),
}
"""The bone ends whose plates close last and lie near scored joints (Greulich and Pyle 1959; the thumb's distal phalanx
and the ulna told little on simulated films)."""


def with_plates(pixels: NDArray[np.float32], reading: FilmReading, placement: LimbPlacement) -> LimbPlacement:
    """The placement with a growing skeleton where plates are seen open, and how sure that is; what was said of the
    skeleton before stands where too few bone ends are seen or where none looks open.

    `pixels` of the film as stored, [rows, columns] in [0, 1]; the reading's joints lie as the placement says.
    """
    fit = fitted(shipped_shape_models()[reading.limb], canonical_points(reading.points, placement.pose))
    if fit is None:
        return placement
    weights = shipped_plate_weights()[reading.limb]
    points = {name: at for name, at in reading.points.items() if name not in fit.strays}
    worth = growing_worth(weights, plate_profiles(reading.limb, pixels, points, placement.pose, fit))
    if worth is None or (worth <= weights.threshold and placement.skeleton is Skeleton.GROWING):
        return placement
    share = 1 / (1 + math.exp(weights.threshold - worth))
    skeleton = Skeleton.GROWING if worth > weights.threshold else Skeleton.ADULT
    return replace(placement, skeleton=skeleton, confidence={**placement.confidence, "skeleton": max(share, 1 - share)})


def plate_profiles(
    limb: Limb, pixels: NDArray[np.float32], points: Mapping[str, Point], pose: Pose, fit: ShapeFit
) -> dict[str, list[Profile]]:
    """How strong the lines about every bone end are whose joints were found, by kind: each [FEATURES], from 0.

    `points` in pixels of the film as stored, lying in `pose` and fitted as `fit`.
    """
    smooth = cv2.GaussianBlur(pixels, (0, 0), max(SMOOTHING * fit.length_px, 0.5))
    profiles: dict[str, list[Profile]] = {}
    for end, start, way in _located(limb, points, pose, fit):
        profiles.setdefault(end.kind, []).append(lines(bone_patch(np.asarray(smooth), start, way, fit.length_px)))
    return profiles


def growing_worth(weights: PlateWeights, profiles: Mapping[str, list[Profile]]) -> float | None:
    """How much the bone ends look like those with open plates, 0 where as much as not; None where too few are seen."""
    kinds = [kind for kind in weights.weights if profiles.get(kind)]
    if 2 * len(kinds) < len(weights.weights):
        return None
    worths = [
        np.mean([weights.weights[kind] @ each + weights.offset[kind] for each in profiles[kind]]) for kind in kinds
    ]
    return float(np.mean(worths))


@cache
def shipped_plate_weights() -> Mapping[Limb, PlateWeights]:
    """The weights that come with the package; raises BundleInvalid where they are damaged."""
    try:
        content = json.loads(SHIPPED_WEIGHTS.read_text(encoding="utf-8"))
        if content["site_table"] != SITE_TABLE_VERSION:
            raise ValueError(f"made for site table {content['site_table']!r}")
        return {Limb(limb): _weights(each) for limb, each in content["limbs"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleInvalid(f"{SHIPPED_WEIGHTS}: holds no weights ({error}); install the package again") from error


def _weights(content: Mapping[str, object]) -> PlateWeights:
    weights, offset = content["weights"], content["offset"]
    if not isinstance(weights, dict) or not isinstance(offset, dict) or weights.keys() != offset.keys():
        raise ValueError("weights and offsets differ")
    arrays = {kind: np.asarray(each, np.float64) for kind, each in weights.items()}
    if any(each.shape != (FEATURES,) for each in arrays.values()):
        raise ValueError(f"not {FEATURES} weights a bone end")
    return PlateWeights(arrays, {kind: float(each) for kind, each in offset.items()}, float(str(content["threshold"])))


def _located(
    limb: Limb, points: Mapping[str, Point], pose: Pose, fit: ShapeFit
) -> Iterator[tuple[_BoneEnd, Point, Point]]:
    """Each bone end with its joint and the unit vector along the bone, in film pixels."""
    turned = math.radians(fit.turned_cw_deg)
    upwards = film_point(Point(math.sin(turned), -math.cos(turned)), pose)
    for end in BONE_ENDS[limb]:
        if any(name not in points for name in (end.at, end.near or end.at, end.far or end.at)):
            continue
        way = _unit(points[end.near], points[end.far]) if end.near else upwards
        yield end, points[end.at], Point(-way.x, -way.y) if end.backwards else way


def _unit(near: Point, far: Point) -> Point:
    length = math.hypot(far.x - near.x, far.y - near.y) or 1.0
    return Point((far.x - near.x) / length, (far.y - near.y) / length)


def bone_patch(smooth: NDArray[np.float32], start: Point, way: Point, limb_px: float) -> NDArray[np.float32]:
    """Levels about a bone end, [along the unit vector `way`, across]; past the film's edge those of the edge."""
    along = np.arange(*ALONG)[:, None] * STEP * limb_px
    across = np.arange(-ACROSS, ACROSS + 1)[None, :] * STEP * limb_px
    x = (start.x + along * way.x - across * way.y).astype(np.float32)
    y = (start.y + along * way.y + across * way.x).astype(np.float32)
    return np.asarray(cv2.remap(smooth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def lines(patch: NDArray[np.float32]) -> Profile:
    """Dark and bright lines across the bone by the second derivative along it: roots of their means in each cell."""
    levels = (patch - patch.mean()) / (patch.std() + FLAT)
    levels = gaussian_filter1d(levels, LINE_LENGTH, axis=1)
    first, last = (end - ALONG[0] for end in WEIGHED_ALONG)
    aside = ACROSS - WEIGHED_ACROSS
    features = []
    for width in LINE_WIDTHS:
        curve = width**2 * gaussian_filter1d(levels, width, axis=0, order=2)[first:last, aside:-aside]
        features += [_pooled(np.maximum(sign * curve, 0)) for sign in (1, -1)]
    return np.sqrt(np.concatenate(features), dtype=np.float64)


def _pooled(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of the cells, row by row."""
    rows = (part for band in np.array_split(curve, CELLS) for part in np.array_split(band, COLUMNS, axis=1))
    return np.array([part.mean() for part in rows])
