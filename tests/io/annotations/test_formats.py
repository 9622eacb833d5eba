"""Every format of joint marks: what is written is read again, and what the programs themselves write is understood."""

import json

import pytest

from opensvh.domain.errors import TableInvalid
from opensvh.domain.geometry import Point
from opensvh.io.annotations.formats import FORMATS
from opensvh.io.annotations.pictures import MarkedPicture

HAND = MarkedPicture("K1-LH.png", (800, 1200), {"MCP2": Point(100.25, 200.5), "PIP3": Point(0.0, 1199.0)})
FOOT = MarkedPicture("K1-LF.png", (600, 900), {"MTP1": Point(300.0, 400.125)}, frozenset({"MTP5"}))
KEEPS_ABSENT = ("coco", "cvat", "slicer")
LABEL_STUDIO = [
    {
        "data": {"image": "/data/upload/1/0a1b2c3d-K1-LH.png"},
        "annotations": [
            {
                "result": [
                    {
                        "type": "keypointlabels",
                        "original_width": 200,
                        "original_height": 100,
                        "value": {"x": 50.0, "y": 25.0, "width": 0.4, "keypointlabels": ["MCP2"]},
                    }
                ]
            }
        ],
    }
]
COCO = {
    "images": [{"id": 7, "file_name": "folder/K1-LH.png", "width": 200, "height": 100}],
    "annotations": [{"image_id": 7, "category_id": 3, "keypoints": [10, 20, 2, 30, 40, 1, 0, 0, 0]}],
    "categories": [{"id": 3, "keypoints": ["MCP2", "MCP3", "MCP4"]}],
}
CVAT = """<?xml version="1.0"?><annotations><image id="0" name="a/K1-LH.png" width="200" height="100">
<points label="MCP2" points="10.50,20.50" occluded="0"/>
<skeleton label="hand"><points label="MCP3" outside="0" points="30.5,40.5"/>
<points label="MCP4" outside="1" points="1,1"/></skeleton></image></annotations>"""
LABELME = {
    "imagePath": "..\\K1-LH.png",
    "imageWidth": 200,
    "imageHeight": 100,
    "shapes": [{"label": "MCP2", "points": [[10.5, 20.5]], "shape_type": "point"}],
}
VIA = (
    "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
    'K1-LH.png,123,"{}",1,0,"{""name"":""point"",""cx"":10,""cy"":20}","{""bone"":""MCP2""}"\n'
)
SLICER = {
    "markups": [
        {
            "coordinateSystem": "RAS",
            "controlPoints": [
                {"label": "MCP2", "position": [-10.0, -20.0, 0.0], "positionStatus": "defined"},
                {"label": "MCP4", "position": [0, 0, 0], "positionStatus": "undefined"},
            ],
        }
    ]
}
FOREIGN = {
    "coco": (json.dumps(COCO), {"MCP2": (10, 20), "MCP3": (30, 40)}, {"MCP4"}),
    "cvat": (CVAT, {"MCP2": (10, 20), "MCP3": (30, 40)}, {"MCP4"}),
    "label-studio": (json.dumps(LABEL_STUDIO), {"MCP2": (99.5, 24.5)}, set()),
    "labelme": (json.dumps(LABELME), {"MCP2": (10, 20)}, set()),
    "via": (VIA, {"MCP2": (10, 20)}, set()),
    "slicer": (json.dumps(SLICER), {"MCP2": (10, 20)}, {"MCP4"}),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_again(name: str) -> None:
    files = FORMATS[name].write([HAND, FOOT])
    read = {
        each.file.removesuffix(".png"): each for file, text in files.items() for each in FORMATS[name].read(text, file)
    }
    for picture in (HAND, FOOT):
        back = read[picture.file.removesuffix(".png")]
        assert {label: pytest.approx(point, abs=1e-3) for label, point in picture.points.items()} == back.points
        assert back.absent == (picture.absent if name in KEEPS_ABSENT else frozenset())


@pytest.mark.parametrize("name", FORMATS)
def test_what_the_programs_write_is_understood(name: str) -> None:
    text, points, absent = FOREIGN[name]
    (picture,) = FORMATS[name].read(text, "K1-LH.mrk.json")
    assert picture.file.removesuffix(".png") == "K1-LH"
    assert {label: tuple(point) for label, point in picture.points.items()} == points
    assert picture.absent == absent


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", "<annotations", "<other/>", '{"images": 3}', "a,b\n1,2\n"])
def test_other_files_are_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(TableInvalid, match=r"marks\.txt"):
        FORMATS[name].read(text, "marks.txt")


@pytest.mark.parametrize("place", ["nan", "inf"])
def test_places_that_are_none_are_refused(place: str) -> None:
    with pytest.raises(TableInvalid, match="no place"):
        FORMATS["cvat"].read(CVAT.replace("10.50", place), "a.xml")


def test_entities_are_not_expanded() -> None:
    with pytest.raises(TableInvalid, match="DOCTYPE"):
        FORMATS["cvat"].read('<!DOCTYPE a [<!ENTITY b "c">]><annotations/>', "a.xml")
