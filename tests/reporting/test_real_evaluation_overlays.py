from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from opensvh.reporting.real_evaluation_overlays import badness, worst_films


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.png"
    cv2.imwrite(str(path), np.tile(np.arange(400, dtype=np.uint8) // 4, (600, 1)))
    return path


def on_disk(read: Any, path: Path) -> Any:
    return replace(read, film=replace(read.film, truth=replace(read.film.truth, path=path)))


def test_the_worst_film_of_each_limb_comes_first(made: Any, real_read: Any, film: Path) -> None:
    reads = [on_disk(real_read(made(f"film {n}", off_px=n)), film) for n in (1, 9, 3, 0, 2)]
    captions = [each.caption for each in worst_films(reads)]
    assert [caption.split(",")[0] for caption in captions] == ["film 9", "film 3", "film 2", "film 1"]
    assert captions[0].endswith("mean error 2.25 %, worst IP1 2.2 %")


def test_missed_joints_are_bad_but_not_infinitely(made: Any, real_read: Any) -> None:
    assert badness(real_read(made(lost=("MTP1",)))) == pytest.approx(10 / 6)
    assert badness(real_read(made(refused="blank"))) == 10


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_found_joints_are_red_where_they_lie_with_the_digits_up(
    made: Any, real_read: Any, film: Path, turns: int
) -> None:
    read = on_disk(real_read(made()), film)
    read = replace(read, film=replace(read.film, truth=replace(read.film.truth, quarter_turns_cw=turns)))
    [worst] = worst_films([read])
    picture = cv2.imdecode(np.frombuffer(worst.jpeg, np.uint8), cv2.IMREAD_COLOR).astype(int)
    red = np.argwhere(picture[..., 2] - picture[..., 1] > 100)
    x, y = read.film.truth.points["MTP5"]
    left, top, right, bottom = 76, 76, 324, 524
    across, down = (x - left + 0.5) / (right - left), (y - top + 0.5) / (bottom - top)
    place = {0: (down, across), 1: (across, 1 - down), 2: (1 - down, 1 - across), 3: (1 - across, down)}[turns]
    wanted = np.array(place) * picture.shape[:2]
    assert np.linalg.norm(red - wanted, axis=1).min() < 4
