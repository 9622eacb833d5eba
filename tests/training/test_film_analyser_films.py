"""How a limb lies is told by its joints, or by a row of a table; what is unsure is asked of nobody."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.io.tables import FilmRecord
from opensvh.training.film_analyser_films import (
    LABEL_COLUMNS,
    labelled_films,
    mean_shape,
    seen_by_joints,
    simulated_films,
)

FOOT = {
    "IP1": Point(151, -103),
    "MTP1": Point(131, 27),
    "MTP2": Point(26, -2),
    "MTP3": Point(-38, 1),
    "MTP4": Point(-101, 19),
    "MTP5": Point(-171, 60),
}
"""A left foot, toes up."""


def turned(points: dict[str, Point], degrees_cw: float) -> dict[str, Point]:
    cosine, sine = math.cos(math.radians(degrees_cw)), math.sin(math.radians(degrees_cw))
    return {name: Point(x * cosine - y * sine + 500, x * sine + y * cosine + 700) for name, (x, y) in points.items()}


def shape() -> dict[str, complex]:
    return mean_shape([FilmRecord("P", Limb.FOOT, Side.LEFT, Path("P-LF.png"), FOOT)])


@pytest.mark.parametrize("degrees", [0.0, 90.0, 200.0, 340.0])
def test_turned_foot_is_seen_turned(degrees: float) -> None:
    upright = seen_by_joints(Limb.FOOT, Side.LEFT, turned(FOOT, 0), shape(), {})
    seen = seen_by_joints(Limb.FOOT, Side.LEFT, turned(FOOT, degrees), shape(), {})
    assert math.remainder(seen.angle_deg - degrees, 360) == pytest.approx(0, abs=0.01)
    assert (seen.length, seen.width) == pytest.approx((upright.length, upright.width), abs=2)
    assert seen.side is Side.LEFT
    (centre,) = turned({"c": Point(upright.centre.x - 500, upright.centre.y - 700)}, degrees).values()
    assert seen.centre == pytest.approx(centre, abs=2)


def test_right_foot_is_the_left_one_in_a_mirror() -> None:
    mirrored = {name: Point(-x, y) for name, (x, y) in turned(FOOT, 30).items()}
    left = seen_by_joints(Limb.FOOT, Side.LEFT, turned(FOOT, 30), shape(), {})
    right = seen_by_joints(Limb.FOOT, Side.RIGHT, mirrored, shape(), {})
    assert right.side is Side.RIGHT
    assert right.angle_deg == pytest.approx(330, abs=0.01)
    assert right.centre == pytest.approx((-left.centre.x, left.centre.y), abs=2)


def test_dataset_tells_limb_and_side(film_set: Path) -> None:
    films = simulated_films(film_set)
    assert {(film.limbs[0].limb, film.limbs[0].side) for film in films} == {
        (limb, side) for limb in Limb for side in Side
    }
    assert not any("growing" in film.limbs[0].flags for film in films)


def test_children_are_growing_where_the_folder_tells(film_set: Path) -> None:
    table = film_set / "patients.csv"
    table.write_text("patient,child\nA,True\nB,False\n")
    try:
        growing = {film.person: film.limbs[0].flags.get("growing") for film in simulated_films(film_set)}
    finally:
        table.unlink()
    assert growing == {"A": 1.0, "B": 0.0, "C": None}


def written(folder: Path, *rows: str) -> Path:
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.zeros((200, 100), np.uint8))
    table = folder / "labels.csv"
    table.write_text("\n".join([",".join(LABEL_COLUMNS), *rows]) + "\n")
    return table


def test_rows_by_eye_become_limbs(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "a.png,hand,frontal,down,right,0,0,0.5,1,whole,adult,1",
        "a.png,foot,lateral,left,,0.5,0.5,1,1,whole,,1",
        "b.png,none,,,,,,,,,,1",
    )
    first, second = labelled_films(tmp_path, table)
    hand, foot = first.limbs
    assert (hand.angle_deg, hand.length, hand.width, hand.side) == (180.0, 200.0, 50.0, Side.LEFT)
    assert hand.flags == {"left": 1.0, "oblique": 0.0, "growing": 0.0, "readable": 1.0}
    assert (foot.angle_deg, foot.length, foot.width) == (270.0, 50.0, 100.0)
    assert foot.flags == {"readable": 0.0}
    assert second.limbs == ()


def test_unsure_limbs_count_nothing_and_alone_leave_their_film_out(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "a.png,hand,frontal,up,right,0,0,0.5,1,whole,,1",
        "a.png,hand,bent,,,0.5,0,1,1,cut,,1",
        "b.png,hand,frontal,up,,,,,,cut,,1",
    )
    (film,) = labelled_films(tmp_path, table)
    assert [limb.score for limb in film.limbs] == [1.0, 0.0]


def test_row_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match=r"row 2 \(a\.png\)"):
        labelled_films(tmp_path, written(tmp_path, "a.png,paw,frontal,up,,,,,,whole,,1"))
    (tmp_path / "labels.csv").write_text("file,limb\n")
    with pytest.raises(DatasetInvalid, match="lacks the columns view"):
        labelled_films(tmp_path, tmp_path / "labels.csv")
