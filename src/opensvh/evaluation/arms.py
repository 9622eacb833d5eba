"""Arms of an experiment held against each other: several runs each, the same patients resampled for all.

An arm is a way to train; its runs differ in their seed. In each bootstrap sample patients are drawn, once for all arms,
and runs of each arm (the same ones where arms have as many), so that an interval holds the luck of both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind
from opensvh.evaluation.bootstrap import Figure, Resamples
from opensvh.evaluation.challenge import film_columns
from opensvh.evaluation.measures import MEASURES
from opensvh.evaluation.pairing import Pairing

Array = NDArray[np.float64]
Figures = dict[str, Any]
RUNS_KEY = 1
"""Spawn key of the draws of runs; patients have the seed itself."""


@dataclass(frozen=True)
class ArmMeasure:
    """A figure, lower is better, of sums over film sets; `label` as a table's column shows it."""

    label: str
    figure: Figure
    parts: Callable[[Pairing], Array]


def _example_parts(pairing: Pairing) -> Array:
    """Of each film set and kind: the sum over its films of the RMSE over a film's sites, and how many films."""
    columns = []
    for kind in Kind:
        roots = []
        for names in film_columns(kind).values():
            gold, predicted = pairing.scores(names)
            known = ~np.isnan(gold)
            squares = np.where(known, (predicted - gold) ** 2, 0.0).sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                roots.append(np.sqrt(squares / known.sum(axis=1)))
        errors = np.stack(roots, axis=1)
        columns += [np.nansum(errors, axis=1), (~np.isnan(errors)).sum(axis=1).astype(float)]
    return np.stack(columns, axis=1)


def _example_rmse(kind: Kind) -> Figure:
    first = 2 * list(Kind).index(kind)
    return lambda sums: np.asarray(sums[:, first] / sums[:, first + 1])


def _mean_example_rmse(sums: Array) -> Array:
    return np.asarray(np.mean([_example_rmse(kind)(sums) for kind in Kind], axis=0))


ARM_MEASURES: dict[str, ArmMeasure] = {
    "rmse": ArmMeasure("RMSE, mean of both kinds", _mean_example_rmse, _example_parts),
    **{f"rmse_{kind}": ArmMeasure(f"RMSE {kind}", _example_rmse(kind), _example_parts) for kind in Kind},
    **{
        name: ArmMeasure(name[:3].upper(), MEASURES[name].figure, MEASURES[name].parts)
        for name in ("sc1_all", "sc2_all", "sc3_all")
    },
    "rmse_total": ArmMeasure("RMSE of totals, points", MEASURES["rmse_total"].figure, MEASURES["rmse_total"].parts),
}
"""RMSE is the paper's (section 4): over the joints of a film, averaged over films; in grades."""


@dataclass(frozen=True)
class Arm:
    """One way to train and what its runs read, each beside the same gold over the same resamples."""

    name: str
    runs: Sequence[Pairing]

    @property
    def resamples(self) -> Resamples:
        """Over which patients are drawn."""
        return self.runs[0].resamples

    def figures(self, measure: ArmMeasure) -> Array:
        """[runs, 1 + draws]: of the whole table first, then of each sample."""
        if measure.label not in self._known:
            self._known[measure.label] = np.stack(
                [self.resamples.over(measure.figure, measure.parts(run)) for run in self.runs]
            )
        return self._known[measure.label]

    @cached_property
    def _known(self) -> dict[str, Array]:
        return {}

    @cached_property
    def drawn(self) -> Array:
        """How much each run counts in each sample, [runs, 1 + draws]; all alike in the first."""
        resamples, count = self.resamples, len(self.runs)
        rng = np.random.default_rng(np.random.SeedSequence(resamples.seed, spawn_key=(RUNS_KEY,)))
        shares = rng.multinomial(count, np.full(count, 1 / count), resamples.draws).T / count
        return np.concatenate([np.full((count, 1), 1 / count), shares], axis=1)

    def mean(self, measure: ArmMeasure) -> Array:
        """[1 + draws]: the mean over runs, as drawn."""
        return np.asarray((self.figures(measure) * self.drawn).sum(axis=0))


def arm_figures(arm: Arm, measures: Mapping[str, ArmMeasure] = ARM_MEASURES) -> Figures:
    """Each measure: `value`, `low`, `high`, and `runs`, the figure of each."""
    return {name: _row(arm.mean(each), arm) | {"runs": _runs(arm, each)} for name, each in measures.items()}


def arm_differences(arm: Arm, baseline: Arm, measures: Mapping[str, ArmMeasure] = ARM_MEASURES) -> Figures:
    """Arm less baseline by measure, in its unit and as a share of the baseline's figure: below 0 the arm is better."""
    rows: Figures = {}
    for name, measure in measures.items():
        own, base = arm.mean(measure), baseline.mean(measure)
        rows[name] = _row(own - base, arm) | {"share": _row((own - base) / base, arm)}
        if len(arm.runs) == len(baseline.runs):
            rows[name]["runs"] = [
                one - other for one, other in zip(_runs(arm, measure), _runs(baseline, measure), strict=True)
            ]
    return rows


def best_arm(arms: Sequence[Arm], measure: str = "rmse") -> Arm:
    """The arm with the lowest figure."""
    return min(arms, key=lambda arm: float(arm.mean(ARM_MEASURES[measure])[0]))


def _row(figures: Array, arm: Arm) -> Figures:
    interval = arm.resamples.interval(figures)
    if interval is None:
        return {"value": None, "low": None, "high": None}
    return interval.plain()


def _runs(arm: Arm, measure: ArmMeasure) -> list[float]:
    return [float(value) for value in arm.figures(measure)[:, 0]]
