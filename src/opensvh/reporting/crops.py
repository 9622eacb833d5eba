"""Close views of joints at the film's own resolution, turned so that the digit stands upright.

Which of them a report shows is `worst_joints`' to say.
"""

import math
from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point
from opensvh.domain.reading import FilmReading

LONGEST_PX = 448
"""Longer side of a crop: films finer than this are made coarser, never finer."""
JPEG_QUALITY = 90
_MOST_LIFT = 4.0
"""Grey levels of a crop are spread at most this much: a crop without any contrast stays one."""

_BREADTH = {Limb.HAND: ("MCP2", "MCP5"), Limb.FOOT: ("MTP1", "MTP5")}
"""The two joints whose distance says how large the limb is on this film; about 55 and 70 mm in adults."""
_BREADTH_PER_BOX = {Limb.HAND: 0.27, Limb.FOOT: 0.30}
_SIDE_PER_BREADTH = {Limb.HAND: 0.52, Limb.FOOT: 0.50}
_WRIST_SIDE_PER_BREADTH = 0.75

_AXES: Mapping[tuple[Limb, str], tuple[str, str]] = {
    (Limb.HAND, "MCP1"): ("MCP1", "IP1"),
    (Limb.HAND, "IP1"): ("MCP1", "IP1"),
    **{(Limb.HAND, f"{row}{digit}"): (f"MCP{digit}", f"PIP{digit}") for row in ("MCP", "PIP") for digit in range(2, 6)},
    (Limb.FOOT, "MTP1"): ("MTP1", "IP1"),
    (Limb.FOOT, "IP1"): ("MTP1", "IP1"),
}
"""The joints, near and far, whose line stands upright in the crop; elsewhere the whole limb's pose does."""


def joint_crops(pixels: NDArray[np.float32], reading: FilmReading) -> dict[str, bytes]:
    """A square JPEG for each joint found; `pixels` as stored, in [0, 1], of shape [rows, columns]."""
    return {point: _crop(pixels, reading, point) for point in reading.points}


def mirrored(jpeg: bytes) -> bytes:
    """The same picture with left and right exchanged."""
    return _encoded(np.ascontiguousarray(np.asarray(_decoded(jpeg))[:, ::-1]))


def crop_side_px(reading: FilmReading, point: str) -> float:
    """Side of the square around a joint in film pixels, about 28 mm on fingers, 35 on toes and 41 in the wrist."""
    near, far = (reading.points.get(name) for name in _BREADTH[reading.limb])
    if near is None or far is None:
        breadth = _BREADTH_PER_BOX[reading.limb] * reading.box.height
    else:
        breadth = math.dist(near, far)
    is_digit = point[-1:].isdigit() and not point.startswith("CMC")
    return breadth * (_SIDE_PER_BREADTH[reading.limb] if is_digit else _WRIST_SIDE_PER_BREADTH)


def _crop(pixels: NDArray[np.float32], reading: FilmReading, point: str) -> bytes:
    side = max(2.0, crop_side_px(reading, point))
    size = max(2, min(LONGEST_PX, round(side)))
    matrix = _matrix(reading.points[point], _upward(reading, point), size, size / side)
    seen = cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR if size < side else cv2.INTER_CUBIC)
    inside = cv2.warpAffine(np.ones(pixels.shape, np.uint8), matrix, (size, size), flags=cv2.INTER_NEAREST) > 0
    return _encoded(_spread(np.asarray(seen, np.float32), inside))


def _upward(reading: FilmReading, point: str) -> tuple[float, float]:
    """Unit vector on the film, as stored, that the crop shows pointing up."""
    near, far = (reading.points.get(name) for name in _AXES.get((reading.limb, point), ("", "")))
    if near is not None and far is not None and (length := math.dist(near, far)) > 0:
        return (far.x - near.x) / length, (far.y - near.y) / length
    turn = math.radians(reading.pose.turn_cw_deg)
    return -math.sin(turn), -math.cos(turn)


def _matrix(centre: Point, up: tuple[float, float], size: int, scale: float) -> NDArray[np.float64]:
    """Film pixels to crop pixels [2, 3]: `up` goes to (0, -1), `centre` to the middle."""
    cosine, sine = -up[1] * scale, -up[0] * scale
    middle = (size - 1) / 2
    return np.array(
        [
            [cosine, -sine, middle - cosine * centre.x + sine * centre.y],
            [sine, cosine, middle - sine * centre.x - cosine * centre.y],
        ]
    )


def _spread(seen: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Grey levels over the whole range, darkest and brightest half per cent cut; black beyond the film."""
    if not inside.any():
        return np.zeros(seen.shape, np.uint8)
    low, high = np.quantile(seen[inside], (0.005, 0.995))
    spread = (seen - low) / max(float(high - low), 1 / _MOST_LIFT)
    return np.asarray((spread.clip(0, 1) * 255 * inside).round(), np.uint8)


def _decoded(jpeg: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def _encoded(image: NDArray[np.uint8]) -> bytes:
    done, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise RuntimeError(f"the crop of shape {image.shape} cannot be encoded")
    return code.tobytes()
