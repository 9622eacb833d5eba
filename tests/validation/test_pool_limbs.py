import csv
import os
from collections import Counter
from pathlib import Path

import pytest
from pool_limbs import LABELS, POOL, Part, View, films_without_limb, pool_limbs
from real_films import read_split

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Box, Size

COLUMNS = "file,same_as,near,limb,view,digits,thumb,x0,y0,x1,y1,part,age,over,sure,readable"


def written(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join([COLUMNS, *rows]) + "\n")
    return path


def test_digits_down_with_the_thumb_then_on_the_right_look_like_a_left_hand_to_turn_half_round(tmp_path: Path) -> None:
    (limb,) = pool_limbs(written(tmp_path, "a.jpg,,,hand,frontal,down,right,,,,,whole,,,1,0"))
    assert (limb.limb, limb.turn_cw_deg, limb.apparent_side) == (Limb.HAND, 180.0, Side.LEFT)


def test_digits_to_the_left_come_up_by_a_quarter_turn_clockwise(tmp_path: Path) -> None:
    (limb,) = pool_limbs(written(tmp_path, "a.jpg,,,foot,lateral,left,,,,,,whole,,,1,0"))
    assert (limb.turn_cw_deg, limb.apparent_side) == (90.0, None)


def test_a_rough_box_is_told_in_pixels_of_the_film(tmp_path: Path) -> None:
    half, whole = pool_limbs(
        written(
            tmp_path,
            "a.jpg,,,hand,frontal,up,left,0.50,0.10,1.00,0.90,whole,,,1,0",
            "b.jpg,,,hand,frontal,up,left,,,,,whole,,,1,0",
        )
    )
    assert half.box(Size(200, 100)) == Box(100, 10, 200, 90)
    assert whole.box(Size(200, 100)) == Box(0, 0, 200, 100)


@pytest.mark.parametrize(
    "row", ["a.jpg,,,hand,sideways,up,,,,,,whole,,,1,0", "a.jpg,,,hand,frontal,up,,0.9,0.1,0.5,0.9,whole,,,1,0"]
)
def test_a_row_that_no_column_allows_is_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="line 2"):
        pool_limbs(written(tmp_path, row))


def test_limbs_that_share_a_film_each_have_a_box() -> None:
    limbs = pool_limbs()
    films = Counter(limb.file for limb in limbs)
    assert all(limb.fractions for limb in limbs if films[limb.file] > 1)


def test_a_film_without_a_limb_has_one_row_that_says_nothing_else() -> None:
    limbs = pool_limbs()
    films = Counter(limb.file for limb in limbs)
    empty = films_without_limb(limbs)
    assert empty
    assert all(films[file] == 1 for file in empty)
    assert all(limb.view is None and limb.part is None for limb in limbs if limb.limb is None)


def test_a_readable_limb_is_whole_frontal_sure_and_bare() -> None:
    readable = [limb for limb in pool_limbs() if limb.readable]
    assert {limb.limb for limb in readable} == {Limb.HAND, Limb.FOOT}
    assert all(limb.view is View.FRONTAL and limb.part is Part.WHOLE and limb.sure for limb in readable)
    assert all(limb.apparent_side and limb.cover is None for limb in readable)


def test_every_film_of_the_pool_is_labelled_and_no_other() -> None:
    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS names no folder with the real films and their pool")
    with (Path(folder) / POOL / "pool.csv").open(newline="") as file:
        films = {row["file"] for row in csv.DictReader(file)}
    assert {limb.file for limb in pool_limbs(LABELS)} == films


def test_the_same_picture_under_two_names_shows_the_same_limbs() -> None:
    shown: dict[str, list[tuple[object, ...]]] = {}
    for limb in pool_limbs():
        seen = (limb.limb, limb.view, limb.turn_cw_deg, limb.apparent_side, limb.part, limb.skeleton)
        shown.setdefault(limb.file, []).append(seen)
    twins = {(limb.file, limb.same_as) for limb in pool_limbs() if limb.same_as}
    assert twins
    assert all(shown[file] == shown[first] for file, first in twins)


def test_a_limb_near_marked_films_names_their_groups(tmp_path: Path) -> None:
    (limb,) = pool_limbs(written(tmp_path, "a.jpg,,IMG1 IMG2,hand,frontal,up,left,,,,,whole,,,1,0"))
    assert limb.near == ("IMG1", "IMG2")
    assert {group for limb in pool_limbs() for group in limb.near} <= set(read_split())
