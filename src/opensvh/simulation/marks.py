"""What lies on a film beside the limb: side letter, words, a logo, collimation borders, wires, scratches.

Drawn last and never mirrored. The exposure and the grey levels of the limb are in `film`. Kinds and frequencies are
this project's choice, made while looking at clinical hand and foot films; each word is made up here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side

FloatImage = NDArray[np.float32]

WORDS = {
    Limb.HAND: ("Hand", "HAND", "Wrist", "Hand PA", "HAND AP", "Hand B/V", "Hands dv", "Fingers"),
    Limb.FOOT: ("Foot", "FOOT", "Foot DP", "FOOT AP", "Foot B/V", "Toes", "ANKLE", "Vorfuss dp"),
}
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)


def draw_marks(
    image: FloatImage, limb_mask: NDArray[np.bool_], side: Side, limb: Limb, rng: np.random.Generator
) -> FloatImage:
    """A copy of `image` (levels in [0, 1]) with its marks."""
    marked = image.copy()
    if rng.random() < 0.04:
        _draw_wire(marked, rng)
    if rng.random() < 0.03:
        _draw_scratches(marked, rng)
    marked = _draw_borders(marked, rng)
    for stamp in _draw_stamps(side, limb, marked.shape[0], rng):
        _place(marked, stamp, limb_mask, rng)
    return marked


@dataclass(frozen=True)
class _Stamp:
    """A small picture: `level` [rows, columns] in [0, 1], drawn where `cover` [rows, columns] in [0, 1] is above 0."""

    level: FloatImage
    cover: FloatImage


def _draw_stamps(side: Side, limb: Limb, rows: int, rng: np.random.Generator) -> list[_Stamp]:
    """The side letter mostly, a word under it often, a logo and a line of made-up study text at times."""
    stamps = []
    height = int(rows * rng.uniform(0.016, 0.05))
    if rng.random() < 0.8:
        stamps.append(_side_marker(side, limb, height, rng))
    if rng.random() < 0.35:
        stamps.append(_logo(int(height * rng.uniform(1.5, 3.0)), rng))
    if rng.random() < 0.15:
        day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1998, 2025)
        text = f"{rng.integers(1000, 99999)} {day:02d}.{month:02d}.{year}"
        stamps.append(_text(text, max(8, int(rows * rng.uniform(0.008, 0.014))), 1, rng))
    return [_turned(stamp, rng) for stamp in stamps]


def _side_marker(side: Side, limb: Limb, height: int, rng: np.random.Generator) -> _Stamp:
    """The side's letter, with a word below it half of the time, now and then on a dark plate or in a ring."""
    letter = _text(side.value, height, max(1, int(height * rng.uniform(0.08, 0.22))), rng)
    if rng.random() < 0.5:
        word = str(rng.choice(WORDS[limb]))
        letter = _stacked(letter, _text(word, max(8, int(height * rng.uniform(0.35, 0.6))), 1, rng))
    kind = rng.random()
    if kind < 0.25:
        return _on_plate(letter, float(rng.uniform(0, 0.15)))
    return _in_ring(letter, rng) if kind < 0.35 else letter


def _text(text: str, height: int, thickness: int, rng: np.random.Generator) -> _Stamp:
    """White letters of `height` pixels without a ground."""
    font = int(rng.choice(FONTS))
    (_, unit_height), _ = cv2.getTextSize(text, font, 1.0, thickness)
    scale = height / max(unit_height, 1)
    (width, tall), below = cv2.getTextSize(text, font, scale, thickness)
    pad = thickness + 2
    cover = np.zeros((tall + below + 2 * pad, width + 2 * pad), np.uint8)
    cv2.putText(cover, text, (pad, tall + pad), font, scale, 255, thickness, cv2.LINE_AA)
    share = (cover / 255).astype(np.float32)
    return _Stamp(np.full_like(share, rng.uniform(0.8, 1.0)), share)


def _stacked(above: _Stamp, below: _Stamp) -> _Stamp:
    width = max(above.level.shape[1], below.level.shape[1])

    def widened(part: FloatImage) -> FloatImage:
        left = (width - part.shape[1]) // 2
        return np.pad(part, ((0, 0), (left, width - part.shape[1] - left)))

    return _Stamp(
        np.vstack([widened(above.level), widened(below.level)]),
        np.vstack([widened(above.cover), widened(below.cover)]),
    )


def _on_plate(stamp: _Stamp, level: float) -> _Stamp:
    """The stamp on a plate of a dark level."""
    ground = stamp.cover * stamp.level + (1 - stamp.cover) * np.float32(level)
    return _Stamp(ground, np.ones_like(ground))


