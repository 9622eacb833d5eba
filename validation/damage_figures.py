"""What the damage trial is judged by: errors on unseen simulated joints, and what is read on real limbs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from damage_data import GradedJoints, Grades, Joints
from numpy.typing import NDArray
from real_films import Half, RealFilm

from opensvh.domain.anatomy import Kind, Limb, Site

Figures = dict[str, Any]
WANTED_RATIO = 0.5
WANTED_MEAN = 0.4
WANTED_SHARE = 0.1
DAMAGED = 1.0
"""A site read above this is called damaged."""


def joint_class(site: Site) -> str:
    """MCP, PIP, hand IP, wrist, MTP or foot IP."""
    letters = site.name.rstrip("0123456789")
    if letters == "IP":
        return f"{site.limb.value} IP"
    return letters if letters in ("MCP", "PIP", "MTP") else "wrist"


@dataclass(frozen=True)
class Means:
    """The mean grade of each site over the training limbs, of the reader's grades and of the exact ones."""

    read: dict[Site, float]
    exact: dict[Site, float]

    @classmethod
    def of(cls, graded: GradedJoints) -> "Means":
        """The means of a training set."""
        return cls(_by_site(graded.joints.sites, graded.read), _by_site(graded.joints.sites, graded.exact))


def simulated_figures(graded: GradedJoints, predicted: Grades, means: Means) -> Figures:
    """RMSE beside predicting each site's training mean, in all and by joint; and what is read at each exact grade."""
    sites = graded.joints.sites
    classes = np.array([joint_class(site) for site in sites])
    baselines = {
        "exact": np.array([means.exact.get(site, np.nan) for site in sites]),
        "reader": np.array([means.read.get(site, np.nan) for site in sites]),
    }
    truths = {"exact": graded.exact, "reader": graded.read}
    return {
        against: {
            "all": _errors(predicted, truth, baselines[against]),
            **{
                name: _errors(predicted[classes == name], truth[classes == name], baselines[against][classes == name])
                for name in sorted(set(classes.tolist()))
            },
        }
        for against, truth in truths.items()
    } | {"by_exact_grade": _by_grade(graded.joints.kind, sites, graded.exact, predicted)}


def real_figures(joints: Joints, predicted: Grades, films: Sequence[RealFilm]) -> Figures:
    """What is read on limbs without arthritis, measuring half and all; and every limb's mean, the severe one's too."""
    by_name = {film.marked.file: film for film in films}
    rows = [_Row(by_name[limb], site) for limb, site in zip(joints.limbs, joints.sites, strict=True)]
    return {
        "measuring": _readings(rows, predicted, lambda row: row.film.half is Half.MEASURING),
        "all": _readings(rows, predicted, lambda row: True),
        "limbs": [_limb(film, rows, predicted) for film in films],
    }


@dataclass(frozen=True)
class _Row:
    film: RealFilm
    site: Site

    @property
    def certain(self) -> bool:
        return self.site.point not in self.film.marked.uncertain


def _readings(rows: Sequence[_Row], predicted: Grades, chosen: Callable[[_Row], bool]) -> Figures:
    """Means and shares over limbs without arthritis: all sites, parts of them, and by joint."""
    parts: dict[str, Callable[[_Row], bool]] = {
        "all": lambda row: True,
        "certain": lambda row: row.certain,
        "adults": lambda row: row.film.marked.age == "adult",
        "children": lambda row: row.film.marked.age == "child",
        "hands": lambda row: row.film.marked.limb is Limb.HAND,
        "feet": lambda row: row.film.marked.limb is Limb.FOOT,
        **{name: _is_of(name) for name in sorted({joint_class(row.site) for row in rows})},
    }
    sound = [chosen(row) and not row.film.severe for row in rows]
    return {
        part: _level(predicted[np.array([is_in and belongs(row) for is_in, row in zip(sound, rows, strict=True)])])
        for part, belongs in parts.items()
    }


def _is_of(name: str) -> Callable[[_Row], bool]:
    return lambda row: joint_class(row.site) == name


def _level(grades: Grades) -> Figures:
    if len(grades) == 0:
        return {"sites": 0, "mean": None, "share_above_1": None}
    return {
        "sites": len(grades),
        "mean": float(grades.mean()),
        "share_above_1": float((grades > DAMAGED).mean()),
    }


def _limb(film: RealFilm, rows: Sequence[_Row], predicted: Grades) -> Figures:
    marked = film.marked
    grades = predicted[np.array([row.film is film for row in rows])]
    return {
        "film": marked.file,
        "limb": marked.limb.value,
        "half": film.half.value,
        "view": marked.view,
        "age": marked.age,
        "severe": film.severe,
        "sum": float(grades.sum()),
        **_level(grades),
    }


def _errors(predicted: Grades, truth: Grades, baseline: Grades) -> Figures:
    known = ~np.isnan(truth) & ~np.isnan(baseline)
    if not known.any():
        return {"sites": 0, "rmse": None, "rmse_of_mean": None, "ratio": None}
    rmse, of_mean = _rms((predicted - truth)[known]), _rms((baseline - truth)[known])
    return {
        "sites": int(known.sum()),
        "rmse": rmse,
        "rmse_of_mean": of_mean,
        "ratio": rmse / of_mean if of_mean else None,
    }


def _by_grade(kind: Kind, sites: Sequence[Site], exact: Grades, predicted: Grades) -> Figures:
    """Mean read and share above 1 at each exact grade, apart for hands and feet, whose scales of erosion differ."""
    table: Figures = {}
    for limb in Limb:
        on_limb = np.array([site.limb is limb for site in sites], bool)
        grades = sorted(set(exact[on_limb & ~np.isnan(exact)].tolist()))
        table[limb.value] = {f"{grade:g}": _level(predicted[on_limb & (exact == grade)]) for grade in grades}
    return table


def _by_site(sites: Sequence[Site], grades: Grades) -> dict[Site, float]:
    means = {}
    for site in dict.fromkeys(sites):
        known: NDArray[np.bool_] = np.array([each is site for each in sites]) & ~np.isnan(grades)
        if known.any():
            means[site] = float(grades[known].mean())
    return means


def _rms(errors: Grades) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))
