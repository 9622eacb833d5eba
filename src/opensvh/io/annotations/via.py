"""VGG Image Annotator 2 (CSV): one row a region, each joint a `point`; its label is a region attribute.

Coordinates are whole pixels; `cx` 10 is the eleventh column. A joint without a row is not marked.
"""

import csv
import io
import json
from collections.abc import Iterator

from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import (
    AnnotationFormat,
    Files,
    MarkedPicture,
    Pictures,
    bare_name,
    point_of,
    wrong,
)

FILE = "via_region_data.csv"
COLUMNS = (
    "filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes",
    "region_attributes",
)  # fmt: skip
_LABELS = ("joint", "label", "name", "class", "type")
"""Attributes that are looked for a label, in this order; then whatever comes first."""


def read_via(text: str, name: str) -> Pictures:
    """Every file named in the table, those without regions too."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    marks: dict[str, dict[str, Point]] = {}
    try:
        for row in rows:
            points = marks.setdefault(bare_name(row["filename"]), {})
            shape = json.loads(row["region_shape_attributes"] or "{}")
            if shape.get("name") == "point":
                label = _label(json.loads(row["region_attributes"] or "{}"))
                points[label] = point_of(shape["cx"], shape["cy"])
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as fault:
        raise wrong(name, "VIA table (CSV)", fault) from fault
    if not marks:
        raise wrong(name, "VIA table (CSV)", "no rows")
    return tuple(MarkedPicture(file, None, points) for file, points in marks.items())


def write_via(pictures: Pictures) -> Files:
    """One table; places are kept to a thousandth of a pixel, which VIA itself rounds when a point is moved."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in pictures:
        writer.writerows(_rows(each))
    return {FILE: text.getvalue()}


def _label(attributes: dict[str, str]) -> str:
    named = next((attributes[key] for key in _LABELS if attributes.get(key)), None)
    if named is None:
        named = next((value for value in attributes.values() if isinstance(value, str) and value), None)
    if named is None:
        raise ValueError("a point without a region attribute that names its joint")
    return named


def _rows(picture: MarkedPicture) -> Iterator[tuple[object, ...]]:
    count = len(picture.points)
    if not count:
        yield picture.file, -1, "{}", 0, 0, "{}", "{}"
    for number, (label, point) in enumerate(picture.points.items()):
        shape = {"name": "point", "cx": round(point.x, 3), "cy": round(point.y, 3)}
        yield picture.file, -1, "{}", count, number, json.dumps(shape), json.dumps({"joint": label})


VIA = AnnotationFormat("VIA CSV", read_via, write_via)
