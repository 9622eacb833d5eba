"""Narrowing: the bone beyond a joint slides along its axis into the space, as two layers that add up.

The film is taken apart along the middle of the joint space. What lies proximal stays, what lies distal slides, and
where both now lie one over the other their levels above the floor of the space are added, as the beam would: margins
keep the film's own sharpness, a closing space fills by itself, and bones that overlap are brighter there. The slide
fades out along the bone and to both sides, so that nothing tears.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from opensvh.domain.geometry import Point
from opensvh.simulation.anatomy.joints import JointSpace
from opensvh.simulation.edited_films.joint_space import JointSpaceFound
from opensvh.simulation.edited_films.places import STEP_MM, JointPlace, Picture, Plane

RIGID_MM = 4.0
"""The bone slides as a whole this far from the joint, before the slide begins to fade out."""
SEEN_SHARE = 0.9
"""A space measured between half heights against its bones' distance: 0.94, 0.91 and 0.86 at MCP, CMC and radiocarpal
joints of simulated films, where that is known."""
SEAM_MM = 0.25
"""Width over which one layer takes over from the other, twice that where a space closes."""
SOFT_PERCENTILE = 12
"""Percentile of the levels along a space and beyond its ends that is taken for the soft parts'."""
STEEPEST = 0.45
"""Greatest change of a slide per mm of film: more would fold the picture."""
SECOND_LAYER = 0.5
"""What the fainter of two bones that lie one over the other adds, as a share of its level; our choice."""
BRIDGED_MM = 1.6
"""Half the height of the part of a fused joint whose subchondral lines are gone."""


@dataclass(frozen=True)
class Slide:
    """How far a distal bone moves: `along_mm` into the space, `tilt` more per mm towards the thumb, `aside_mm` towards
    it; `fused` where trabeculae run through."""

    along_mm: float
    tilt: float = 0.0
    aside_mm: float = 0.0
    fused: bool = False


def slide_for(space: JointSpace, place: JointPlace, gap_mm: float, sunk_mm: float = 0.0) -> Slide:
    """The slide that leaves what `space` says of a gap; a slip is held to what the film beside the joint allows."""
    whole = gap_mm / SEEN_SHARE
    along = whole - space.gap_mm(whole) + sunk_mm
    room = STEEPEST * 2 * (place.room_mm - 0.9 * place.span.bone_half_mm) / np.pi
    aside = float(np.clip(space.slip_mm, -room, room))
    along += 0.3 * (abs(space.slip_mm) - abs(aside))
    longest = STEEPEST * 2 * (place.fade_mm - RIGID_MM) / np.pi
    return Slide(min(along, longest), float(np.tan(np.deg2rad(space.tilt_deg))), aside, space.fused)


def slid(pixels: Picture, place: JointPlace, found: JointSpaceFound, slide: Slide) -> Picture:
    """The film with one joint's distal bone moved; only the joint's surroundings change."""
    reach = place.room_mm + 1.0
    low = found.level - 6.0 - max(slide.along_mm, 0.0)
    window = place.frame.window(pixels.shape, (-reach, reach), (low, found.level + place.fade_mm + 1.0))
    middle = found.middle(window.across)
    share = _share_across(place, window.across)
    along = share * (slide.along_mm + slide.tilt * window.across)
    distance = window.along - middle + along
    fade = _share_along(place, distance)
    source_along = window.along + along * fade
    source_across = window.across - share**2 * fade * slide.aside_mm
    moved = _sampled(pixels, place, source_across, source_along)
    still = pixels[window.part].astype(np.float64)
    closed = np.clip(along / found.gap_mm, 0, 1)
    floor = _floor(pixels, place, found, window.across, closed)
    keeps = _step(middle - window.along, closed)
    comes = _step(source_along - found.middle(source_across), closed)
    result = _overlaid(floor, keeps * (still - floor), comes * (moved - floor))
    result = np.where(keeps * comes > 0, np.maximum(result, np.minimum(still, moved)), result)
    if slide.fused:
        result = _bridged(result, window.across, window.along - middle + along / 2, place)
    same = (keeps > 1 - 1e-6) & (comes < 1e-6)
    edited = pixels.copy()
    edited[window.part] = np.where(same, still, _below_white(result, np.maximum(still, moved))).astype(np.float32)
    return edited