def _in_ring(stamp: _Stamp, rng: np.random.Generator) -> _Stamp:
    """The stamp inside a lead ring."""
    size = int(np.hypot(*stamp.level.shape)) + 8
    top, left = ((size - length) // 2 for length in stamp.level.shape)
    rows, columns = stamp.level.shape
    cover = np.zeros((size, size), np.float32)
    cover[top : top + rows, left : left + columns] = stamp.cover
    cv2.circle(cover, (size // 2, size // 2), size // 2 - 3, 1.0, int(rng.integers(1, 4)), cv2.LINE_AA)
    return _Stamp(np.full_like(cover, float(stamp.level.max())), cover)


def _logo(size: int, rng: np.random.Generator) -> _Stamp:
    """A light frame around a dark or light field with a shape of a few corners and a strip of text."""
    field, ink = (0.05, 0.95) if rng.random() < 0.6 else (0.95, 0.05)
    level = np.full((size, size), field, np.float32)
    centre = np.array([size / 2, size * 0.42])
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
    radii = size * rng.uniform(0.15, 0.38, angles.size)
    corners = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]
    cv2.fillPoly(level, [corners.astype(np.int32)], ink, cv2.LINE_AA)
    cv2.rectangle(level, (int(size * 0.15), int(size * 0.82)), (int(size * 0.85), int(size * 0.9)), ink, -1)
    cv2.rectangle(level, (0, 0), (size - 1, size - 1), float(rng.uniform(0.85, 1.0)), max(1, size // 20))
    return _Stamp(level, np.ones_like(level))


def _turned(stamp: _Stamp, rng: np.random.Generator) -> _Stamp:
    """Most stamps lie straight; lead letters are laid down by hand, a little askew or by quarter turns."""
    kind = rng.random()
    if kind < 0.7:
        return stamp
    if kind < 0.8:
        turns = int(rng.integers(1, 4))
        return _Stamp(np.rot90(stamp.level, turns).copy(), np.rot90(stamp.cover, turns).copy())
    size = int(np.hypot(*stamp.level.shape)) + 2
    rows, columns = stamp.level.shape
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), float(rng.normal(0, 12)), 1.0)
    matrix[:, 2] += ((size - columns) / 2, (size - rows) / 2)
    level = cv2.warpAffine(stamp.level, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(stamp.cover, matrix, (size, size))
    return _Stamp(np.asarray(level, np.float32), np.asarray(cover, np.float32))


def _place(image: FloatImage, stamp: _Stamp, limb_mask: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """Draw the stamp, in place, where it covers least of the limb among some random places."""
    rows, columns = stamp.level.shape
    height, width = image.shape
    if rows >= height or columns >= width:
        return
    places = [(int(rng.integers(0, height - rows)), int(rng.integers(0, width - columns))) for _ in range(20)]
    overlaps = [int(limb_mask[top : top + rows, left : left + columns].sum()) for top, left in places]
    if min(overlaps) > 0.15 * rows * columns:
        return
    top, left = places[int(np.argmin(overlaps))]
    under = image[top : top + rows, left : left + columns]
    under += stamp.cover * (stamp.level - under)


def _draw_borders(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Collimator edges on up to four sides: bands of uneven width, black or white, a little askew, with a soft edge."""
    if rng.random() < 0.4:
        return image
    height, width = image.shape
    inside = np.full(image.shape, 1.0, np.float32)
    row = np.arange(height, dtype=np.float32)[:, None]
    column = np.arange(width, dtype=np.float32)[None, :]
    white = rng.random() < 0.35
    softness = float(rng.uniform(0.7, 4.0))
    for edge in range(4):
        if rng.random() < 0.4:
            continue
        depth = float(rng.gamma(1.3, 0.012)) * height
        slope = float(np.tan(np.deg2rad(rng.normal(0, 1.2))))
        across, along = (row, column - width / 2) if edge < 2 else (column, row - height / 2)
        far = (height if edge < 2 else width) - 1
        distance = (across if edge % 2 == 0 else far - across) - depth + slope * along
        inside *= np.clip(0.5 + distance / softness, 0, 1)
    level = float(rng.uniform(0.85, 1.0)) if white else float(rng.uniform(0.0, 0.06))
    return np.asarray(image * inside + level * (1 - inside), dtype=np.float32)


def _draw_wire(image: FloatImage, rng: np.random.Generator) -> None:
    """A thread or wire lying on the cassette: a thin bright curve across a part of the film."""
    height, width = image.shape
    start = rng.uniform(0, 1, 2) * (width, height)
    steps = np.cumsum(rng.normal(0, 0.25, 60) + rng.normal(0, 0.05))
    points = start + np.cumsum(np.stack([np.cos(steps), np.sin(steps)], axis=1), axis=0) * height * 0.01
    shade = np.zeros(image.shape, np.float32)
    cv2.polylines(shade, [points.astype(np.int32)], False, float(rng.uniform(0.05, 0.4)), 2, cv2.LINE_AA)
    np.minimum(image + shade, 1.0, out=image)


def _draw_scratches(image: FloatImage, rng: np.random.Generator) -> None:
    """Some straight thin scratches, light or dark."""
    height, width = image.shape
    shade = np.zeros(image.shape, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.12, 2) * (width, height)
        corners = [tuple(int(value) for value in point) for point in (start, end)]
        cv2.line(shade, corners[0], corners[1], float(rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.3)), 1, cv2.LINE_AA)
    np.clip(image + shade, 0, 1, out=image)
