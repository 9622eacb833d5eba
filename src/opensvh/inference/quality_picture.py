"""The limb upright and at one size, with its joints, as the quality gate looks at it: laid by its points, for no model.

What is measured on it is `quality_objects`'.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Frame, Matrix, Point, Size
from opensvh.domain.placement import Pose
from opensvh.inference.shape_model import ShapeFit, upright_pose

LIMB_PX = 400.0
"""Limb length in the picture."""
SIDE_PX = 700
"""The picture's sides: limb, forearm or leg, and what lies beside."""


@dataclass(frozen=True)
class LimbPicture:
    """A limb with its digits up, looking like a left one, the middle of its joints in the picture's middle.

    `levels` float32 [SIDE_PX, SIDE_PX] in [0, 1]; `inside` where the film reaches; `points` in the picture's pixels.
    """

    levels: NDArray[np.float32]
    inside: NDArray[np.bool_]
    points: Mapping[str, Point]

    @cached_property
    def hull(self) -> NDArray[np.bool_]:
        """Where the joints lie and what lies between them, on the film."""
        mask = np.zeros(self.levels.shape, np.uint8)
        corners = np.rint([tuple(point) for point in self.points.values()]).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(corners), (1,))
        return (mask > 0) & self.inside

    def disc(self, name: str, radius_px: float) -> NDArray[np.float32]:
        """Levels within a radius about a joint, on the film."""
        x, y = self.points[name]
        rows, columns = np.ogrid[:SIDE_PX, :SIDE_PX]
        return np.asarray(self.levels[((rows - y) ** 2 + (columns - x) ** 2 <= radius_px**2) & self.inside])


def limb_picture(pixels: NDArray[np.float32], points: Mapping[str, Point], pose: Pose, fit: ShapeFit) -> LimbPicture:
    """The picture of a limb whose `points`, in pixels of the film as stored, fitted a shape as `fit` in `pose`."""
    scale = LIMB_PX / fit.length_px
    frame = _upright_frame(pixels, points, upright_pose(pose, fit), scale)
    matrix, size = np.asarray(frame.matrix, dtype=np.float64), (SIDE_PX, SIDE_PX)
    smooth = cv2.GaussianBlur(pixels, (0, 0), 0.5 / scale) if scale < 0.7 else pixels
    levels = cv2.warpAffine(smooth, matrix, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.ones(pixels.shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    placed = dict(zip(points, frame.to_model(points.values()), strict=True))
    return LimbPicture(np.asarray(levels, np.float32), np.asarray(inside) > 0, placed)


def _upright_frame(pixels: NDArray[np.float32], points: Mapping[str, Point], pose: Pose, scale: float) -> Frame:
    x, y = (float(np.mean(axis)) for axis in zip(*points.values(), strict=True))
    angle = math.radians(pose.turn_cw_deg)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    sign = -1.0 if pose.mirrored else 1.0
    rows: Matrix = ((sign * cosine, -sign * sine, 0.0), (sine, cosine, 0.0))
    middle = (SIDE_PX - 1) / 2
    (a, b, _), (c, d, _) = rows
    matrix: Matrix = ((a, b, middle - a * x - b * y), (c, d, middle - c * x - d * y))
    return Frame.of(Size(pixels.shape[1], pixels.shape[0])).mapped(matrix, Size(SIDE_PX, SIDE_PX))
