"""Labels become joints by a mapping file or by what they plainly mean; a preview tells what would be lost."""

import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Point
from opensvh.io.annotations.mapping import JointNames, guessed, preview, read_mapping
from opensvh.io.annotations.pictures import MarkedPicture


@pytest.mark.parametrize(
    ("label", "point"),
    [("mcp 2", "MCP2"), ("MCP_II", "MCP2"), ("pip-3", "PIP3"), ("mc1 base", "MC1_BASE"), ("nail", None), ("2", None)],
)
def test_plain_labels_are_guessed_and_others_are_not(label: str, point: str | None) -> None:
    assert guessed(label) == point


def test_every_joint_is_known_under_its_own_name() -> None:
    assert all(guessed(point) == point for limb in Limb for point in POINTS[limb])


def test_a_mapping_goes_before_the_guess_and_scales_millimetres() -> None:
    text = 'mm_per_px = 0.5\n[labels]\n"MCP2" = "MCP3"\n"nail" = ""\n[films]\n"a.png" = "K1-LH.png"\n'
    points = {"MCP2": Point(10, 20), "nail": Point(1, 1), "pip 4": Point(3, 4)}
    named = read_mapping(text, "names.toml").named(MarkedPicture("a.png", None, points))
    assert named.file == "K1-LH.png"
    assert named.points == {"MCP3": Point(20, 40), "PIP4": Point(6, 8)}


@pytest.mark.parametrize("text", ["labels = 3", "{", '[labels]\n"a" = "MCP9"', "colour = 1"])
def test_an_impossible_mapping_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"names\.toml"):
        read_mapping(text, "names.toml")


def test_a_preview_names_unknown_labels_and_films() -> None:
    pictures = [
        MarkedPicture("K1-LH.png", (10, 10), {"MCP2": Point(1, 1), "nail": Point(2, 2)}),
        MarkedPicture("K9-LH.png", (10, 10), {"MCP2": Point(11, 1)}, frozenset({"PIP2"})),
    ]
    found = preview(pictures, JointNames(), ["K1-LH.dcm"])
    assert (found.pictures, found.points, found.outside) == (2, 1, 1)
    assert found.labels == {"MCP2": (2, "MCP2"), "PIP2": (1, "PIP2"), "nail": (1, None)}
    assert found.unknown_films == ("K9-LH.png",)
