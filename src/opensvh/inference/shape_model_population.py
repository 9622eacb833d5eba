"""A shape model from the joints of many limbs: aligned to each other, their mean, and the ways in which they vary.

The model itself is `shape_model`'s. Draws (which patients judge which) come from a passed generator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.inference.shape_model import Array, Plane, ShapeModel, fitted
from opensvh.preprocessing.joint_box import box_around

ROUNDS = 8
"""Alignments to a mean that they give; it moves by less than 1e-6 after five."""
EXPLAINED = 0.99
"""Share of the variance that modes keep; the rest goes to the points' noise."""
LOCALISER_NOISE: Mapping[Limb, Mapping[str, float]] = {
    Limb.HAND: {"IP": 0.006, "PIP": 0.006, "MCP": 0.006, "": 0.012},
    Limb.FOOT: {"": 0.008},
}
"""Standard deviation per axis, in limb lengths, by the start of a point's name: the shipped model's errors on real
films (median 0.45 % on fingers, 0.92 % on wrists, 0.43 % on toes) half as large again, for their long tails."""
FOLDS = 5
QUANTILES = 101


@dataclass(frozen=True)
class LimbShape:
    """One limb's points in the canonical pose, and whose it is; both limbs of a person stay in one fold."""

    patient: str
    points: Mapping[str, Point]


def shape_model_of(limb: Limb, limbs: Sequence[LimbShape], rng: np.random.Generator) -> ShapeModel:
    """The model of a population; how far its members lie from it is told by models without their patients.

    Every limb must have all its points.
    """
    patients = sorted({each.patient for each in limbs})
    fold = dict(zip(patients, rng.permutation(len(patients)) % FOLDS, strict=True))
    distances = []
    for held in range(FOLDS):
        others = _estimated(limb, [each for each in limbs if fold[each.patient] != held])
        for each in limbs:
            if fold[each.patient] == held and (fit := fitted(others, each.points)) is not None:
                distances.append(fit.distance)
    return replace(_estimated(limb, limbs), distances=np.quantile(distances, np.linspace(0, 1, QUANTILES)))


def _estimated(limb: Limb, limbs: Sequence[LimbShape]) -> ShapeModel:
    shapes = np.array([[complex(*each.points[name]) for name in POINTS[limb]] for each in limbs])
    mean, aligned = _aligned(shapes)
    mean, size = _upright(limb, mean, shapes)
    off = (aligned - aligned.mean(axis=0)) * size
    flat = np.stack([off.real, off.imag], axis=2).reshape(len(off), -1)
    modes, variances, rest = _modes(flat)
    noise = np.sqrt(rest.reshape(-1, 2).mean(axis=1) + _localiser_noise(limb) ** 2)
    return ShapeModel(
        limb=limb,
        mean=np.stack([mean.real, mean.imag], axis=1),
        modes=modes.reshape(len(modes), -1, 2),
        variances=variances,
        noise=noise,
        distances=np.zeros(QUANTILES),
    )


def _aligned(shapes: Plane) -> tuple[Plane, Plane]:
    """The mean shape [points], about its centre and of unit size, and all shapes [limbs, points] laid upon it."""
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    mean = centred[0] / np.linalg.norm(centred[0])
    aligned = centred
    for _ in range(ROUNDS):
        turn_size = (centred @ np.conj(mean))[:, None] / (np.abs(centred) ** 2).sum(axis=1, keepdims=True)
        aligned = centred * np.conj(turn_size)
        mean = aligned.mean(axis=0)
        mean = mean / np.linalg.norm(mean)
    return mean, aligned


def _upright(limb: Limb, mean: Plane, shapes: Plane) -> tuple[Plane, complex]:
    """The mean turned as half of the films lie to either side of, its limb's length 1; and the factor applied."""
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    turn = np.exp(1j * np.median(np.angle(centred @ np.conj(mean))))
    places = [Point(float(at.real), float(at.imag)) for at in mean * turn * 1e6]
    factor = complex(turn * 1e6 / box_around(places, limb).height)
    return mean * factor, factor


def _modes(flat: Array) -> tuple[Array, Array, Array]:
    """Modes [modes, coordinates] that explain `EXPLAINED`, their variances, and each coordinate's unexplained one."""
    _, singular, axes = np.linalg.svd(flat, full_matrices=False)
    variances = singular**2 / max(len(flat) - 1, 1)
    count = int(np.searchsorted(np.cumsum(variances) / variances.sum(), EXPLAINED)) + 1
    modes, kept = axes[:count], variances[:count]
    rest = np.maximum(flat.var(axis=0, ddof=1) - (kept[:, None] * modes**2).sum(axis=0), 0)
    return np.asarray(modes), np.asarray(kept), np.asarray(rest)


def _localiser_noise(limb: Limb) -> NDArray[np.float64]:
    table = LOCALISER_NOISE[limb]
    return np.array([next(noise for start, noise in table.items() if name.startswith(start)) for name in POINTS[limb]])
