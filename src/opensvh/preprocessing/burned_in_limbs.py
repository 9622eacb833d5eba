"""Which pixels of a film are its limbs': what is never covered when burned-in text is.

The silhouette of the film's main body, and of each limb seen beyond it (where none can be drawn, the limb's whole box);
and what else enters by an edge and is as bright and large as a limb.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import LimbNotFound
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.preprocessing.config import CropConfig
from opensvh.preprocessing.silhouette import limb_silhouette

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

MARGIN = 0.004
"""Left untouched round a silhouette, of the film's longer side: its outline is drawn on a reduced film."""
SEEN = 0.15
"""A limb of whose box the silhouettes fill less than this share is drawn on its own."""
OTHER_CONTRAST, OTHER_FAINTEST, OTHER_AREA, OTHER_LENGTH = 0.12, 0.06, 0.01, 0.16
"""What else stands out from the ground by this much of the film's range on average, at least by the second, fills this
share of the film, reaches this far (of its longer side) and enters by the film's edge is a limb too, seen in part or
from the side."""
THICK = 0.03
"""Of the longer side: letters are thinner, and so no part of such a limb."""
ROUND = 0.05
"""Looked at round a limb's box, of its longer side."""


def limb_pixels(film: Grey, limbs: Sequence[LimbPlacement], config: CropConfig | None = None) -> Mask:
    """Pixels [rows, columns] of the limbs of a film in [0, 1], with what of forearm or leg belongs to them."""
    config = config or CropConfig()
    pixels = _silhouette(film, config)
    for limb in limbs:
        box = limb.box
        inside = pixels[box.top : box.bottom, box.left : box.right]
        if inside.mean() < SEEN:
            around = _beyond(limb, film.shape)
            part = (slice(around.top, around.bottom), slice(around.left, around.right))
            drawn = _silhouette(np.ascontiguousarray(film[part]), config)
            pixels[part] |= drawn
            if inside.mean() < SEEN:
                pixels[box.top : box.bottom, box.left : box.right] = True
    pixels |= _other_bodies(film, pixels, config)
    margin = 2 * round(MARGIN * max(film.shape)) + 1
    return np.asarray(cv2.dilate(pixels.astype(np.uint8), np.ones((margin, margin), np.uint8))) > 0


def _silhouette(film: Grey, config: CropConfig) -> Mask:
    """At the film's own size; nothing where no body is made out."""
    scale = min(1.0, config.working_px / max(film.shape))
    reduced = cv2.resize(film, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    try:
        drawn = limb_silhouette(np.asarray(reduced, np.float32), config).astype(np.uint8)
    except LimbNotFound:
        return np.zeros(film.shape, dtype=np.bool_)
    return np.asarray(cv2.resize(drawn, film.shape[::-1], interpolation=cv2.INTER_NEAREST)) > 0


def _other_bodies(film: Grey, limbs: Mask, config: CropConfig) -> Mask:
    """Further limbs that enter by the film's edge, by their brightness alone."""
    scale = min(1.0, config.working_px / max(film.shape))
    small = cv2.resize(film, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    known = cv2.resize(limbs.astype(np.uint8), small.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if known.all() or not known.any():
        return np.zeros(film.shape, dtype=np.bool_)
    thick = round(THICK * max(small.shape)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
    around = cv2.copyMakeBorder(small, thick, thick, thick, thick, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(around, cv2.MORPH_OPEN, disc)[thick:-thick, thick:-thick]
    above = opened - np.median(small[~known])
    bright = (above > OTHER_FAINTEST) & ~known
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright.astype(np.uint8))
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    bodies = np.zeros(count, dtype=np.uint8)
    for number in edge[edge > 0].tolist():
        _, _, width, height, area = stats[number].tolist()
        is_large = area > OTHER_AREA * small.size and max(width, height) > OTHER_LENGTH * max(small.shape)
        bodies[number] = is_large and above[labels == number].mean() > OTHER_CONTRAST
    return np.asarray(cv2.resize(bodies[labels], film.shape[::-1], interpolation=cv2.INTER_NEAREST)) > 0


def _beyond(limb: LimbPlacement, shape: tuple[int, ...]) -> Box:
    """The limb's box, a little more, and all up to the film's edge where forearm or leg leave it."""
    rows, columns = shape[:2]
    near = limb.box.grown(round(ROUND * max(limb.box.width, limb.box.height)))
    digits_to = round(limb.turn_cw_deg / 90) % 4  # 0 up, 1 left, 2 down, 3 right: what turns them up clockwise
    return Box(
        0 if digits_to == 3 else max(near.left, 0),
        0 if digits_to == 2 else max(near.top, 0),
        columns if digits_to == 1 else min(near.right, columns),
        rows if digits_to == 0 else min(near.bottom, rows),
    )
