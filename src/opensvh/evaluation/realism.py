"""How real and simulated films differ: distances between what was measured on each film, one limb at a time.

What is measured is `film_measures`'s; how well a classifier tells them apart is `telling_apart`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from opensvh.evaluation.film_measures import FilmMeasures

Figures = dict[str, Any]
Curves = NDArray[np.float64]
"""One curve a film [films, samples]."""

SPREAD = (10.0, 90.0)
"""Percentiles of the films that a plot's band shows."""
SMALLEST_POWER = 1e-12


def compare_measures(real: Sequence[FilmMeasures], simulated: Sequence[FilmMeasures]) -> Figures:
    """Histograms, spectra, profiles and scalars of both sets, each with its distance. JSON-ready."""
    return {
        "histograms": _curves(real, simulated, "histograms", histogram_distance),
        "spectra": _curves(real, simulated, "spectra", spectrum_distance_db),
        "profiles": _curves(real, simulated, "profiles", profile_distance),
        "scalars": _scalars(real, simulated),
    }


def histogram_distance(one: Curves, other: Curves) -> float:
    """Earth mover's distance between the mean histograms, in levels of [0, 1]."""
    steps = np.cumsum(one.mean(axis=0)) - np.cumsum(other.mean(axis=0))
    return float(np.abs(steps).sum() / one.shape[1])


def spectrum_distance_db(one: Curves, other: Curves) -> float:
    """Root mean square difference of the mean log power, in dB, frequency 0 left out."""
    gap = _decibel(one)[:, 1:].mean(axis=0) - _decibel(other)[:, 1:].mean(axis=0)
    return float(np.sqrt((gap**2).mean()))


def profile_distance(one: Curves, other: Curves) -> float:
    """Root mean square difference of the mean curves, in shares of the cortex' contrast."""
    return float(np.sqrt(((one.mean(axis=0) - other.mean(axis=0)) ** 2).mean()))


def effect_size(real: Curves, simulated: Curves) -> float:
    """Difference of the means over the pooled standard deviation (Cohen's d); 0 where neither has any spread."""
    pooled = np.sqrt((real.var(ddof=1) + simulated.var(ddof=1)) / 2) if min(len(real), len(simulated)) > 1 else 0.0
    return float((simulated.mean() - real.mean()) / pooled) if pooled > 0 else 0.0


def _curves(real: Sequence[FilmMeasures], simulated: Sequence[FilmMeasures], part: str, distance: Any) -> Figures:
    first, second = _stacked(real, part), _stacked(simulated, part)
    return {
        name: {
            "distance": distance(first[name], second[name]),
            "real": _summary(first[name], part),
            "simulated": _summary(second[name], part),
        }
        for name in first
        if name in second
    }


def _stacked(films: Iterable[FilmMeasures], part: str) -> dict[str, Curves]:
    found: dict[str, list[Curves]] = {}
    for film in films:
        each: Mapping[str, Curves] = getattr(film, part)
        for name, curve in each.items():
            found.setdefault(name, []).append(curve)
    return {name: np.stack(curves) for name, curves in found.items()}


def _summary(curves: Curves, part: str) -> Figures:
    shown = _decibel(curves) if part == "spectra" else curves
    low, high = np.percentile(shown, SPREAD, axis=0)
    return {"films": len(shown), "mean": _rounded(shown.mean(axis=0)), "low": _rounded(low), "high": _rounded(high)}


def _decibel(power: Curves) -> Curves:
    return np.asarray(10 * np.log10(np.maximum(power, SMALLEST_POWER)))


def _rounded(curve: Curves) -> list[float]:
    return [round(float(value), 5) for value in curve]


def _scalars(real: Sequence[FilmMeasures], simulated: Sequence[FilmMeasures]) -> Figures:
    names = dict.fromkeys(name for film in (*real, *simulated) for name in film.scalars)
    figures = {}
    for name in names:
        first, second = (
            np.array([film.scalars[name] for film in films if name in film.scalars]) for films in (real, simulated)
        )
        if len(first) and len(second):
            figures[name] = {
                "real": _spread(first),
                "simulated": _spread(second),
                "effect": effect_size(first, second),
                "ks": float(ks_2samp(first, second).statistic),
            }
    return figures


def _spread(values: Curves) -> Figures:
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "values": _rounded(values),
    }
