"""How the joints of a hand or foot lie to each other: a Gaussian model of their arrangement, and how points fit it.

Works on points in the canonical pose (digits up, looking like a left limb), turned by any angle, with points missing or
wrong. Estimated by `shape_model_population`, kept by `shape_model_file`; what follows from a bad fit is `quality`'s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.domain.placement import Pose

Array = NDArray[np.float64]
Plane = NDArray[np.complex128]
"""Places as complex numbers x + iy: a similarity is one product and one sum."""

FEWEST_POINTS = 4
"""Two points set place, turn and size; only what is beyond them tells the shape."""
SMALLEST_PX = 1.0
"""Points no farther apart have neither turn nor size."""
STRAY_DISTANCE = 4.0
"""A point whose place, told by the others, is missed by more standard deviations is an outlier: none is among 881
simulated limbs, damage included, nor on the 19 tuning films."""
MOST_STRAYS = 0.34
"""Above this share of outliers the rest is no majority to judge them by."""
FREE_VARIANCE = 1.0
"""Variance of place, turn and size in the model's units: so large that they cost nothing."""


@dataclass(frozen=True)
class ShapeModel:
    """The arrangement of a limb's points in `POINTS[limb]` order, in units of the limb's length.

    `mean` [points, 2] upright and about its centre; `modes` [modes, points, 2] of unit length with their `variances`;
    `noise` [points] standard deviation of each coordinate that no mode explains; `distances` ascending, the
    population's `ShapeFit.distance` at evenly spaced shares from 0 to 1.
    """

    limb: Limb
    mean: Array
    modes: Array
    variances: Array
    noise: Array
    distances: Array

    @cached_property
    def plane(self) -> Plane:
        """The mean as complex numbers."""
        return np.asarray(self.mean[:, 0] + 1j * self.mean[:, 1])

    @cached_property
    def covariance(self) -> Array:
        """[2 points, 2 points] of the coordinates x, y of each point, with place, turn and size free."""
        flat = self.modes.reshape(len(self.modes), -1)
        shape = flat.T @ (self.variances[:, None] * flat) + np.diag(np.repeat(self.noise**2, 2))
        free = _similarity_directions(self.mean)
        return np.asarray(shape + FREE_VARIANCE * free.T @ free)

    @cached_property
    def spread(self) -> Array:
        """[points] standard deviation of a point's place about the mean, over both axes."""
        flat = self.modes.reshape(len(self.modes), -1)
        variances = (self.variances[:, None] * flat**2).sum(axis=0) + np.repeat(self.noise**2, 2)
        return np.asarray(np.sqrt(variances.reshape(-1, 2).sum(axis=1)))


@dataclass(frozen=True)
class PredictedPlace:
    """Where a point should lie by all others, in their pixels; `spread_px` is the standard deviation per axis."""

    point: Point
    spread_px: float


@dataclass(frozen=True)
class ShapeFit:
    """How points fit a limb's shape.

    `turned_cw_deg` in (-180, 180]: the limb lies turned clockwise by this from digits-up; `length_px` the limb's length
    by the model's mean; `distance` is the Mahalanobis distance by the root of the degrees of freedom (0.6 for a typical
    limb, its points marked without error), `share` of the population lies as far or farther; `strays` are single points
    that do not fit the others, left out of `distance`; `whole_distance` has them in. `stray_distances` of all found
    points, in standard deviations from where the others put it; `predicted` places of all points that are missing or
    strays.
    """

    turned_cw_deg: float
    length_px: float
    distance: float
    whole_distance: float
    share: float
    strays: tuple[str, ...]
    stray_distances: Mapping[str, float]
    predicted: Mapping[str, PredictedPlace] = field(default_factory=dict)


@dataclass(frozen=True)
class _Similarity:
    """Model to pixels: `turn_size` times a place plus `shift`."""

    turn_size: complex
    shift: complex

    def to_pixels(self, places: Plane) -> Plane:
        return np.asarray(self.turn_size * places + self.shift)

    def to_model(self, places: Plane) -> Plane:
        return np.asarray((places - self.shift) / self.turn_size)


