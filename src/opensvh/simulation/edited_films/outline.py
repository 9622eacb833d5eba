"""The outline of a bone's end on a film: how far its edge lies from a point inside, all round it.

Found as the steepest fall from bone to what lies beyond along rays, steady from one ray to the next. Beyond it the
level of the soft parts is read, which an erosion lets through.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from opensvh.simulation.edited_films.places import STEP_MM, Frame, Picture, Plane

RAY_DEG = 3.0
WIDEST = 1.75
"""Rays are followed to this many expected radii."""
TRUSTED = 0.25
"""The same to the sides."""
STEEPEST = 2
"""Samples that the outline may move from one ray to the next."""
NEAR_MM = 1.5
"""Rays nearer than this count alike for the level at a place."""
BEYOND_MM = (0.35, 1.8)
"""Where the level beyond the edge is looked for: its lowest quarter counts, since other bones may lie there."""


@dataclass(frozen=True)
class Expected:
    """Where an outline is looked for: `facing_mm` towards 0 degrees, `aside_mm` to the sides, up to `open_deg` from 0
    degrees (beyond it a shaft begins); `square` is the exponent of its corners: 2 an ellipse, more a rounded box.
    `facing_trusted` is the SD of the edge's distance around the expected one towards 0 degrees, in shares."""

    facing_mm: float
    aside_mm: float
    open_deg: float
    square: float = 2.3
    facing_trusted: float = 0.25


@dataclass(frozen=True)
class Outline:
    """A bone's end: `edge_mm` and the `beyond` grey level at `angles` (degrees from the frame's distal axis, towards
    thumb or hallux) around the frame's centre."""

    frame: Frame
    angles: Plane
    edge_mm: Plane
    beyond: Plane
    width_mm: float

    def edge(self, angle: Plane | float) -> Plane:
        """Distance of the edge in mm; that of the last ray beyond the open part."""
        return np.asarray(np.interp(angle, self.angles, self.edge_mm))

    def beyond_level(self, across: Plane, along: Plane) -> Plane:
        """The level of the soft parts at places in the frame: that beyond the edge, nearer rays counting more."""
        turn = np.deg2rad(self.angles)
        weighted, weights = np.zeros_like(across), np.zeros_like(across)
        for ray in range(0, len(turn), 3):
            x, y = self.edge_mm[ray] * np.sin(turn[ray]), self.edge_mm[ray] * np.cos(turn[ray])
            weight = 1 / ((across - x) ** 2 + (along - y) ** 2 + NEAR_MM**2)
            weighted += weight * self.beyond[ray]
            weights += weight
        return np.asarray(weighted / weights)

    def spot(self, angle: float, depth_mm: float = 0.0) -> tuple[float, float]:
        """A place under the edge in the frame's mm."""
        distance = float(self.edge(angle)) - depth_mm
        return distance * float(np.sin(np.deg2rad(angle))), distance * float(np.cos(np.deg2rad(angle)))


def find_outline(pixels: Picture, frame: Frame, expected: Expected) -> Outline:
    """The outline of the bone around the frame's centre, whose distal axis points out of the bone's end."""
    angles = np.arange(-expected.open_deg, expected.open_deg + 0.1, RAY_DEG)
    prior = _prior(angles, expected)
    distances = np.arange(0.0, WIDEST * prior.max() + BEYOND_MM[1] + STEP_MM, STEP_MM)
    levels = _rays(pixels, frame, angles, distances)
    fall = -gaussian_filter1d(levels, 0.2 / STEP_MM, axis=1, order=1)
    fall = gaussian_filter1d(fall, 1.0, axis=0)
    reach = distances[None, :] / prior[:, None]
    trusted = np.interp(np.abs(angles), (35.0, 60.0), (expected.facing_trusted, TRUSTED))[:, None]
    likely = np.exp(-0.5 * ((reach - 1) / trusted) ** 2) * (distances < WIDEST * prior.max())
    edge = _steady(np.maximum(fall, 0) * likely)
    edge_mm = gaussian_filter1d(distances[edge], 1.0)
    sides = np.abs(np.abs(angles) - 90) <= 20
    return Outline(frame, angles, edge_mm, _beyond(levels, edge), 2 * float(np.mean(edge_mm[sides])))


def _prior(angles: Plane, expected: Expected) -> Plane:
    """An ellipse or rounded box round the centre."""
    sine, cosine = np.abs(np.sin(np.deg2rad(angles))), np.abs(np.cos(np.deg2rad(angles)))
    power = expected.square
    return np.asarray(((cosine / expected.facing_mm) ** power + (sine / expected.aside_mm) ** power) ** (-1 / power))


def _rays(pixels: Picture, frame: Frame, angles: Plane, distances: Plane) -> Plane:
    """Grey levels [rays, distances]."""
    turn = np.deg2rad(angles)[:, None]
    x, y = frame.film(np.sin(turn) * distances, np.cos(turn) * distances)
    picture = cv2.remap(
        pixels, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return gaussian_filter1d(np.asarray(picture, dtype=np.float64), 0.7, axis=0)


def _steady(gain: Plane) -> Plane:
    """The sample of the largest gain for each ray, steady from ray to ray (dynamic programming)."""
    best, came = gain[0].copy(), np.zeros(gain.shape, int)
    for ray in range(1, len(gain)):
        padded = np.pad(best, STEEPEST, constant_values=-np.inf)
        moved = np.stack([padded[move : move + gain.shape[1]] for move in range(2 * STEEPEST + 1)])
        choice = moved.argmax(axis=0)
        came[ray] = np.arange(gain.shape[1]) + choice - STEEPEST
        best = moved.max(axis=0) + gain[ray]
    path = np.zeros(len(gain), int)
    path[-1] = best.argmax()
    for ray in range(len(gain) - 1, 0, -1):
        path[ray - 1] = came[ray, path[ray]]
    return path


def _beyond(levels: Plane, edge: Plane) -> Plane:
    """Level of the soft parts beyond the edge at each ray, the lower of its neighbours' for choice."""
    near, far = (round(distance / STEP_MM) for distance in BEYOND_MM)
    columns = np.minimum(edge[:, None] + np.arange(near, far + 1), levels.shape[1] - 1)
    found = np.percentile(np.take_along_axis(levels, columns, axis=1), 25, axis=1)
    return np.asarray(gaussian_filter1d(minimum_filter1d(found, 5), 2.0))
