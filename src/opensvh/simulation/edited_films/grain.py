"""A film's grain: how strong and how coarse the noise is that the picture of tissue carries, and more of the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter

from opensvh.simulation.edited_films.places import Picture, Plane

FINE_PX = 1.6
"""What varies faster than a Gaussian of this SD is looked at as grain."""
WINDOW_PX = 9
LEAST_PIXELS = 60
QUIET_SHARE = 20.0
"""Percentile of the local variance that is taken for grain alone: trabeculae and edges vary more."""


@dataclass(frozen=True)
class Grain:
    """Noise of SD `sd` (levels of 1), smoothed by a Gaussian of SD `soft_px`."""

    sd: float
    soft_px: float

    @classmethod
    def of(cls, picture: Plane | Picture) -> "Grain":
        """The grain of a film or a part of it, from its quietest places that are not background."""
        levels = np.asarray(picture, dtype=np.float64)
        fine = levels - gaussian_filter(levels, FINE_PX)
        power = uniform_filter(fine**2, WINDOW_PX)[:, 1:]
        alike = uniform_filter(fine[:, 1:] * fine[:, :-1], WINDOW_PX)
        tissue = (levels > np.percentile(levels, 40))[:, 1:] & (levels[:, 1:] < 0.98) & (power > 1e-9)
        if not tissue.any():
            return cls(0.0, 0.5)
        quiet = tissue & (power <= np.percentile(power[tissue], QUIET_SHARE))
        variance = float(power[quiet].mean())
        # A Gaussian of SD s correlates neighbours by exp(-1 / 4 s^2); the fine part alone shows a little less.
        like = float(np.clip(float(alike[quiet].mean()) / variance + 0.2, 0.02, 0.9))
        return cls(1.3 * variance**0.5, float(np.clip(np.sqrt(-1 / (4 * np.log(like))), 0.3, 2.0)))

    def beside(self, picture: Plane, ring: NDArray[np.bool_]) -> "Grain":
        """As strong as in a part of a film, `ring` [rows, columns]; no stronger than half as much again."""
        if ring.sum() < LEAST_PIXELS:
            return self
        power = uniform_filter((picture - gaussian_filter(picture, FINE_PX)) ** 2, WINDOW_PX)[ring]
        variance = max(float(np.percentile(power, 2 * QUIET_SHARE)), 0.0)
        return Grain(min(1.5 * self.sd, 1.2 * variance**0.5), self.soft_px)

    def drawn(self, shape: tuple[int, ...], rng: np.random.Generator) -> Plane:
        """New noise of this kind, [rows, columns]."""
        noise = gaussian_filter(rng.standard_normal(shape), self.soft_px)
        return np.asarray(noise * (self.sd / max(float(noise.std()), 1e-12)))
