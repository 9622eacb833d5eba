"""CVAT for images 1.1 (XML): points, alone or in a skeleton; `outside="1"` says that a joint is not visible.

The origin is the outer corner of the first pixel (https://docs.cvat.ai, XML annotation format).
"""

from xml.etree import ElementTree

from opensvh.domain.errors import TableInvalid
from opensvh.domain.geometry import Point
from opensvh.io.annotations.pictures import (
    CORNER,
    AnnotationFormat,
    Files,
    MarkedPicture,
    Pictures,
    bare_name,
    point_of,
    shifted,
    wrong,
)

FILE = "annotations.xml"


def read_cvat(text: str, name: str) -> Pictures:
    """Every picture; a label that occurs twice counts as its last."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # entities can expand without end
        raise TableInvalid(f"{name}: declares a DOCTYPE, which CVAT never writes; export it again")
    try:
        root = ElementTree.fromstring(text)
        if root.tag != "annotations":
            raise ValueError(f"its root is <{root.tag}>")
        return tuple(_picture(image) for image in root.iter("image"))
    except (ElementTree.ParseError, KeyError, ValueError) as fault:
        raise wrong(name, "CVAT file (for images 1.1)", fault) from fault


def write_cvat(pictures: Pictures) -> Files:
    """One file, each joint a shape of its own."""
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    for number, each in enumerate(pictures):
        width, height = each.size or (0, 0)
        told = {"id": str(number), "name": each.file, "width": str(width), "height": str(height)}
        image = ElementTree.SubElement(root, "image", told)
        skeleton = ElementTree.SubElement(image, "skeleton", {"label": "limb", "source": "manual", "z_order": "0"})
        for label, point in each.points.items():
            _joint(skeleton, label, shifted(point, CORNER), "0")
        for label in sorted(each.absent):
            _joint(skeleton, label, Point(0.0, 0.0), "1")
    ElementTree.indent(root)
    return {FILE: '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"}


def _picture(image: ElementTree.Element) -> MarkedPicture:
    points: dict[str, Point] = {}
    absent: set[str] = set()
    for shape in image.iter("points"):
        label = shape.attrib["label"]
        if shape.get("outside") == "1":
            absent.add(label)
            continue
        x, _, y = shape.attrib["points"].partition(";")[0].partition(",")
        points[label] = shifted(point_of(x, y), -CORNER)
    width, height = int(image.get("width", "0")), int(image.get("height", "0"))
    size = (width, height) if width and height else None
    return MarkedPicture(bare_name(image.attrib["name"]), size, points, frozenset(absent - set(points)))


def _joint(skeleton: ElementTree.Element, label: str, point: Point, outside: str) -> None:
    told = {"label": label, "outside": outside, "occluded": "0", "points": f"{point.x:.3f},{point.y:.3f}"}
    ElementTree.SubElement(skeleton, "points", told)


CVAT = AnnotationFormat("CVAT XML", read_cvat, write_cvat)
