"""How a tubular bone looks on a film, in numbers: widths of base, waist and head, and the cortex of its shaft.

Takes a bone's aligned picture (`joint_frames.bone_picture`); joints are `joint_looks`'.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from opensvh.evaluation.joint_frames import STEP_MM

Picture = NDArray[np.floating]

MEASURES: dict[str, str] = {
    "base_width": "largest width near the base, % of the length from joint to joint; not of metacarpals",
    "waist_width": "smallest width of the shaft, %",
    "head_width": "largest width near the head, %",
    "cortex": "both cortices at mid-shaft together, share of the shaft's width",
    "cortex_asymmetry": "thumb side's cortex less the other's, share of the width",
    "marrow": "grey level of mid-shaft's middle: 0 soft tissue, 1 the cortex's peak",
    "slenderness": "length, % of the limb's reference length",
}
"""Each figure and what it says."""

_BASE, _WAIST, _HEAD, _MIDDLE = (0.04, 0.2), (0.3, 0.8), (0.8, 0.97), (0.48, 0.62)


def bone_look(picture: Picture, length_mm: float, reference_mm: float, bases_touch: bool = False) -> dict[str, float]:
    """Every figure of `MEASURES`; NaN where an outline cannot be followed."""
    shares = 1 - (np.arange(len(picture)) + 0.5) / len(picture)
    quiet = gaussian_filter(picture.astype(np.float64), (0.5 / STEP_MM, 0.1 / STEP_MM))
    widths = np.array([_width(row) for row in quiet])

    def within(bounds: tuple[float, float]) -> NDArray[np.float64]:
        chosen = widths[(shares > bounds[0]) & (shares < bounds[1])]
        return np.asarray(chosen[np.isfinite(chosen)])

    percent = 100 * STEP_MM / length_mm
    look = {
        "base_width": math.nan if bases_touch else _quantile(within(_BASE), 0.9) * percent,
        "waist_width": _quantile(within(_WAIST), 0.1) * percent,
        "head_width": _quantile(within(_HEAD), 0.9) * percent,
        "slenderness": 100 * length_mm / reference_mm,
    }
    middle = picture[(shares > _MIDDLE[0]) & (shares < _MIDDLE[1])]
    return look | _shaft(np.median(middle, axis=0).astype(np.float64))


def _quantile(values: NDArray[np.float64], share: float) -> float:
    return float(np.quantile(values, share)) if len(values) > 3 else float("nan")


def _width(row: NDArray[np.float64]) -> float:
    """Pixels between the outer edges, NaN where one is not found."""
    edges = _edges(row)
    return float("nan") if edges is None else edges[1] - edges[0]


def _edges(row: NDArray[np.float64]) -> tuple[float, float] | None:
    """Outer edges going outward from the middle: half way from the cortex's top to the soft tissue beyond it."""
    middle = len(row) // 2
    right, left = _edge(row[middle:]), _edge(row[middle::-1])
    return None if right is None or left is None else (middle - left, middle + right)


def _edge(half: NDArray[np.float64]) -> float | None:
    """Outermost steep fall: the edge of the cortex."""
    reach = round(3.0 / STEP_MM)
    fall = half[:-reach] - half[reach:]
    if len(fall) < 2 or fall.max() <= 0:
        return None
    start = int(fall.argmax())
    section = half[max(start - reach // 2, 0) : start + reach + 1]
    top = int(section.argmax())
    level = (section[top] + section[top:].min()) / 2
    below = np.flatnonzero(section[top:] < level)
    return None if not len(below) else max(start - reach // 2, 0) + top + float(below[0]) - 0.5


def _shaft(row: NDArray[np.float64]) -> dict[str, float]:
    edges = _edges(row)
    if edges is None:
        return {"cortex": float("nan"), "cortex_asymmetry": float("nan"), "marrow": float("nan")}
    left, right = (round(edge) for edge in edges)
    inside = row[left : right + 1]
    width, middle = len(inside), len(inside) // 2
    marrow = float(np.median(inside[middle - width // 8 : middle + width // 8 + 1]))
    thumb, other = (_cortex(side, marrow) for side in (inside[:middle:-1], inside[:middle]))
    soft = min(row[max(left - 15, 0)], row[min(right + 15, len(row) - 1)])
    top = (inside[:middle].max() + inside[middle:].max()) / 2
    return {
        "cortex": (thumb + other) / width,
        "cortex_asymmetry": (thumb - other) / width,
        "marrow": float((marrow - soft) / max(top - soft, 1e-6)),
    }


def _cortex(side: NDArray[np.float64], marrow: float) -> float:
    """Pixels from the outer edge to where the grey level has fallen half way from the cortex's top to the marrow."""
    top = int(side.argmax())
    below = np.flatnonzero(side[top:] < (side[top] + marrow) / 2)
    return float(top + below[0]) if len(below) else float("nan")
