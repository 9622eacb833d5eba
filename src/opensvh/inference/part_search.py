"""A limb of which the film shows a part: where its joints may lie if the film ends within it.

A network reads a limb that fills its picture. A wrist alone, enlarged until it does, is read as a small hand; so the
picture is laid as if the whole limb were there, at the sizes and places that the part allows, and the joints decide.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from opensvh.domain.anatomy import POINTS
from opensvh.domain.geometry import Point, Size
from opensvh.domain.placement import Pose
from opensvh.inference.film_analysis import MARGIN
from opensvh.inference.shape_model import ShapeModel, canonical_points, film_point
from opensvh.preprocessing.joint_box import box_around

SHARES_SEEN = (0.82, 0.65, 0.5)
"""How much of the limb's length a part is tried as; networks read limbs up to a fifth larger or smaller."""
WIDTHS = (0.65, 1.5)
"""The width that is seen, by that of a mean limb of the length tried: other lengths are not tried."""
NEARLY = 0.04
"""A limb whose region ends this near the film's edge, of the region's longer side, may go on beyond it: regions have a
margin of `MARGIN`, but are a few percent off."""
UNIT_PX = 10_000.0


@dataclass(frozen=True)
class _Extent:
    """An upright rectangle, digits up."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def part_guesses(model: ShapeModel, pose: Pose, film: Size) -> Iterator[dict[str, Point]]:
    """Where all joints would lie, in film pixels, if the limb in the pose's region went on beyond the film's edge.

    One edge at a time, of those that the region reaches; none where the region lies free.
    """
    if pose.region is None:
        return
    seen, edges = _seen(pose), edges_reached(pose, film)
    whole = _whole(model)
    for edge in edges:
        for length in _lengths(seen, whole, edge):
            yield _laid(model, whole, _continued(seen, whole, edge, length), pose)


def edges_reached(pose: Pose, film: Size) -> list[str]:
    """Where the limb in the pose's region may go on beyond the film, as seen with the digits up: `left`, `right`,
    `top`, `bottom`."""
    region = pose.region
    if region is None:
        return []
    slack = NEARLY * max(region.width, region.height)
    outward = {
        Point(-1, 0): region.left <= slack,
        Point(1, 0): region.right >= film.width - slack,
        Point(0, -1): region.top <= slack,
        Point(0, 1): region.bottom >= film.height - slack,
    }
    return [_direction(canonical_points({"out": way}, pose)["out"]) for way, reached in outward.items() if reached]


def sides_reached(pose: Pose, film: Size) -> list[str]:
    """Those of `edges_reached` along which a limb may be cut: `left`, `right`."""
    return [edge for edge in edges_reached(pose, film) if edge in ("left", "right")]


def _seen(pose: Pose) -> _Extent:
    """What is seen of the limb, digits up: the region without the margin that was added to it."""
    assert pose.region is not None
    corners = {str(number): corner for number, corner in enumerate(pose.region.corners())}
    x, y = zip(*canonical_points(corners, pose).values(), strict=True)
    margin = MARGIN / (1 + 2 * MARGIN) * max(max(x) - min(x), max(y) - min(y))
    return _Extent(min(x) + margin, min(y) + margin, max(x) - margin, max(y) - margin)


def _direction(way: Point) -> str:
    if abs(way.x) > abs(way.y):
        return "right" if way.x > 0 else "left"
    return "bottom" if way.y > 0 else "top"


def _whole(model: ShapeModel) -> _Extent:
    """The box of the mean limb, in its own length and about its own middle."""
    places = [Point(float(x) * UNIT_PX, float(y) * UNIT_PX) for x, y in model.mean]
    box = box_around(places, model.limb)
    return _Extent(*(side / UNIT_PX for side in (box.left, box.top, box.right, box.bottom)))


def _lengths(seen: _Extent, whole: _Extent, edge: str) -> Iterator[float]:
    """Lengths of the limb that go with what is seen of it."""
    if edge in ("left", "right"):
        yield seen.height
        return
    for share in SHARES_SEEN:
        length = seen.height / share
        if WIDTHS[0] < seen.width / (length * whole.width) < WIDTHS[1]:
            yield length


def _continued(seen: _Extent, whole: _Extent, edge: str, length: float) -> _Extent:
    """The whole limb's box, which ends with what is seen on the other side and goes on over the edge."""
    width = length * whole.width
    middle = (seen.left + seen.right) / 2
    left = {"left": seen.right - width, "right": seen.left}.get(edge, middle - width / 2)
    top = seen.bottom - length if edge == "top" else seen.top
    return _Extent(left, top, left + width, top + length)


def _laid(model: ShapeModel, whole: _Extent, limb: _Extent, pose: Pose) -> dict[str, Point]:
    """The mean limb's joints within that box, in film pixels."""
    length = limb.height
    assert math.isfinite(length)
    at = (
        (limb.left + length * (float(x) - whole.left), limb.top + length * (float(y) - whole.top))
        for x, y in model.mean
    )
    return {name: film_point(Point(*place), pose) for name, place in zip(POINTS[model.limb], at, strict=True)}
