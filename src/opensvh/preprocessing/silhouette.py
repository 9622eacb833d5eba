"""The limb's silhouette on a reduced film: Canny edges and what rises above the background, closed to one body.

Robust to bands and frames along the sides, logo boxes, letters, grey and sloping backgrounds, and a second limb at a
side. Where hand or foot end within the silhouette is `crop`'s.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import LimbNotFound
from opensvh.preprocessing.config import CropConfig

Mask = NDArray[np.bool_]
Levels = NDArray[np.uint8]
"""Grey levels 0-255 [rows, columns]."""

BAND_STEP = 15
"""A band along a side is at least this much brighter than the background, in levels of 255."""
BLACK = 0.4
"""A frame is darker than this share of the background."""
DARKEST, GROUND_STEPS = 5, (10, 25, 50)
"""The background is looked for from this percentile of the field on, up to so many levels above it; the larger steps
are for films whose background is darker at a side, where the first takes the rest for tissue."""
WHITE = 215
"""Levels above are taken for unexposed film where they lie along a side."""
LEAST_FIELD = 0.2
LABEL_BRIGHT = 150
"""Letters and logos reach this level; faint pieces of fingers that small do not."""
LABEL_SIZE = (0.02, 0.1)
"""Sides of logos and letters, of the film's longest side."""
SIDES_SHARE = 0.4
"""A body that follows both sides of the film for more of its height is no limb alone."""
LEAST_CONTRAST = 4.0
"""Tissue is at least this much above the background, in levels of 255, whatever the noise."""


def limb_silhouette(film: NDArray[np.float32], config: CropConfig) -> Mask:
    """Hand or foot with its forearm or leg on a reduced film [rows, columns] in [0, 1]; raises LimbNotFound."""
    levels = np.asarray(np.clip(film, 0.0, 1.0) * 255, dtype=np.uint8)
    smooth = np.asarray(cv2.GaussianBlur(cv2.medianBlur(levels, 5), (0, 0), 1.0), dtype=np.uint8)
    field = _field(smooth)
    if np.count_nonzero(field) < LEAST_FIELD * field.size:
        raise LimbNotFound("the film is nearly all white; give it with dark background and bright bone")
    edges = _edges(smooth, config) & field
    diameter = int(config.closing * max(levels.shape)) | 1
    bodies = []
    for step in GROUND_STEPS:
        tissue = _above_background(smooth, edges, field, step) & field
        pieces = _without_labels(edges | tissue, levels)
        body = _main_body(_opened(_filled(_closed(pieces, diameter)), diameter), config)
        if not _reaches_both_sides(body, field):
            return body
        bodies.append(body)
    return bodies[0]


def _reaches_both_sides(body: Mask, field: Mask) -> bool:
    """Whether a body follows both sides of the field for long: background has been taken for tissue."""
    columns = np.flatnonzero(field.any(axis=0))
    margin = 1 + round(0.02 * len(columns))
    height = int(np.count_nonzero(body.any(axis=1)))
    left, right = body[:, : columns[0] + margin].any(axis=1), body[:, columns[-1] + 1 - margin :].any(axis=1)
    return min(int(np.count_nonzero(left)), int(np.count_nonzero(right))) > SIDES_SHARE * height


def _field(smooth: Levels) -> Mask:
    """Where the film shows a field: without bright bands or black frames along its sides."""
    field = ~_bright_margins(smooth)
    background = float(np.percentile(smooth, 30))
    for turn in range(4):
        lines, inside = np.rot90(smooth, turn), np.rot90(field, turn)
        low, high = np.percentile(lines, (15, 85), axis=1)
        outside = (low > background + BAND_STEP) | (high < BLACK * background)
        reach = len(lines) // 4
        # A slanting band may start below the first lines; its last, slanting part is cut with a little more.
        if outside[:3].any():
            end = 3 + int(np.argmin(np.append(outside[3:reach], False)))
            inside[: end + round(0.02 * len(lines))] = False
    return field


def _bright_margins(smooth: Levels) -> Mask:
    """White areas along most of a side, slanting ones too, and a little round them: unexposed film, scanner lids."""
    count, labels, _, _ = cv2.connectedComponentsWithStats((smooth > WHITE).astype(np.uint8))
    numbered = np.asarray(labels)
    margins = np.zeros(smooth.shape, dtype=np.uint8)
    for turn in range(4 if count > 1 else 0):
        edge = np.rot90(numbered, turn)[:3]
        for area in range(1, count):
            if np.count_nonzero((edge == area).any(axis=0)) > 0.5 * edge.shape[1]:
                margins[numbered == area] = 1
    return np.asarray(cv2.dilate(margins, _disc(7))) > 0