def moved_points(
    points: Mapping[str, Point], place: JointPlace, found: JointSpaceFound, slide: Slide
) -> dict[str, Point]:
    """The joint centres after a slide: the joint's own in the middle of what is left, those beyond with the bone."""
    result = dict(points)
    for name, point in points.items():
        across, along = (np.asarray(value) for value in place.frame.local(np.array(point.x), np.array(point.y)))
        distance = float(along - found.middle(across))
        share = float(_share_across(place, across))
        share *= 0.5 if name == place.site else float(_share_along(place, np.array(distance))) * (distance > 0)
        if share > 0:
            down = share * (slide.along_mm + slide.tilt * float(across))
            x, y = place.frame.film(float(across) + share * slide.aside_mm, float(along) - down)
            result[name] = Point(float(x), float(y))
    return result


def _share_across(place: JointPlace, across: Plane) -> Plane:
    """Share of the slide at places across: whole over the bone, none where neighbouring bones begin."""
    inner = min(0.97 * place.span.bone_half_mm, place.room_mm - 1.6)
    return _cosine((np.abs(across) - inner) / (place.room_mm - inner))


def _share_along(place: JointPlace, distance: Plane) -> Plane:
    return _cosine((distance - RIGID_MM) / (place.fade_mm - RIGID_MM))


def _cosine(share: Plane) -> Plane:
    """From 1 at 0 to 0 at 1, smooth at both ends."""
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip(share, 0, 1)))


def _step(distance: Plane, closed: Plane) -> Plane:
    """From 0 below to 1 above; symmetric, so that the two layers of an untouched film add up to it, and softer where
    margins are brought together."""
    return 1 - _cosine(distance / (SEAM_MM * (1 + closed)) + 0.5)


def _sampled(pixels: Picture, place: JointPlace, across: Plane, along: Plane) -> Plane:
    x, y = place.frame.film(across, along)
    picture = cv2.remap(
        pixels, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(picture, dtype=np.float64)


def _floor(pixels: Picture, place: JointPlace, found: JointSpaceFound, across: Plane, closed: Plane) -> Plane:
    """Grey level under both layers at places across, on the film as it now is, where `closed` of the space goes.

    The floor of the space, which is the level of the soft parts and what unsharp margins add to it: between
    the bones that part leaves with the margins, as far as the space closes.
    """
    line = np.arange(-place.room_mm - 2.0, place.room_mm + 2.01, STEP_MM)
    levels = _sampled(pixels, place, line[None, :], found.middle(line)[None, :])[0]
    levels = gaussian_filter1d(levels, 0.4 / STEP_MM)
    floor = np.interp(across, line, levels)
    span = place.span
    between = _cosine((np.abs(across) - span.half_mm) / max(0.8 * span.bone_half_mm - span.half_mm, 0.5))
    return np.asarray(floor - closed * between * np.maximum(floor - np.percentile(levels, SOFT_PERCENTILE), 0))


def _overlaid(floor: Plane, one: Plane, other: Plane) -> Plane:
    """Two layers above a floor; the fainter counts less, since film and console press what is dense."""
    both = np.where((one > 0) & (other > 0), np.minimum(one, other), 0.0)
    return np.asarray(floor + one + other - (1 - SECOND_LAYER) * both)


def _bridged(picture: Plane, across: Plane, from_line: Plane, place: JointPlace) -> Plane:
    """Subchondral lines levelled to the bone around them: what runs along the joint goes, grain and trabeculae stay."""
    scale = place.frame.scale
    coarse = gaussian_filter(picture, 0.35 * scale)
    wide = gaussian_filter(picture, 1.5 * scale)
    inside = _cosine((np.abs(across) - 0.6 * place.span.bone_half_mm) / (0.35 * place.span.bone_half_mm))
    near = np.exp(-0.5 * (from_line / BRIDGED_MM) ** 2)
    return np.asarray(picture - 0.8 * inside * near * (coarse - wide))


def _below_white(result: Plane, brightest: Plane) -> Plane:
    """Levels that add up to more than a film's white are pressed below it."""
    ceiling = np.maximum(brightest, 0.94)
    above = np.maximum(result - ceiling, 0)
    room = np.maximum(1.0 - ceiling, 1e-3)
    return np.asarray(np.clip(np.minimum(result, ceiling) + room * (1 - np.exp(-above / room)), 0, 1))
