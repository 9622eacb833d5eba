"""Site scores fitted to what a model says of a site, or of all the patient's sites, for the errors of SC2 and SC3.

A ridge regression of log2(grade + 1) for each limb and kind of damage: on the site's own expectation, expected
logarithm and probability of any damage; as `context` also on those of the other hand or foot, the same joint's other
kind, the limb's other sites and all of the patient's. Patients weigh as the challenge weighs them and, since it takes
the root of each patient's mean square, by the inverse of that root (two rounds of reweighting).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.challenge import patient_weights, site_columns
from opensvh.evaluation.site_distributions import Distributions, grades, highest_grade

Array = NDArray[np.float64]
COLUMNS = tuple(site_columns())
HIGHEST = np.array([highest_grade(column) for column in COLUMNS], dtype=np.float64)
PENALTY = 20.0
"""Of squared coefficients of standardised features, in patients of mean weight."""
ROUNDS, LEAST_ROOT = 3, 0.1


@dataclass(frozen=True)
class SiteValues:
    """[film sets, 86]: expected grade, expected log2(grade + 1), probability of a grade above 0."""

    expected: Array
    log: Array
    damaged: Array

    @classmethod
    def of(cls, read: Distributions, means: Mapping[str, float]) -> "SiteValues":
        """Of every site; where nothing was read it has the training mean."""
        expected, log, damaged = [], [], []
        for column in COLUMNS:
            rows, mean = read.by_column[column], float(means.get(column, 0.0))
            classes, gap = grades(column, rows), np.isnan(rows[:, 0])
            expected.append(np.where(gap, mean, rows @ classes))
            log.append(np.where(gap, np.log2(mean + 1), rows @ np.log2(classes + 1)))
            damaged.append(np.where(gap, min(mean, 1.0), 1 - rows[:, 0]))
        return cls(*(np.stack(each, axis=1) for each in (expected, log, damaged)))

    def rows(self, chosen: NDArray[np.bool_]) -> "SiteValues":
        """Those film sets alone."""
        return SiteValues(self.expected[chosen], self.log[chosen], self.damaged[chosen])


@dataclass(frozen=True)
class _Group:
    """Sites of one limb and kind: their places among the columns, and of each its partners' (see `_context`)."""

    places: tuple[int, ...]
    opposite: tuple[int, ...]
    other_kind: tuple[int, ...]
    names: tuple[int, ...]


@dataclass(frozen=True)
class SiteModel:
    """A fitted readout of site scores; `fits`: of each group of sites its standardisation and coefficients."""

    context: bool
    fits: tuple[tuple[Array, Array, Array], ...]

    @classmethod
    def fit(cls, values: SiteValues, gold: pd.DataFrame, context: bool) -> "SiteModel":
        """From film sets and their gold scores, in the same order."""
        graded = gold[list(COLUMNS)].to_numpy(dtype=float)
        weights = patient_weights(np.nansum(graded, axis=1))
        target = np.log2(graded + 1)
        return cls(context, tuple(_fitted(_features(values, group, context), target[:, group.places], weights)
                                  for group in GROUPS))  # fmt: skip

    def scores(self, values: SiteValues) -> Array:
        """[film sets, 86] scores within each site's range."""
        read = np.empty_like(values.expected)
        for group, (centre, spread, coefficients) in zip(GROUPS, self.fits, strict=True):
            design = _design(_features(values, group, self.context), centre, spread)
            read[:, group.places] = 2 ** (design @ coefficients) - 1
        return np.clip(read, 0, HIGHEST)


def log_scores(values: SiteValues) -> Array:
    """[film sets, 86]: the grade whose log2(grade + 1) is the expected one."""
    return np.asarray(2**values.log - 1)


def _groups() -> tuple[_Group, ...]:
    place = {column: number for number, column in enumerate(COLUMNS)}
    groups = []
    for limb in Limb:
        for kind in Kind:
            rows = [(column, side, site) for column, (side, site, its) in RA2_SITE_COLUMNS.items()
                    if site.limb is limb and its is kind]  # fmt: skip
            opposite, other = [], []
            for column, side, site in rows:
                own = place[column]
                others = {s: c for c, (s, each, k) in RA2_SITE_COLUMNS.items() if each is site and k is kind}
                opposite.append(next((place[c] for s, c in others.items() if s is not side), own))
                kinds = [c for c, (s, each, k) in RA2_SITE_COLUMNS.items()
                         if s is side and each.limb is limb and each.point == site.point and k is not kind]  # fmt: skip
                other.append(place[kinds[0]] if kinds else own)
            names = {site.name: number for number, site in enumerate(dict.fromkeys(site for _, _, site in rows))}
            groups.append(_Group(tuple(place[column] for column, _, _ in rows), tuple(opposite), tuple(other),
                                 tuple(names[site.name] for _, _, site in rows)))  # fmt: skip
    return tuple(groups)


def _features(values: SiteValues, group: _Group, context: bool) -> Array:
    """[film sets, sites, features], the last ones a column for each site of the limb."""
    places = list(group.places)
    sites = np.broadcast_to(np.eye(max(group.names) + 1)[list(group.names)],
                            (len(values.log), len(places), max(group.names) + 1))  # fmt: skip
    own = [each[:, places] for each in (values.expected, values.log, values.damaged)]
    told = [*own, *_context(values, group)] if context else own
    return np.concatenate([np.stack(told, axis=-1), sites], axis=-1)


def _context(values: SiteValues, group: _Group) -> list[Array]:
    """Of each site: the opposite one, the joint's other kind, means over the group's other sites and all others."""
    places = list(group.places)
    own, count = values.log[:, places], len(places)
    others = (own.sum(axis=1, keepdims=True) - own) / (count - 1)
    everything = (values.log.sum(axis=1, keepdims=True) - own) / (values.log.shape[1] - 1)
    damaged = (values.damaged.sum(axis=1, keepdims=True) - values.damaged[:, places]) / (values.log.shape[1] - 1)
    return [
        values.log[:, list(group.opposite)],
        values.log[:, list(group.other_kind)],
        others,
        everything,
        damaged,
        own * others,
        own * everything,
    ]


def _fitted(features: Array, target: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Centre and spread of the features, and the ridge's coefficients with the constant first."""
    flat = features.reshape(-1, features.shape[-1])
    centre, spread = flat.mean(axis=0), np.maximum(flat.std(axis=0), 1e-6)
    design = _design(features, centre, spread)
    known, counts = ~np.isnan(target), weights / weights.mean()
    for _ in range(ROUNDS):
        coefficients = _ridge(design[known], target[known], np.broadcast_to(counts[:, None], known.shape)[known])
        squares = np.where(known, (design @ coefficients - np.nan_to_num(target)) ** 2, 0).sum(axis=1)
        roots = np.sqrt(squares / np.maximum(known.sum(axis=1), 1))
        counts = weights / np.maximum(roots, LEAST_ROOT)
        counts = counts / counts.mean()
    return centre, spread, coefficients


def _ridge(design: Array, target: Array, weights: Array) -> Array:
    penalty = np.full(design.shape[1], PENALTY)
    penalty[0] = 0.0
    weighted = design * weights[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ design + np.diag(penalty), weighted.T @ target))


def _design(features: Array, centre: Array, spread: Array) -> Array:
    standard = (features - centre) / spread
    return np.concatenate([np.ones((*standard.shape[:-1], 1)), standard], axis=-1)


GROUPS: Sequence[_Group] = _groups()
