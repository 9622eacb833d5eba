"""Edits that change no grade: what an edit leaves behind must not tell damage.

Tissue that dips or rises a little beside joints, away from where erosions begin, and grain that is drawn anew anywhere;
that spaces move by a little without being narrowed is `edit`'s.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from opensvh.simulation.edited_films.ends import Joints
from opensvh.simulation.edited_films.grain import Grain
from opensvh.simulation.edited_films.places import Frame, Picture, Plane

DIP_SHARE, REGRAINED_SHARE = 0.35, 0.5
"""Share of the joints beside which the tone changes, and at which grain is drawn anew; our choice."""
DIP = 0.05
"""SD of a change of tone, as a share of the level."""
DIPS_AT_MM = (7.0, 15.0)
"""How far along the bone, off the joint, the tone changes."""


def harmless(pixels: Picture, joints: Joints, grain: Grain, rng: np.random.Generator) -> Picture:
    """The film with such edits at a share of its joints."""
    for place in joints.places.values():
        dips, grains = rng.random(2)
        along = float(rng.choice((-1.0, 1.0)) * rng.uniform(*DIPS_AT_MM))
        change, radius = float(rng.normal(0, DIP)), float(rng.uniform(0.8, 2.6))
        across, near = rng.normal(0, (0.7 * place.span.bone_half_mm, 3.0))
        if dips < DIP_SHARE:
            pixels = _toned(pixels, place.frame.shifted(0.3 * float(across), along), radius, change)
        if grains < REGRAINED_SHARE:
            pixels = _regrained(pixels, place.frame.shifted(float(across), float(near)), radius, grain, rng)
    return pixels


def _toned(pixels: Picture, frame: Frame, radius: float, change: float) -> Picture:
    """Brighter or darker by a share of the level, fading out as a Gaussian of SD `radius` mm."""
    window = frame.window(pixels.shape, (-3 * radius, 3 * radius), (-3 * radius, 3 * radius))
    share = np.exp(-0.5 * _squared(window.across, window.along, radius))
    return _put(pixels, window.part, pixels[window.part] * (1 + change * share))


def _regrained(pixels: Picture, frame: Frame, radius: float, grain: Grain, rng: np.random.Generator) -> Picture:
    """What is finest is weakened, and grain of the same strength put in its place."""
    reach = radius + 1.0
    window = frame.window(pixels.shape, (-reach, reach), (-reach, reach))
    before = pixels[window.part].astype(np.float64)
    share = 0.6 * gaussian_filter((_squared(window.across, window.along, radius) < 1).astype(float), 0.2 * frame.scale)
    fine = before - gaussian_filter(before, 0.8)
    noise = grain.beside(before, np.ones(before.shape, dtype=bool)).drawn(before.shape, rng)
    return _put(pixels, window.part, before - share * fine + np.sqrt(1 - (1 - share) ** 2) * noise)


def _squared(across: Plane, along: Plane, radius: float) -> Plane:
    return np.asarray((across**2 + along**2) / radius**2)


def _put(pixels: Picture, part: tuple[slice, slice], levels: Plane) -> Picture:
    changed = pixels.copy()
    changed[part] = np.clip(levels, 0, 1).astype(np.float32)
    return changed
