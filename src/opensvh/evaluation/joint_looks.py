"""How a joint looks on a film, in numbers: space, subchondral lines, trabeculae, each relative to limb and contrast.

Takes aligned pictures (`joint_frames`) and gives one row of figures a joint; how two sets of rows differ is
`distributions`'. Lengths are in mm of the reference limb, grey levels in units of the contrast between the joint's bone
and its soft tissue.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from opensvh.evaluation.joint_frames import STEP_MM, VIEWS, JointView, LimbFilm, joint_picture
from opensvh.evaluation.joint_gap import JointSpaceTrace, trace_space

Picture = NDArray[np.floating]
Look = dict[str, float]

MEASURES: dict[str, str] = {
    "gap": "median width of the space, mm",
    "gap_min": "its 10th percentile along the joint, mm",
    "gap_unevenness": "SD of the width along the joint, mm",
    "gap_tilt": "width on the thumb's half less that on the other, mm",
    "gap_seen": "share of the joint's breadth where a space is seen",
    "bend": "sagitta of the space's middle line over the measured breadth, mm (positive: convex distally)",
    "floor": "grey level of the space: 0 soft tissue, 1 bone",
    "depth": "how far the space is darker than its two subchondral lines, in contrasts",
    "balance": "bone inside the head less bone inside the base, in contrasts",
    "distal_line": "subchondral line of the base above the bone inside it, in contrasts",
    "proximal_line": "the same of the head",
    "distal_thickness": "full width at half maximum of the base's line, mm",
    "proximal_thickness": "the same of the head's line",
    "distal_slope": "steepest grey slope of the base's margin, share of its height a mm",
    "proximal_slope": "the same of the head's margin",
    "distal_texture": "trabecular contrast beside the base's line: SD of grey between 0.25 and 1 mm, in contrasts",
    "proximal_texture": "the same beside the head's line",
    "distal_grain": "trabeculae along against across the axis beside the base: ratio of grey slopes across to along",
    "proximal_grain": "the same beside the head",
    "distal_fall": "bone 1.5 mm inside the base against bone 6 mm inside, in contrasts",
    "proximal_fall": "the same in the head",
}
"""Each figure and what it says."""

TEXTURE_BAND_MM = (0.2, 0.8)
"""SDs of the two Gaussians whose difference is called trabecular."""
SEARCH_STEP_DEG = 5.0
INSIDE_MM = (3.0, 7.5)
"""Where bone beside the joint is judged, from the margin."""


@dataclass(frozen=True)
class Contrast:
    """Grey levels of soft tissue and bone beside a joint."""

    soft: float
    bone: float

    @property
    def unit(self) -> float:
        return max(self.bone - self.soft, 1e-6)


def best_picture(film: LimbFilm, site: str) -> Picture | None:
    """The joint turned, within its view's `search_deg`, to where its space is deepest; None where it is not shown."""
    view = VIEWS[film.limb][site]
    steps = np.arange(-view.search_deg, view.search_deg + 1, SEARCH_STEP_DEG) if view.search_deg else np.zeros(1)
    pictures = [picture for step in steps if (picture := joint_picture(film, site, turn_deg=float(step))) is not None]
    return max(pictures, key=lambda picture: _depth(picture, view)) if pictures else None


def _depth(picture: Picture, view: JointView) -> float:
    trace = trace_space(picture, STEP_MM, view.half_mm, view.reach_mm)
    lines = np.minimum(trace.distal_grey, trace.proximal_grey)
    return float(np.nanmean(lines - trace.floor_grey)) if trace.visible.any() else -np.inf


def joint_look(picture: Picture, view: JointView, unit: float | None = None) -> Look | None:
    """Every figure of `MEASURES`, NaN where one cannot be taken; None where no space is seen at all.

    `unit` is the contrast to measure in where the picture holds no soft tissue (wrist); the picture is [rows, columns]
    at `STEP_MM`, distal side up.
    """
    trace = trace_space(picture, STEP_MM, view.half_mm, view.reach_mm)
    if trace.visible.sum() < 3:
        return None
    contrast = joint_contrast(picture, view, trace, unit)
    look = _space_figures(trace, contrast) | {"balance": _balance(picture, view, trace) / contrast.unit}
    for name, beyond, line in (
        ("distal", trace.distal, trace.distal_line),
        ("proximal", trace.proximal, trace.proximal_line),
    ):
        look |= {f"{name}_{key}": value for key, value in _side_figures(picture, trace, beyond, line, contrast).items()}
    return look


def joint_contrast(picture: Picture, view: JointView, trace: JointSpaceTrace, unit: float | None) -> Contrast:
    """Soft tissue beside the joint and bone inside both sides; without soft tissue, `unit` below the bone."""
    middle = float(np.nanmedian(trace.floor))
    y, x = _places(picture)
    beside = np.abs(x) <= view.half_mm
    inside = beside & (np.abs(y - middle) > INSIDE_MM[0]) & (np.abs(y - middle) < INSIDE_MM[1])
    bone = float(np.median(picture[inside]))
    if view.bone_half_mm == 0:
        return Contrast(bone - (unit or float(np.ptp(picture))), bone)
    ring = (np.abs(x) > view.bone_half_mm) & (np.abs(x) < view.bone_half_mm + 1.5) & (np.abs(y - middle) < 3.0)
    return Contrast(float(np.percentile(picture[ring], 30)), bone)


def _balance(picture: Picture, view: JointView, trace: JointSpaceTrace) -> float:
    y, x = _places(picture)
    inward = np.abs(x) <= view.half_mm
    above, below = y - np.nanmedian(trace.distal), np.nanmedian(trace.proximal) - y
    base, head = (
        np.median(picture[inward & (depth > INSIDE_MM[0]) & (depth < INSIDE_MM[1])]) for depth in (above, below)
    )
    return float(head - base)


