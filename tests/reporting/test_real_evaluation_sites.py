from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from opensvh.domain.anatomy import Kind
from opensvh.reporting.real_evaluation_sites import highest_false_sites

GRADES = {("MTP1", Kind.NARROWING): 2.0, ("MTP2", Kind.EROSION): 2.0, ("MTP5", Kind.EROSION): 9.0}


def on_disk(read: Any, path: Path) -> Any:
    picture = np.zeros((600, 400), np.uint8)
    x, y = read.film.truth.points["MTP1"]
    picture[round(y) - 12, round(x)] = 255
    cv2.imwrite(str(path), picture)
    return replace(read, film=replace(read.film, truth=replace(read.film.truth, path=path)))


def test_sites_stand_by_their_grade_as_a_share_of_its_maximum(made: Any, real_read: Any, tmp_path: Path) -> None:
    read = on_disk(real_read(made(grades=GRADES, uncertain=("MTP5",))), tmp_path / "film.png")
    captions = [shown.caption for shown in highest_false_sites([read])]
    assert captions == ["film, measuring, MTP1: narrowing 2.0 of 4", "film, measuring, MTP2: erosion 2.0 of 10"]


def test_no_film_fills_the_page(made: Any, real_read: Any, tmp_path: Path) -> None:
    reads = [on_disk(real_read(made(name, grade=1.0)), tmp_path / f"{name}.png") for name in ("a", "b")]
    assert len(highest_false_sites(reads)) == 6


def test_the_site_is_shown_with_the_digits_up(made: Any, real_read: Any, tmp_path: Path) -> None:
    read = on_disk(real_read(made(grades=GRADES)), tmp_path / "film.png")
    turned = replace(read, film=replace(read.film, truth=replace(read.film.truth, quarter_turns_cw=2)))
    pictures = []
    for each in (read, turned):
        shown = next(one for one in highest_false_sites([each]) if "MTP1" in one.caption)
        pictures.append(cv2.imdecode(np.frombuffer(shown.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))
    rows = [int(picture.max(1).argmax()) for picture in pictures]
    assert rows[0] < 110 < rows[1]
    assert abs(rows[0] + rows[1] - 219) <= 2


def test_children_and_the_severe_limb_are_not_shown(made: Any, real_read: Any) -> None:
    assert highest_false_sites([real_read(made(severe=True, grade=1.0)), real_read(made(age="child", grade=1.0))]) == []