def _edges(smooth: Levels, config: CropConfig) -> Mask:
    """Canny edges; the upper threshold leaves a fixed share of the film above it, so that faint films have edges."""
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steepness = np.abs(across) + np.abs(down)
    high = max(float(np.quantile(steepness, 1 - config.canny_share)), config.canny_floor)
    return np.asarray(cv2.Canny(smooth, high * config.canny_low, high)) > 0


def _above_background(smooth: Levels, edges: Mask, field: Mask, step: int) -> Mask:
    """Pixels brighter than a smooth background, fitted far from edges from the darkest levels upwards.

    Second order in x and y where much of the film is background, a plane or a constant where the limb leaves little.
    """
    rows, columns = smooth.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    far = field & (cv2.dilate(edges.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0)
    sparse = np.zeros_like(far)
    sparse[::4, ::4] = far[::4, ::4]
    kept = sparse & (smooth <= np.percentile(smooth[field], DARKEST) + step)
    above, spread = np.zeros(smooth.shape), 255.0
    for _ in range(6):
        share = int(np.count_nonzero(kept)) / max(int(np.count_nonzero(field[::4, ::4])), 1)
        if np.count_nonzero(kept) < 20:
            return np.zeros_like(far)
        order = 6 if share > 0.25 else 3 if share > 0.08 else 1
        coefficients = np.linalg.lstsq(terms[kept][:, :order], smooth[kept].astype(np.float64), rcond=None)[0]
        above = smooth - terms[..., :order] @ coefficients
        spread = 1.4826 * float(np.median(np.abs(above[kept])))
        kept = sparse & (np.abs(above) < 3 * spread + 1)
    return np.asarray(above > max(LEAST_CONTRAST, 4 * spread))


def _without_labels(bodies: Mask, levels: Levels) -> Mask:
    """The pieces that may be limb: small bright ones apart from it and bright rectangles upon it are letters, logos."""
    side = max(levels.shape)
    bodies = bodies & ~_logos(levels)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bodies.astype(np.uint8))
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    brightest = np.zeros(count, dtype=np.uint8)
    np.maximum.at(brightest, np.asarray(labels, dtype=np.int64).ravel(), levels.ravel())
    is_label = (longest < LABEL_SIZE[1] * side) & (brightest > LABEL_BRIGHT)
    return np.asarray(bodies & ~is_label[labels])


def _logos(levels: Levels) -> Mask:
    """White boxes with pictures or text in them, and a little round them."""
    side = max(levels.shape)
    marked = np.zeros(levels.shape, dtype=np.uint8)
    contours, _ = cv2.findContours((levels > 200).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        left, top, width, height = cv2.boundingRect(contour)
        is_sized = LABEL_SIZE[0] * side < min(width, height) and max(width, height) < LABEL_SIZE[1] * side
        if is_sized and cv2.contourArea(cv2.convexHull(contour)) > 0.85 * (width - 1) * (height - 1):
            marked[max(top - 4, 0) : top + height + 4, max(left - 4, 0) : left + width + 4] = 1
    return marked > 0


def _closed(bodies: Mask, diameter: int) -> Mask:
    """Gaps up to `diameter` closed, also along the film's edge."""
    around = np.pad(bodies.astype(np.uint8), diameter)
    closed = cv2.morphologyEx(around, cv2.MORPH_CLOSE, _disc(diameter))
    return np.asarray(closed[diameter:-diameter, diameter:-diameter]) > 0


def _filled(bodies: Mask) -> Mask:
    contours, _ = cv2.findContours(bodies.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros(bodies.shape, dtype=np.uint8), contours, -1, (1,), cv2.FILLED)
    return np.asarray(filled) > 0


def _opened(bodies: Mask, diameter: int) -> Mask:
    """Threads thinner than a fraction of the closing cut: lead wires, scratches, edges of shadows."""
    return np.asarray(cv2.morphologyEx(bodies.astype(np.uint8), cv2.MORPH_OPEN, _disc(diameter * 2 // 3 | 1))) > 0


def _main_body(bodies: Mask, config: CropConfig) -> Mask:
    """The largest body, those that reach far along the left or right edge of the film counting less."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bodies.astype(np.uint8))
    rows = bodies.shape[0]
    weights = np.zeros(count)
    for body in range(1, count):
        if (area := stats[body, cv2.CC_STAT_AREA]) < config.smallest_area * bodies.size:
            continue
        along = sum(np.count_nonzero((labels[:, side] == body).any(axis=1)) for side in (slice(3), slice(-3, None)))
        weights[body] = area * max(0.1, 1 - 3 * along / rows)
    if not weights.any():
        raise LimbNotFound("no hand or foot can be made out on the film; give a film that shows one whole")
    return np.asarray(labels == int(np.argmax(weights)))


def _disc(diameter: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter)), dtype=np.uint8)
