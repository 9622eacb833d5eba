"""COCO keypoints: one JSON file for all pictures, `[x, y, v]` for each joint of a category, v = 0 not marked.

Coordinates are 0-indexed pixels (https://cocodataset.org/#format-data), so a pixel's centre is at whole numbers. v = 1
is marked although covered, 2 marked and seen; both are points here.
"""

import json
from typing import Any

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import (
    AnnotationFormat,
    Files,
    MarkedPicture,
    Pictures,
    bare_name,
    parsed_json,
    point_of,
    wrong,
)

FILE = "coco_keypoints.json"
_ABSENT, _SEEN = 0, 2
_ORDER = tuple(dict.fromkeys(point for limb in Limb for point in POINTS[limb]))


def read_coco(text: str, name: str) -> Pictures:
    """Every picture with its first annotation's keypoints; several of one picture are put together."""
    content = parsed_json(text, name)
    try:
        labels = {each["id"]: list(each["keypoints"]) for each in content["categories"] if "keypoints" in each}
        marks: dict[Any, tuple[dict[str, Point], set[str]]] = {}
        for annotation in content["annotations"]:
            points, absent = marks.setdefault(annotation["image_id"], ({}, set()))
            _take(annotation["keypoints"], labels[annotation["category_id"]], points, absent)
        return tuple(_picture(image, *marks.get(image["id"], ({}, set()))) for image in content["images"])
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise wrong(name, "COCO keypoints file", fault) from fault


def write_coco(pictures: Pictures) -> Files:
    """One file; pictures on which the same joints are marked, or said to be absent, share a category."""
    joints = [tuple(sorted((*each.points, *each.absent), key=_place)) for each in pictures]
    categories = {labels: number for number, labels in enumerate(dict.fromkeys(joints), start=1)}
    numbered = list(enumerate(zip(pictures, joints, strict=True), start=1))
    content = {
        "images": [_image(number, each) for number, (each, _) in numbered],
        "annotations": [_annotation(number, categories[labels], each, labels) for number, (each, labels) in numbered],
        "categories": [
            {"id": number, "name": f"limb {number}", "keypoints": list(labels), "skeleton": []}
            for labels, number in categories.items()
        ],
    }
    return {FILE: json.dumps(content, indent=1)}


def _place(label: str) -> tuple[int, str]:
    """Joints in the site table's order, other labels behind them."""
    return (_ORDER.index(label) if label in _ORDER else len(_ORDER)), label


def _image(number: int, picture: MarkedPicture) -> dict[str, Any]:
    width, height = picture.size or (0, 0)
    return {"id": number, "file_name": picture.file, "width": width, "height": height}


def _take(numbers: list[float], labels: list[str], points: dict[str, Point], absent: set[str]) -> None:
    if len(numbers) != 3 * len(labels):
        raise ValueError(f"{len(numbers)} numbers for {len(labels)} keypoints")
    for place, label in enumerate(labels):
        x, y, seen = numbers[3 * place : 3 * place + 3]
        if seen == _ABSENT:
            absent.add(label)
        else:
            points[label] = point_of(x, y)


def _picture(image: dict[str, Any], points: dict[str, Point], absent: set[str]) -> MarkedPicture:
    size = (int(image["width"]), int(image["height"])) if image.get("width") and image.get("height") else None
    return MarkedPicture(bare_name(image["file_name"]), size, points, frozenset(absent - set(points)))


def _annotation(number: int, category: int, picture: MarkedPicture, labels: tuple[str, ...]) -> dict[str, Any]:
    points = list(picture.points.values())
    left, top = min((p.x for p in points), default=0.0), min((p.y for p in points), default=0.0)
    right, bottom = max((p.x for p in points), default=0.0), max((p.y for p in points), default=0.0)
    numbers: list[float] = []
    for label in labels:
        point = picture.points.get(label)
        numbers += [0, 0, _ABSENT] if point is None else [point.x, point.y, _SEEN]
    return {
        "id": number,
        "image_id": number,
        "category_id": category,
        "keypoints": numbers,
        "num_keypoints": len(points),
        "bbox": [left, top, right - left, bottom - top],
        "area": (right - left) * (bottom - top),
        "iscrowd": 0,
    }


COCO = AnnotationFormat("COCO keypoints", read_coco, write_coco)
