"""Where all joints of a limb lie, on its film or beyond: as found, and for the others where those found put them.

A film may end within a limb. What lies beyond its edge is not found, or found squeezed to the edge by a network that
expects a whole limb; the shape of the rest tells. How the rest is read then is `part_search`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.inference.shape_model import ShapeFit, ShapeModel, canonical_points, film_point, fitted

EDGE_BAND = 0.08
"""Joints this near the film's edge, in limb lengths, are held against where those farther inside put them."""
SQUEEZED = 2.0
"""A joint found by the edge, more standard deviations from where the rest puts it beyond the edge, is not there."""

CUT_ALONG: Mapping[Limb, tuple[frozenset[str], ...]] = {
    Limb.HAND: (),
    Limb.FOOT: tuple(frozenset(gone) for gone in (("IP1",), ("MTP1",), ("IP1", "MTP1"), ("MTP5",), ("MTP5", "MTP4"))),
}
"""What a cut along a side may take. A hand has joints enough for `SQUEEZED` to tell."""
BETTER = 0.3
"""By how much the distance of the rest must be less than that of all."""
NEAR_EDGE = 0.015
"""A joint that is gone may be expected this far within the film, in limb lengths: places told are that unsure."""

EVEN_LINE = 0.01
"""A row or column at the film's side whose levels differ by less than this is border, not film."""

Places = Mapping[str, Point]


@dataclass(frozen=True)
class LaidLimb:
    """How a limb lies: `places` of its joints in film pixels, in table order, all of them where there is a `fit`;
    `shown` are those on the film, and only they are fitted. Without a fit, found ones alone and all taken for shown."""

    fit: ShapeFit | None
    places: Places
    shown: frozenset[str]


def film_field(pixels: NDArray[np.float32]) -> Box:
    """The film without rows and columns of one level along its sides; all of it where nothing else would be left."""
    rows, columns = (np.flatnonzero(np.ptp(pixels, axis=axis) > EVEN_LINE) for axis in (1, 0))
    if len(rows) == 0 or len(columns) == 0:
        return Box(0, 0, pixels.shape[1], pixels.shape[0])
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def laid_limb(model: ShapeModel, found: Places, pose: Pose, field: Box) -> LaidLimb:
    """The limb whose joints were found there, in film pixels, lying in `pose`; `field` is the film within its borders.

    Joints that were not found, or astray, lie where the others put them, and so do those squeezed to an edge of the
    field that the others put beyond it.
    """
    fit = fitted(model, canonical_points(found, pose))
    if fit is None:
        return LaidLimb(None, dict(found), frozenset(POINTS[model.limb]))
    told = {name: film_point(place.point, pose) for name, place in fit.predicted.items()}
    beyond = _cut_along(model, found, pose, fit, field) or _squeezed(model, found, pose, fit, field)
    places = {**found, **told, **beyond}
    shown = frozenset(name for name, place in places.items() if name not in beyond and on_field(place, field))
    seen = {name: at for name, at in found.items() if name in shown}
    if len(seen) < len(found):
        fit = fitted(model, canonical_points(seen, pose)) or fit
    return LaidLimb(fit, {name: places[name] for name in POINTS[model.limb]}, shown)


def on_field(place: Point, field: Box, margin_px: float = 0.0) -> bool:
    """Whether a place lies on the field, by at least the margin from each of its edges."""
    x, y = place
    return min(x - field.left, field.right - 1 - x, y - field.top, field.bottom - 1 - y) >= margin_px


def _cut_along(model: ShapeModel, found: Places, pose: Pose, fit: ShapeFit, field: Box) -> dict[str, Point]:
    """Where joints at a side of the limb lie beyond the film, if the others lie far more like a limb without them: a
    network gives a toe that is gone its neighbour's place."""
    best, beyond = fit.whole_distance - BETTER, {}
    for gone in CUT_ALONG[model.limb]:
        others = {name: at for name, at in found.items() if name not in gone}
        rest = fitted(model, canonical_points(others, pose))
        if rest is None or rest.whole_distance >= best:
            continue
        places = {name: film_point(rest.predicted[name].point, pose) for name in gone}
        if not any(on_field(at, field, NEAR_EDGE * rest.length_px) for at in places.values()):
            best, beyond = rest.whole_distance, places
    return beyond


def _squeezed(model: ShapeModel, found: Places, pose: Pose, fit: ShapeFit, field: Box) -> dict[str, Point]:
    """Where joints that were found by the edge lie beyond it, by those found well inside."""
    kept = {name: at for name, at in found.items() if name not in fit.strays}
    inner = {name: at for name, at in kept.items() if on_field(at, field, EDGE_BAND * fit.length_px)}
    rest = fitted(model, canonical_points(inner, pose)) if len(inner) < len(kept) else None
    if rest is None:
        return {}
    beyond = {}
    for name in kept.keys() - inner.keys():
        told = rest.predicted[name]
        place = film_point(told.point, pose)
        away = ((place.x - kept[name].x) ** 2 + (place.y - kept[name].y) ** 2) ** 0.5
        if not on_field(place, field) and away > SQUEEZED * told.spread_px:
            beyond[name] = place
    return beyond
