"""Level curves across a shaft and through a joint space, and what a reader would see in them.

A curve runs over `reach` units of the limb to both sides of its middle; `ground` is the film's background level.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]

LEAST_CONTRAST = 0.02
"""Below this difference of levels (of 1) nothing is read off a curve."""
HALF_SHAFT = 0.13
"""The cortices lie within this distance of a shaft's axis, in units."""
OUTSIDE = (0.03, 0.055)
"""Soft tissue is taken this far outside the cortex' peak, in units."""
CENTRE = 0.04
"""The joint space lies within this distance of the marked point, in units."""


@dataclass(frozen=True)
class ShaftProfile:
    """Levels across the middle of a shaft, from one side's soft tissue to the other's."""

    levels: Curve
    ground: float
    reach: float

    def normalised(self) -> Curve | None:
        """The curve with the background at 0 and the cortex at 1; None without contrast."""
        cortex = self._cortex()
        if cortex - self.ground < LEAST_CONTRAST:
            return None
        return np.asarray((self.levels - self.ground) / (cortex - self.ground))

    def figures(self) -> Mapping[str, float]:
        """Levels of cortex and soft tissue, the marrow's dip, and how far the cortex takes to rise, in % of a unit."""
        left, right = self._peaks()
        cortex, marrow = self._cortex(), float(self.levels[left : right + 1].min())
        soft = np.mean([self._soft(left, -1), self._soft(right, 1)])
        above = max(cortex - self.ground, LEAST_CONTRAST)
        steepest = max(self._steepest(left, -1), self._steepest(right, 1))
        return {
            "cortex level": cortex,
            "soft tissue, share of cortex": float((soft - self.ground) / above),
            "marrow below cortex, share": float((cortex - marrow) / above),
            "rise of the cortex, % of a unit": 100 * max(float(cortex - soft), 0.0) / max(float(steepest), 1e-6),
        }

    def _peaks(self) -> tuple[int, int]:
        middle, half = len(self.levels) // 2, self._samples(HALF_SHAFT)
        left = middle - half + int(np.argmax(self.levels[middle - half : middle]))
        right = middle + 1 + int(np.argmax(self.levels[middle + 1 : middle + half + 1]))
        return left, right

    def _cortex(self) -> float:
        left, right = self._peaks()
        return float((self.levels[left] + self.levels[right]) / 2)

    def _soft(self, peak: int, way: int) -> float:
        near, far = (peak + way * self._samples(distance) for distance in OUTSIDE)
        low, high = sorted((near, far))
        window = self.levels[max(low, 0) : max(high, 1)]
        return float(np.median(window)) if window.size else self.ground

    def _steepest(self, peak: int, way: int) -> float:
        """Largest rise towards a cortex from outside, in levels a unit."""
        low, high = sorted((peak, peak + way * self._samples(OUTSIDE[1])))
        window = self.levels[max(low, 0) : high + 1]
        step = 2 * self.reach / (len(self.levels) - 1)
        return float(np.abs(np.diff(window)).max() / step) if len(window) > 1 else 0.0

    def _samples(self, units: float) -> int:
        return round(units * (len(self.levels) - 1) / (2 * self.reach))


@dataclass(frozen=True)
class JointProfile:
    """Levels along the axis through a joint, from the proximal bone to the distal one."""

    levels: Curve
    ground: float
    reach: float

    def normalised(self) -> Curve | None:
        """The curve with the background at 0 and the brighter bone's plate at 1; None without contrast."""
        top = self._flanks()[1]
        if top - self.ground < LEAST_CONTRAST:
            return None
        return np.asarray((self.levels - self.ground) / (top - self.ground))

    def figures(self) -> Mapping[str, float]:
        """Depth of the space below its darker flank, how sharply it falls, and the brighter plate over the rest."""
        low, high = self._flanks()
        window = self.levels[self._centre()]
        bottom = float(window.min())
        step = 2 * self.reach / (len(self.levels) - 1)
        steepest = float(np.abs(np.diff(self.levels)).max() / step)
        return {
            "depth of the space, share": max(low - bottom, 0.0) / max(low - self.ground, LEAST_CONTRAST),
            "fall into the space, % of a unit": 100 * max(low - bottom, 0.0) / max(steepest, 1e-6),
            "plate over bone, share": (high - float(np.median(self.levels))) / max(high - self.ground, LEAST_CONTRAST),
        }

    def _centre(self) -> slice:
        middle = len(self.levels) // 2
        half = round(CENTRE * (len(self.levels) - 1) / (2 * self.reach))
        return slice(middle - half, middle + half + 1)

    def _flanks(self) -> tuple[float, float]:
        """The brightest levels on either side of the darkest place of the space, lower one first."""
        centre = self._centre()
        lowest = centre.start + int(np.argmin(self.levels[centre]))
        low, high = sorted((float(self.levels[: lowest + 1].max()), float(self.levels[lowest:].max())))
        return low, high
