"""A foot of which a side is cut off: which joints of its row those are that were found.

A network that knows whole feet names five toes, whatever it is shown: where the big toe is gone the second is called
the first, or goes by two names. The places are right all the same. So they are named anew, as what is left with one or
two gone at a side where the foot reaches the edge of the film, and the shape of the whole tells which naming suits.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference.limb_places import on_field
from opensvh.inference.shape_model import ShapeFit, ShapeModel, canonical_points, film_point, fitted

ROW = ("MTP5", "MTP4", "MTP3", "MTP2", "MTP1")
"""From left to right in the canonical pose."""
WITH_LAST = ("IP1",)
"""What is found where the last of the row is, and gone with it."""
MOST_GONE = 2
"""Three toes are too few to tell which they are."""
SAME_PLACE = 0.045
"""Two names no farther apart, in limb lengths, are of one joint: neighbours lie 0.05 and more apart on DP films."""
NEAR_EDGE = 0.02
"""A joint said to be gone may be expected this far within the film, in limb lengths: places told are that unsure."""
NAMED_ANEW = "the foot seems to be cut along its side, and its joints were named by those that are left: check them"


@dataclass(frozen=True)
class Naming:
    """What the joints found are taken for: `old` name by new one, and how they fit so."""

    old: Mapping[str, str]
    fit: ShapeFit


def best_naming(
    model: ShapeModel, found: Mapping[str, Point], pose: Pose, field: Box, edges: Collection[str]
) -> Naming | None:
    """The naming that suits best of those as a foot that is cut at one of the `edges`, `left` or `right` with the
    digits up; None where none is possible. `found` in pixels of the film, lying in `pose`."""
    if model.limb is not Limb.FOOT:
        return None
    canonical = canonical_points(found, pose)
    namings = [
        Naming(old, fit)
        for old in _namings(canonical, edges)
        if (fit := fitted(model, {name: canonical[each] for name, each in old.items()})) is not None
        and not _is_joint_lost(fit, canonical, old)
        and not _is_gone_on_film(fit, old, pose, field)
    ]
    return min(namings, key=lambda each: each.fit.whole_distance, default=None)


def renamed(reading: FilmReading, naming: Naming) -> FilmReading:
    """The reading under the new names: what was read at a joint goes with it, what is left over is not visible."""
    by_place = {(each.site.point, each.kind): each for each in reading.sites}
    own = {name: naming.old.get(name) for name in ROW + WITH_LAST}
    return replace(
        reading,
        sites=tuple(_under(each, by_place.get((own[each.site.point] or "", each.kind))) for each in reading.sites),
        points={name: reading.points[old] for name, old in own.items() if old},
        confidences={name: reading.confidences[old] if old else 0.0 for name, old in own.items()},
        warnings=(*reading.warnings, NAMED_ANEW),
    )


def _under(reading: SiteReading, source: SiteReading | None) -> SiteReading:
    if source is None:
        return replace(reading, status=Status.NOT_VISIBLE, expected=None, probabilities=())
    return replace(source, site=reading.site)


def _namings(found: Mapping[str, Point], edges: Collection[str]) -> Iterator[dict[str, str]]:
    """Every way to take some of the joints found, from left to right, for what a cut at an edge may leave."""
    row = sorted((name for name in ROW if name in found), key=lambda name: found[name])
    for gone in range(1, MOST_GONE + 1):
        left = len(ROW) - gone
        for edge, names in (("left", ROW[gone:]), ("right", ROW[:left])):
            if edge in edges:
                others = {name: name for name in WITH_LAST if name in found and ROW[-1] in names}
                yield from ({**dict(zip(names, each, strict=True)), **others} for each in combinations(row, left))


def _is_joint_lost(fit: ShapeFit, found: Mapping[str, Point], old: Mapping[str, str]) -> bool:
    """Whether a joint of the row was found where none is by that naming."""
    kept = [found[each] for name, each in old.items() if name in ROW]
    reach = SAME_PLACE * fit.length_px
    return any(min(math.dist(found[name], place) for place in kept) > reach for name in ROW if name in found)


def _is_gone_on_film(fit: ShapeFit, kept: Collection[str], pose: Pose, field: Box) -> bool:
    """Whether a joint of the row that should be gone would lie well within the film."""
    gone: Sequence[Point] = [
        film_point(place.point, pose) for name, place in fit.predicted.items() if name not in kept and name in ROW
    ]
    return any(on_field(at, field, NEAR_EDGE * fit.length_px) for at in gone)
