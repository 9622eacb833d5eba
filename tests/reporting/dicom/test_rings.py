"""The rings of overlays."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from highdicom.color import CIELabColor
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.reporting.dicom.overlay import overlay
from opensvh.reporting.dicom.rings import ring_radius
from opensvh.reporting.palette import grade_colour

LAYERS = ["EROSION", "NARROWING", "NOT SCORED"]


def annotation(state: Dataset, layer: str) -> Dataset:
    [found] = [each for each in state.GraphicAnnotationSequence if each.GraphicLayer == layer]
    return found


def test_there_is_a_layer_a_kind(good: Any) -> None:
    state = good["overlay-LH"]
    assert [layer.GraphicLayer for layer in state.GraphicLayerSequence] == LAYERS
    assert [each.GraphicLayer for each in state.GraphicAnnotationSequence] == ["EROSION", "NARROWING"]
    assert len(annotation(state, "EROSION").GraphicObjectSequence) == 16
    assert len(annotation(state, "NARROWING").GraphicObjectSequence) == 15


def test_a_ring_is_a_circle_about_the_joint_in_the_colour_of_its_grade(good: Any) -> None:
    film = good.study.films[0]
    ring = annotation(good["overlay-LH"], "EROSION").GraphicObjectSequence[0]
    point = film.points["IP1"]
    column, row, edge, edge_row = ring.GraphicData
    assert (ring.GraphicType, ring.GraphicAnnotationUnits) == ("CIRCLE", "PIXEL")
    assert (column, row, edge_row) == (point.x + 0.5, point.y + 0.5, point.y + 0.5)
    assert edge - column == pytest.approx(ring_radius(film, Kind.EROSION), abs=1e-3)
    [style] = ring.LineStyleSequence
    assert list(style.PatternOnColorCIELabValue) == list(CIELabColor.from_rgb(*grade_colour(2 / 5)).value)


def test_a_ring_has_the_tracking_uid_of_its_group_in_the_report(good: Any) -> None:
    ring = annotation(good["overlay-LF"], "NARROWING").GraphicObjectSequence[0]
    assert ring.TrackingID == "Left foot IP hallux"
    assert ring.TrackingUID in str(good["sites"])


def test_damage_is_written_beside_the_ring(good: Any) -> None:
    texts = {each.UnformattedTextValue for each in annotation(good["overlay-LF"], "EROSION").TextObjectSequence}
    assert texts == {"E3"}


def test_everything_stays_on_the_image(tmp_path: Path, make: SimpleNamespace) -> None:
    """Joints at the right and lower edge, and one beyond it."""
    path = tmp_path / "film.dcm"
    make.write_film(path, Limb.FOOT, Side.LEFT)
    film = make.film_reading(path, Limb.FOOT, Side.LEFT)
    rows, columns = make.size
    moved = tuple(make.moved(each, columns - 1, rows - 1) for each in film.sites[:6]) + tuple(
        make.moved(each, columns + 9, -4) for each in film.sites[6:]
    )
    run = make.run(make.study_of((make.with_sites(film, moved),)))
    for each in overlay(run, run.sources[0], 1).GraphicAnnotationSequence:
        places = [xy for ring in each.GraphicObjectSequence for xy in zip(*[iter(ring.GraphicData)] * 2, strict=True)]
        for text in each.TextObjectSequence:
            places += [tuple(text.BoundingBoxTopLeftHandCorner), tuple(text.BoundingBoxBottomRightHandCorner)]
        assert all(0 <= x <= columns and 0 <= y <= rows for x, y in places)


def test_joints_without_a_score_have_grey_rings_of_their_own(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "film.dcm"
    make.write_film(path, Limb.FOOT, Side.LEFT)
    film = make.film_reading(path, Limb.FOOT, Side.LEFT)
    unscored = make.with_sites(film, tuple(make.unscored(each) for each in film.sites))
    run = make.run(make.study_of((unscored,)))
    [only] = overlay(run, run.sources[0], 1).GraphicAnnotationSequence
    assert (only.GraphicLayer, len(only.GraphicObjectSequence)) == ("NOT SCORED", 12)
    assert {text.UnformattedTextValue for text in only.TextObjectSequence} == {"E-", "N-"}
