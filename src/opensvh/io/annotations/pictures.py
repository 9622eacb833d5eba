"""What every format of joint marks comes down to: pictures by file name, each with labelled points.

Labels are the format's own; `mapping` says which joint they mean. Points are in pixels of the file as stored, a pixel's
centre at whole numbers: formats whose origin is the outer corner of the first pixel are shifted by half a pixel, both
ways, in their own files.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from opensvh.domain.errors import TableInvalid
from opensvh.domain.geometry import Point

CORNER = 0.5
"""From an origin at the first pixel's outer corner to one at its centre."""
Files = Mapping[str, str]
"""File name -> text."""


@dataclass(frozen=True)
class MarkedPicture:
    """One picture: its file's bare name, its size where the format tells, points and labels said to be not visible."""

    file: str
    size: tuple[int, int] | None = None
    points: Mapping[str, Point] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


Pictures = Sequence[MarkedPicture]


@dataclass(frozen=True)
class AnnotationFormat:
    """A format: `read` takes a text and its file's name (raises TableInvalid), `write` gives the texts of all files."""

    name: str
    read: Callable[[str, str], Pictures]
    write: Callable[[Pictures], Files]


def parsed_json(text: str, name: str) -> Any:
    """The content of a JSON text."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise TableInvalid(f"{name}: is no JSON ({error}); export it again") from error


def wrong(name: str, what: str, fault: object) -> TableInvalid:
    """A file that is not what its format says."""
    return TableInvalid(f"{name}: is no {what} ({type(fault).__name__}: {fault}); choose its format or export it again")


def point_of(x: Any, y: Any) -> Point:
    """A point of two finite numbers; raises ValueError."""
    point = Point(float(x), float(y))
    if not (math.isfinite(point.x) and math.isfinite(point.y)):
        raise ValueError(f"({x}, {y}) is no place")
    return point


def bare_name(path: str) -> str:
    """The last part of a path or an address, without what stands behind `?`."""
    return PurePosixPath(path.partition("?")[0].replace("\\", "/")).name


def shifted(point: Point, by: float) -> Point:
    """The point, right and down."""
    return Point(point.x + by, point.y + by)
