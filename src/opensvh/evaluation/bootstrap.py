"""Confidence intervals by resampling patients; joints, films and visits of one patient always stay together.

Two ways: `patient_interval` calls any statistic on each sample; `estimate` is for statistics that are functions of sums
over patients, and takes all samples in one product. Samples that are drawn once serve two predictions alike, which is
what makes a difference of them paired.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A figure with its percentile interval; `draws` samples gave a figure."""

    value: float
    low: float
    high: float
    draws: int

    def plain(self) -> dict[str, float | None]:
        """For JSON: None for a bound that a single patient cannot give."""
        return {"value": self.value, "low": _known(self.low), "high": _known(self.high)}


def patient_interval(
    statistic: Callable[[NDArray[np.int64]], float | None],
    n_patients: int,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
) -> Interval | None:
    """The statistic over all patients, and its interval over `draws` samples of `n_patients` with replacement.

    `statistic` takes row numbers of patients and may answer None where a sample allows no figure; None where the
    whole group allows none.
    """
    value = statistic(np.arange(n_patients))
    if value is None:
        return None
    rng = np.random.default_rng(seed)
    figures = [statistic(rng.integers(0, n_patients, n_patients)) for _ in range(draws)]
    known = np.array([figure for figure in figures if figure is not None])
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (value, value)
    return Interval(value, float(low), float(high), len(known))


Sums = NDArray[np.float64]
Figure = Callable[[Sums], NDArray[np.float64]]
"""From sums [samples, ...] to a figure of each sample [samples], NaN where a sample allows none."""

DRAWS, SEED, LEVEL = 1000, 0, 0.95


@dataclass(frozen=True)
class Resamples:
    """`draws` samples of persons with replacement; `persons` says whose each row of a table is."""

    persons: Sequence[str]
    draws: int = DRAWS
    seed: int = SEED
    level: float = LEVEL

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """How often each row counts in each sample, [draws, rows]; a person's rows count together."""
        names, whose = np.unique(np.asarray(self.persons, dtype=str), return_inverse=True)
        counts = np.random.default_rng(self.seed).multinomial(
            len(names), np.full(len(names), 1 / len(names)), self.draws
        )
        return np.asarray(counts[:, whose], dtype=np.float64)

    def lone(self, parts: Sums) -> bool:
        """Whether only one person adds to the sums, whom no resampling varies."""
        adding = np.atleast_1d(parts.reshape(len(parts), -1).any(axis=1))
        return len({person for person, adds in zip(self.persons, adding, strict=True) if adds}) < 2

    def over(self, figure: Figure, parts: Sums) -> NDArray[np.float64]:
        """The figure of the whole table, then that of each sample, from each row's part [rows, ...] in the sums."""
        return self.figures(figure, self.sums(parts))

    def sums(self, parts: Sums) -> Sums:
        """Sums of the whole table and of each sample [1 + draws, ...]."""
        flat = parts.reshape(len(parts), -1)
        whole = np.concatenate([flat.sum(axis=0, keepdims=True), self.weights @ flat])
        return whole.reshape(-1, *parts.shape[1:])

    def figures(self, figure: Figure, sums: Sums) -> NDArray[np.float64]:
        """A figure of each row of `sums`; where a sample has nothing to divide by it is NaN, not a warning."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return figure(sums)

    def interval(self, figures: NDArray[np.float64], lone: bool = False) -> Interval | None:
        """From the figures of `over`: None where the whole table allows none; of a lone person without bounds."""
        value, samples = float(figures[0]), figures[1:][np.isfinite(figures[1:])]
        if not np.isfinite(value):
            return None
        if lone or not len(samples):
            return Interval(value, float("nan"), float("nan"), 0)
        tail = (1 - self.level) / 2
        low, high = np.quantile(samples, [tail, 1 - tail])
        return Interval(value, float(low), float(high), len(samples))


def estimate(figure: Figure, parts: Sums, resamples: Resamples) -> Interval | None:
    """A figure with its percentile interval, from each row's part in the sums it is made of."""
    return resamples.interval(resamples.over(figure, parts), resamples.lone(parts)) if len(parts) else None


def estimates(figures: Mapping[str, Figure], parts: Sums, resamples: Resamples) -> dict[str, dict[str, Any] | None]:
    """Several figures of the same sums, each as `Interval.plain` says, None where there is none."""
    if not len(parts):
        return dict.fromkeys(figures)
    sums, lone = resamples.sums(parts), resamples.lone(parts)
    found = {name: resamples.interval(resamples.figures(figure, sums), lone) for name, figure in figures.items()}
    return {name: None if each is None else each.plain() for name, each in found.items()}


@dataclass(frozen=True)
class PairedDifference:
    """First less second in the same samples; `wins` of the first, `losses` and draws without a difference count half.

    `bayes_factor` is the larger of the odds wins : losses and losses : wins, infinite where one side won every sample.
    """

    interval: Interval
    wins: float
    losses: float

    @property
    def bayes_factor(self) -> float:
        """How many times more samples the better one won; 1 where there is nothing between them."""
        fewer, more = sorted((self.wins, self.losses))
        return more / fewer if fewer else (float("inf") if more else 1.0)


def paired_difference(
    figure: Figure, first: Sums, second: Sums, resamples: Resamples, lower_is_better: bool
) -> PairedDifference | None:
    """The difference of two predictions' figures over the same samples; None where either has none."""
    gap = resamples.over(figure, first) - resamples.over(figure, second)
    interval = resamples.interval(gap, resamples.lone(first))
    if interval is None:
        return None
    samples = gap[1:][np.isfinite(gap[1:])] * (-1 if lower_is_better else 1)
    even = float((samples == 0).sum()) / 2
    return PairedDifference(interval, float((samples > 0).sum()) + even, float((samples < 0).sum()) + even)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
