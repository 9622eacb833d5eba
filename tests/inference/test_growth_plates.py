"""Bones drawn beside the joints of the mean limb, with and without a dark line across them."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import BundleInvalid
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement, Pose, Skeleton
from opensvh.domain.reading import FilmReading
from opensvh.inference import growth_plates
from opensvh.inference.growth_plates import (
    BONE_ENDS,
    COLUMNS,
    FEATURES,
    growing_worth,
    plate_profiles,
    shipped_plate_weights,
    with_plates,
)
from opensvh.inference.shape_model import canonical_points, fitted
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.annotations.records import read_records
from opensvh.io.image import read_film

SIDE_PX, LENGTH_PX = 1400, 1000.0
PLATE_AT = {"proximal phalanx": 0.025, "middle phalanx": 0.018, "metacarpal head": 0.052, "radius": 0.038}
"""Of an open plate from its joint, in limb lengths: 4 to 10 mm of a hand."""


def joints(limb: Limb) -> dict[str, Point]:
    mean = shipped_shape_models()[limb].mean * LENGTH_PX + SIDE_PX / 2
    return {name: Point(float(x), float(y)) for name, (x, y) in zip(POINTS[limb], mean, strict=True)}


def drawn(plates: bool) -> np.ndarray:
    """A hand's bone ends as bars from their joints on, each with its subchondral line and a waist that is brighter;
    where there are `plates`, a dark line between two bright ones."""
    film = np.full((SIDE_PX, SIDE_PX), 0.3, np.float32)
    points = joints(Limb.HAND)
    for end in BONE_ENDS[Limb.HAND]:
        way = np.array(points[end.far]) - np.array(points[end.near]) if end.near else np.array([0.0, -1.0])
        way = way / np.hypot(*way) * (-1 if end.backwards else 1) * LENGTH_PX
        across = 0.02 * np.array([-way[1], way[0]])
        for at in np.arange(0, 0.14, 0.001):
            place = np.array(points[end.at]) + at * way
            level = 0.45 + 0.03 * _bone(at) + 0.03 * plates * _plate(at - PLATE_AT[end.kind])
            cv2.line(film, _pixel(place - across), _pixel(place + across), level, 3)
    return film


def _bone(at: float) -> float:
    return 2.4 * _bump(at - 0.005, 0.003) - 1.2 * _bump(at - 0.027, 0.012) + 0.7 * _bump(at - 0.08, 0.025)


def _plate(at: float) -> float:
    return 1.8 * _bump(abs(at) - 0.008, 0.003) - 2.5 * _bump(at, 0.003)


def _bump(at: float, width: float) -> float:
    return float(np.exp(-((at / width) ** 2)))


def _pixel(place: np.ndarray) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def seen(pixels: np.ndarray, skeleton: Skeleton = Skeleton.ADULT) -> LimbPlacement:
    limb, box = Limb.HAND, Box(0, 0, SIDE_PX, SIDE_PX)
    placement = LimbPlacement(limb, Side.LEFT, 0.0, box, skeleton=skeleton, confidence={"skeleton": 0.97, "limb": 0.9})
    return with_plates(pixels, FilmReading("P", "film.png", limb, Side.LEFT, (), box, joints(limb)), placement)


def test_open_plates_tell_a_growing_hand() -> None:
    growing, adult = (seen(drawn(plates)) for plates in (True, False))
    assert (growing.skeleton, adult.skeleton) == (Skeleton.GROWING, Skeleton.ADULT)
    assert 0.5 < growing.confidence["skeleton"] < 1
    assert growing.confidence["limb"] == 0.9


def test_a_turned_mirrored_hand_shows_the_same() -> None:
    fit = fitted(shipped_shape_models()[Limb.HAND], canonical_points(joints(Limb.HAND), Pose()))
    assert fit is not None
    film = drawn(plates=True)
    turned = np.ascontiguousarray(np.rot90(film[:, ::-1]))
    points = {name: Point(y, x) for name, (x, y) in joints(Limb.HAND).items()}
    plain = plate_profiles(Limb.HAND, film, joints(Limb.HAND), Pose(), fit)
    other = plate_profiles(Limb.HAND, turned, points, Pose(90.0, mirrored=True), fit)
    for kind, profiles in plain.items():
        assert np.allclose(profiles, _mirrored(other[kind]), atol=0.05)


def _mirrored(profiles: list[np.ndarray]) -> np.ndarray:
    """The same lines seen from the other side."""
    cells = np.stack(profiles).reshape(len(profiles), -1, COLUMNS)
    return cells[:, :, ::-1].reshape(len(profiles), -1)


def test_what_the_analyser_says_of_growth_stands() -> None:
    placement = seen(drawn(plates=False), Skeleton.GROWING)
    assert (placement.skeleton, placement.confidence["skeleton"]) == (Skeleton.GROWING, 0.97)


def test_with_too_few_bone_ends_nothing_is_said() -> None:
    assert growing_worth(shipped_plate_weights()[Limb.HAND], {"radius": [np.zeros(FEATURES)]}) is None


@pytest.mark.parametrize("content", ["{}", "no json", json.dumps({"site_table": "0", "limbs": {}})])
def test_damaged_weights_are_named(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "growth_plates.json").write_text(content)
    monkeypatch.setattr(growth_plates, "SHIPPED_WEIGHTS", tmp_path / "growth_plates.json")
    with pytest.raises(BundleInvalid, match=r"growth_plates\.json: holds no weights"):
        shipped_plate_weights.__wrapped__()


MISSED = "films/feet/IMG0002307.jpg"
"""An adolescent's foot with closing plates."""


@pytest.mark.slow
@pytest.mark.parametrize(("limb", "children"), [(Limb.HAND, 1), (Limb.FOOT, 3)])
def test_no_marked_adult_is_called_growing_and_children_are(limb: Limb, children: int) -> None:
    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS names no folder with the real films and joints.json")
    called = {"adult": 0, "child": 0}
    for film in read_records(Path(folder)):
        if film.limb is not limb or film.file == MISSED:
            continue
        placement = LimbPlacement(film.limb, film.side, 90.0 * film.quarter_turns_cw, film.box)
        reading = FilmReading("P", film.file, film.limb, film.side, (), film.box, film.points)
        called[film.age] += with_plates(read_film(film.path).pixels, reading, placement).skeleton is Skeleton.GROWING
    assert called == {"adult": 0, "child": children}
