"""3D Slicer markups (`.mrk.json`): one file a picture with a fiducial list in mm, LPS or RAS, a pixel's centre whole.

The file names no picture: it goes by its own name, `P001-LH.mrk.json`. A picture without a size in mm is loaded by
Slicer with 1 mm a pixel, and so it is written here; x runs to the patient's left and y to the back, which in LPS are
columns and rows. Control points that are `undefined` or `missing` are joints not visible.
"""

import json
from pathlib import PurePosixPath
from typing import Any

from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import (
    AnnotationFormat,
    Files,
    MarkedPicture,
    Pictures,
    parsed_json,
    point_of,
    wrong,
)

SUFFIX = ".mrk.json"
_SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
    "markups-schema-v1.0.3.json#"
)
_SIGNS = {"LPS": 1.0, "RAS": -1.0, "0": -1.0, "1": 1.0}
"""Coordinate system, by name or by Slicer's older number -> sign of both axes."""


def read_slicer(text: str, name: str) -> Pictures:
    """The file's one picture, under the file's own name without a suffix."""
    content = parsed_json(text, name)
    points: dict[str, Point] = {}
    absent: set[str] = set()
    try:
        for markup in content["markups"]:
            sign = _SIGNS[str(markup.get("coordinateSystem", "LPS"))]
            for control in markup["controlPoints"]:
                if control.get("positionStatus", "defined") == "defined":
                    x, y = control["position"][:2]
                    points[control["label"]] = point_of(sign * x, sign * y)
                else:
                    absent.add(control["label"])
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise wrong(name, "markups file of 3D Slicer", fault) from fault
    stem = PurePosixPath(name).name.removesuffix(SUFFIX).removesuffix(".json")
    return (MarkedPicture(stem, None, points, frozenset(absent - set(points))),)


def write_slicer(pictures: Pictures) -> Files:
    """One file a picture."""
    return {f"{PurePosixPath(each.file).stem}{SUFFIX}": json.dumps(_content(each), indent=1) for each in pictures}


def _content(picture: MarkedPicture) -> dict[str, Any]:
    found: list[tuple[str, Point | None]] = [
        *picture.points.items(),
        *((label, None) for label in sorted(picture.absent)),
    ]
    controls = [
        {
            "id": str(number),
            "label": label,
            "position": [point.x, point.y, 0.0] if point else [0.0, 0.0, 0.0],
            "positionStatus": "defined" if point else "missing",
        }
        for number, (label, point) in enumerate(found, start=1)
    ]
    markup = {"type": "Fiducial", "coordinateSystem": "LPS", "coordinateUnits": "mm", "controlPoints": controls}
    return {"@schema": _SCHEMA, "markups": [markup]}


SLICER = AnnotationFormat("3D Slicer markups", read_slicer, write_slicer)