def canonical_points(points: Mapping[str, Point], pose: Pose) -> dict[str, Point]:
    """Film points turned and mirrored by a pose, about the film's origin: for shape, not for place."""
    turn = np.exp(1j * math.radians(pose.turn_cw_deg))
    turned = {name: complex(x, y) * turn for name, (x, y) in points.items()}
    return {name: Point(-at.real if pose.mirrored else at.real, at.imag) for name, at in turned.items()}


def film_point(point: Point, pose: Pose) -> Point:
    """The inverse of `canonical_points` for one point."""
    at = complex(-point.x if pose.mirrored else point.x, point.y) * np.exp(-1j * math.radians(pose.turn_cw_deg))
    return Point(at.real, at.imag)


def upright_pose(pose: Pose, fit: ShapeFit) -> Pose:
    """The pose in which the points that were fitted in `pose` stand upright."""
    further = fit.turned_cw_deg if pose.mirrored else -fit.turned_cw_deg
    return Pose((pose.turn_cw_deg + further) % 360, pose.mirrored, pose.region)


def fitted(model: ShapeModel, points: Mapping[str, Point]) -> ShapeFit | None:
    """How canonical points fit the model; None where fewer than `FEWEST_POINTS` are there, or all in one place."""
    names = POINTS[model.limb]
    present = np.array([index for index, name in enumerate(names) if name in points], dtype=int)
    if len(present) < FEWEST_POINTS:
        return None
    places = np.array([complex(*points[names[index]]) for index in present])
    if np.abs(places - places[0]).max() < SMALLEST_PX:
        return None
    kept, away = _without_strays(model, present, _residuals(model, _consensus(model, present, places), present, places))
    similarity = _least_squares(model.plane[present[kept]], places[kept])
    residuals = _residuals(model, similarity, present, places)
    distance = _distance(model, present[kept], residuals[kept])
    all_together = _least_squares(model.plane[present], places)
    return ShapeFit(
        turned_cw_deg=math.degrees(np.angle(similarity.turn_size)),
        length_px=abs(similarity.turn_size),
        distance=distance,
        whole_distance=_distance(model, present, _residuals(model, all_together, present, places)),
        share=float(np.mean(model.distances >= distance)),
        strays=tuple(names[index] for index in np.delete(present, kept)),
        stray_distances={names[index]: float(each) for index, each in zip(present, away, strict=True)},
        predicted=_predicted(model, similarity, present[kept], residuals[kept]),
    )


def mirror_advantage(model: ShapeModel, points: Mapping[str, Point]) -> float:
    """How much better the mirror image fits: its whole distance below that of the points as they are, positive where
    the limb looks like the other side's. 0 where there are too few points to tell."""
    seen = fitted(model, points)
    mirrored = fitted(model, {name: Point(-x, y) for name, (x, y) in points.items()})
    return 0.0 if seen is None or mirrored is None else seen.whole_distance - mirrored.whole_distance


def _similarity_directions(mean: Array) -> Array:
    """[4, 2 points]: how the places move, to first order, with place, turn and size."""
    across, down = np.zeros_like(mean), np.zeros_like(mean)
    across[:, 0], down[:, 1] = 1, 1
    turn = np.stack([-mean[:, 1], mean[:, 0]], axis=1)
    return np.stack([each.ravel() for each in (across, down, turn, mean)])


def _consensus(model: ShapeModel, present: NDArray[np.int_], places: Plane) -> _Similarity:
    """The similarity set by the two points that most others agree with: holds with nearly half the points wrong."""
    mean, spread = model.plane[present], model.spread[present]
    first, second = (np.array(each) for each in zip(*combinations(range(len(present)), 2), strict=True))
    turn_size = (places[second] - places[first]) / (mean[second] - mean[first])
    usable = np.abs(turn_size) > 1e-9
    if not usable.any():
        return _least_squares(mean, places)
    first, turn_size = first[usable], turn_size[usable]
    shift = places[first] - turn_size * mean[first]
    misses = np.abs((places - shift[:, None]) / turn_size[:, None] - mean) / spread
    best = int(np.argmin(np.median(misses, axis=1)))
    near = misses[best] <= max(float(np.median(misses[best])), STRAY_DISTANCE / 2)
    return _least_squares(mean[near], places[near])