def _space_figures(trace: JointSpaceTrace, contrast: Contrast) -> Look:
    seen = trace.visible
    gap, across = trace.gap_mm[seen], trace.across_mm[seen]
    middle = ((trace.distal + trace.proximal) / 2)[seen]
    bow = np.polyfit(across, middle, 2)[0] if len(gap) > 4 else np.nan
    lines = (trace.distal_grey + trace.proximal_grey)[seen] / 2
    return {
        "gap": float(np.median(gap)),
        "gap_min": float(np.percentile(gap, 10)),
        "gap_unevenness": float(gap.std()),
        "gap_tilt": _half_difference(gap, across),
        "gap_seen": float(seen.mean()),
        "bend": float(-bow * np.abs(trace.across_mm).max() ** 2),
        "floor": float((np.median(trace.floor_grey[seen]) - contrast.soft) / contrast.unit),
        "depth": float(np.median(lines - trace.floor_grey[seen]) / contrast.unit),
    }


def _half_difference(gap: NDArray[np.float64], across: NDArray[np.float64]) -> float:
    thumb, other = gap[across > 0], gap[across < 0]
    return float(thumb.mean() - other.mean()) if len(thumb) and len(other) else float("nan")


def _side_figures(
    picture: Picture,
    trace: JointSpaceTrace,
    margin: NDArray[np.float64],
    line: NDArray[np.float64],
    contrast: Contrast,
) -> Look:
    """Figures of one side of the joint, from its profile averaged along the margin, and from the bone beside it."""
    seen = trace.visible
    outward = 1.0 if np.nanmedian(margin) > np.nanmedian(trace.floor) else -1.0
    straight = _straightened(picture, trace.across_mm[seen], margin[seen], outward)
    profile = np.median(straight, axis=1)
    start = round(2.0 / STEP_MM)
    inside = slice(start + round(INSIDE_MM[0] / STEP_MM), start + round(INSIDE_MM[1] / STEP_MM))
    interior = float(np.median(straight[inside]))
    top = start + int(np.argmax(profile[start : start + round(2.5 / STEP_MM)]))
    texture = _texture(straight[inside])
    return {
        "line": float((profile[top] - interior) / contrast.unit),
        "thickness": _thickness(profile, top, interior),
        "slope": _steepest(profile, start, top),
        "texture": texture / contrast.unit,
        "grain": _grain(straight[inside]),
        "fall": float((_near(profile, start, 1.5) - _near(profile, start, 6.0)) / contrast.unit),
    }


def _straightened(
    picture: Picture, across_mm: NDArray[np.float64], margin_mm: NDArray[np.float64], outward: float
) -> Picture:
    """Grey levels [depth, place]: from 2 mm before the margin to 8 mm inside the bone, the margin made straight."""
    middle_row, middle_column = (size // 2 for size in picture.shape)
    depth = np.arange(-2.0, 8.0, STEP_MM)
    smooth = np.polyval(np.polyfit(across_mm, margin_mm, 4 if len(across_mm) > 8 else 1), across_mm)
    rows = middle_row - (smooth[None, :] + outward * depth[:, None]) / STEP_MM
    columns = np.broadcast_to(middle_column + across_mm / STEP_MM, rows.shape)
    low = np.clip(np.floor(rows).astype(int), 0, picture.shape[0] - 2)
    share = np.clip(rows - low, 0, 1)
    column = np.clip(np.rint(columns).astype(int), 0, picture.shape[1] - 1)
    return np.asarray(picture[low, column] * (1 - share) + picture[low + 1, column] * share)


def _thickness(profile: NDArray[np.floating], top: int, interior: float) -> float:
    """Full width at half maximum of the line above the bone inside it; NaN where there is no line."""
    half = (profile[top] + interior) / 2
    after = np.flatnonzero(profile[top:] < half)
    before = np.flatnonzero(profile[: top + 1][::-1] < half)
    if profile[top] <= interior or not len(after) or not len(before):
        return float("nan")
    return float(after[0] + before[0] - 1) * STEP_MM


def _steepest(profile: NDArray[np.floating], start: int, top: int) -> float:
    rise = profile[: top + 1]
    height = rise[-1] - rise[max(start - round(1.0 / STEP_MM), 0) :].min()
    return float(np.diff(rise).max() / STEP_MM / height) if height > 0 and len(rise) > 1 else float("nan")


def _near(profile: NDArray[np.floating], start: int, depth_mm: float) -> float:
    at, around = start + round(depth_mm / STEP_MM), round(0.5 / STEP_MM)
    return float(profile[at - around : at + around + 1].mean())


def _texture(bone: Picture) -> float:
    fine, coarse = (gaussian_filter(bone, sd / STEP_MM) for sd in TEXTURE_BAND_MM)
    return float((fine - coarse).std())


def _grain(bone: Picture) -> float:
    """Above 1 where trabeculae run along the axis."""
    fine, coarse = (gaussian_filter(bone, sd / STEP_MM) for sd in TEXTURE_BAND_MM)
    along, across = (np.diff(fine - coarse, axis=axis).std() for axis in (0, 1))
    return float(across / max(along, 1e-9))


def _places(picture: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place of each pixel along (distal positive) and across the axis, in mm from the middle."""
    rows, columns = picture.shape
    y = (rows // 2 - np.arange(rows)) * STEP_MM
    x = (np.arange(columns) - columns // 2) * STEP_MM
    return np.broadcast_to(y[:, None], picture.shape), np.broadcast_to(x[None, :], picture.shape)
