"""Whether expectations and probabilities mean what they say: reliability by bins, expected calibration error, Brier.

Expectations are held against the mean gold score of sites with a like expectation; probabilities of any damage against
the share of sites that are damaged. A bin is a tenth of the scale; its bounds do not move with the sample.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.bootstrap import Interval, Resamples, estimate

Array = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """`n` sites of one bin: mean of what was `expected` and of what was `observed`, in the unit of both."""

    n: int
    expected: float
    observed: float


@dataclass(frozen=True)
class Calibration:
    """The bins that hold sites, and the expected calibration error: mean over sites of their bin's distance."""

    bins: tuple[ReliabilityBin, ...]
    ece: Interval | None


def calibration(expected: Array, observed: Array, top: float, resamples: Resamples) -> Calibration:
    """From [rows, sites] with NaN where either lacks, both in [0, top]; `resamples` over the rows."""
    parts = bin_parts(expected, observed, top)
    sums = parts.sum(axis=0)
    filled = sums[sums[:, 0] > 0]
    bins = tuple(ReliabilityBin(int(n), float(said / n), float(was / n)) for n, said, was in filled)
    return Calibration(bins, estimate(ece_of, parts, resamples))


def bin_parts(expected: Array, observed: Array, top: float) -> Array:
    """Each row's part [rows, bins, 3] in number, sum of expected and sum of observed of every bin."""
    known = ~(np.isnan(expected) | np.isnan(observed))
    rows = np.nonzero(known)[0]
    said, was = expected[known], observed[known]
    bins = np.clip((said / top * BINS).astype(int), 0, BINS - 1)
    parts = np.zeros((len(expected), BINS, 3))
    np.add.at(parts, (rows, bins), np.stack([np.ones_like(said), said, was], axis=1))
    return parts


def ece_of(sums: Array) -> Array:
    """Expected calibration error of each sample's bins [samples, bins, 3], in the unit of what is expected."""
    return np.asarray(np.abs(sums[..., 1] - sums[..., 2]).sum(axis=1) / sums[..., 0].sum(axis=1))


def class_targets(grades: Array, maximum: int, classes: int) -> Array:
    """Gold grades [...] as shares of a model's classes [..., classes]; NaN stays NaN.

    A grade between two classes, as an odd grade of a foot's erosion on the hand's scale, is half in each.
    """
    place = grades * (classes - 1) / maximum
    return np.asarray(np.clip(1 - np.abs(place[..., None] - np.arange(classes)), 0.0, 1.0))


def brier(probabilities: Array, targets: Array, resamples: Resamples) -> Interval | None:
    """Mean over sites of the summed squared distance of probabilities from targets, both [rows, sites, classes]."""
    squared = ((probabilities - targets) ** 2).sum(axis=2)
    known = ~np.isnan(squared)
    parts = np.stack([np.where(known, squared, 0.0).sum(axis=1), known.sum(axis=1)], axis=1)
    return estimate(_mean_of, parts, resamples)


def _mean_of(sums: Array) -> Array:
    return np.asarray(sums[:, 0] / sums[:, 1])
