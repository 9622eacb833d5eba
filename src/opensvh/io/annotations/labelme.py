"""LabelMe: one JSON file a picture, each joint a shape of type `point`; a joint without a shape is not marked.

The origin is the outer corner of the first pixel, as on LabelMe's canvas.
"""

import json
from pathlib import PurePosixPath
from typing import Any

from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import (
    CORNER,
    AnnotationFormat,
    Files,
    MarkedPicture,
    Pictures,
    bare_name,
    parsed_json,
    point_of,
    shifted,
    wrong,
)

_VERSION = "5.5.0"


def read_labelme(text: str, name: str) -> Pictures:
    """The file's one picture."""
    content = parsed_json(text, name)
    try:
        points: dict[str, Point] = {}
        for shape in content["shapes"]:
            if shape.get("shape_type", "point") == "point":
                points[shape["label"]] = shifted(point_of(*shape["points"][0]), -CORNER)
        width, height = content.get("imageWidth"), content.get("imageHeight")
        size = (int(width), int(height)) if width and height else None
        return (MarkedPicture(bare_name(content["imagePath"]), size, points),)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as fault:
        raise wrong(name, "LabelMe file", fault) from fault


def write_labelme(pictures: Pictures) -> Files:
    """One file a picture, under the picture's name."""
    files = {}
    for each in pictures:
        width, height = each.size or (None, None)
        shapes: list[dict[str, Any]] = [
            {
                "label": label,
                "points": [[point.x + CORNER, point.y + CORNER]],
                "group_id": None,
                "shape_type": "point",
                "flags": {},
            }
            for label, point in each.points.items()
        ]
        content: dict[str, Any] = {
            "version": _VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": each.file,
            "imageData": None,
        }
        content |= {"imageHeight": height, "imageWidth": width}
        files[f"{PurePosixPath(each.file).stem}.json"] = json.dumps(content, indent=1)
    return files


LABELME = AnnotationFormat("LabelMe", read_labelme, write_labelme)