def _least_squares(mean: Plane, places: Plane) -> _Similarity:
    centre, middle = mean.mean(), places.mean()
    size = float((np.abs(mean - centre) ** 2).sum())
    turn_size = complex((np.conj(mean - centre) * (places - middle)).sum() / size) if size else 0j
    turn_size = turn_size or 1e-9 + 0j
    return _Similarity(turn_size, complex(middle - turn_size * centre))


def _residuals(model: ShapeModel, similarity: _Similarity, present: NDArray[np.int_], places: Plane) -> Array:
    """[present, 2] of places less mean, in the model's units."""
    off = similarity.to_model(places) - model.plane[present]
    return np.stack([off.real, off.imag], axis=1)


def _coordinates(points: NDArray[np.int_]) -> NDArray[np.int_]:
    return np.stack([2 * points, 2 * points + 1], axis=1).ravel()


def _distance(model: ShapeModel, points: NDArray[np.int_], residuals: Array) -> float:
    """Mahalanobis distance of points by the root of their degrees of freedom, place, turn and size taken off."""
    at = _coordinates(points)
    flat = residuals.ravel()
    return math.sqrt(float(flat @ np.linalg.solve(model.covariance[np.ix_(at, at)], flat)) / (len(at) - 4))


def _from_others(model: ShapeModel, points: NDArray[np.int_], residuals: Array) -> Array:
    """[points] standard deviations between each point and where the others put it (leave-one-out, closed form)."""
    at = _coordinates(points)
    precision = np.linalg.inv(model.covariance[np.ix_(at, at)])
    pulled = (precision @ residuals.ravel()).reshape(-1, 2)
    blocks = np.stack([precision[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] for i in range(len(points))])
    squared = np.einsum("ij,ij->i", pulled, np.linalg.solve(blocks, pulled[..., None])[..., 0])
    return np.asarray(np.sqrt(squared / 2))


def _without_strays(model: ShapeModel, present: NDArray[np.int_], residuals: Array) -> tuple[NDArray[np.int_], Array]:
    """Indices into `present` of the points that fit each other, and each point's distance from the others' word. The
    worst point leaves first, then the rest is judged anew."""
    away = _from_others(model, present, residuals)
    kept = np.arange(len(present))
    fewest = max(FEWEST_POINTS, math.ceil((1 - MOST_STRAYS) * len(present)))
    among = away
    while len(kept) > fewest and among.max() > STRAY_DISTANCE:
        kept = np.delete(kept, int(among.argmax()))
        among = _from_others(model, present[kept], residuals[kept])
        away[kept] = among
    return kept, away


def _predicted(
    model: ShapeModel, similarity: _Similarity, known: NDArray[np.int_], residuals: Array
) -> dict[str, PredictedPlace]:
    """The places of all points that are not known, conditional on those that are."""
    unknown = np.setdiff1d(np.arange(len(model.mean)), known)
    if len(unknown) == 0:
        return {}
    there, here = _coordinates(unknown), _coordinates(known)
    gain = np.linalg.solve(model.covariance[np.ix_(here, here)], model.covariance[np.ix_(here, there)]).T
    off = (gain @ residuals.ravel()).reshape(-1, 2)
    left = model.covariance[np.ix_(there, there)] - gain @ model.covariance[np.ix_(here, there)]
    spread = np.sqrt(np.maximum(np.diag(left), 0).reshape(-1, 2).mean(axis=1)) * abs(similarity.turn_size)
    at = similarity.to_pixels(model.plane[unknown] + off[:, 0] + 1j * off[:, 1])
    names = POINTS[model.limb]
    return {
        names[index]: PredictedPlace(Point(float(place.real), float(place.imag)), float(each))
        for index, place, each in zip(unknown, at, spread, strict=True)
    }
