"""Label Studio (JSON): key points in percent of the picture's width and height, from its outer corner.

A joint that is not visible has no result. Uploaded pictures carry eight characters and a hyphen before their name.
"""

import json
import re
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

FILE = "label_studio.json"
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")
_PERCENT = 100.0


def read_label_studio(text: str, name: str) -> Pictures:
    """Every task with its last annotation that was not cancelled."""
    tasks = parsed_json(text, name)
    try:
        if not isinstance(tasks, list):
            raise TypeError("its content is no list of tasks")
        return tuple(_picture(task) for task in tasks)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as fault:
        raise wrong(name, "Label Studio export (JSON)", fault) from fault


def write_label_studio(pictures: Pictures) -> Files:
    """One file of tasks; pictures need their sizes."""
    tasks = []
    for number, each in enumerate(pictures, start=1):
        if each.size is None:
            raise ValueError(f"{each.file}: percent need the picture's size")
        results = [_result(label, shifted(point, CORNER), each.size) for label, point in each.points.items()]
        tasks.append({"id": number, "data": {"image": each.file}, "annotations": [{"result": results}]})
    return {FILE: json.dumps(tasks, indent=1)}


def _picture(task: dict[str, Any]) -> MarkedPicture:
    file = next(value for value in task["data"].values() if isinstance(value, str))
    file = _UPLOADED.sub("", bare_name(file))
    annotations = [each for each in task["annotations"] if not each.get("was_cancelled")]
    points: dict[str, Point] = {}
    size = None
    for result in annotations[-1]["result"] if annotations else []:
        labels = result.get("value", {}).get("keypointlabels")
        if not labels:
            continue
        size = (int(result["original_width"]), int(result["original_height"]))
        value = result["value"]
        across, down = float(value["x"]) * size[0] / _PERCENT, float(value["y"]) * size[1] / _PERCENT
        points[labels[0]] = shifted(point_of(across, down), -CORNER)
    return MarkedPicture(file, size, points)


def _result(label: str, point: Point, size: tuple[int, int]) -> dict[str, Any]:
    return {
        "type": "keypointlabels",
        "from_name": "joint",
        "to_name": "image",
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": 0,
        "value": {
            "x": point.x / size[0] * _PERCENT,
            "y": point.y / size[1] * _PERCENT,
            "width": 0.5,
            "keypointlabels": [label],
        },
    }


LABEL_STUDIO = AnnotationFormat("Label Studio", read_label_studio, write_label_studio)
