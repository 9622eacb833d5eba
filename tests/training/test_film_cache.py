"""What is stored shows each joint where its point says, is built once, and goes on where it was stopped."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb, Side, joint_class
from opensvh.domain.geometry import Point
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.io.tables import FilmRecord
from opensvh.preprocessing.config import CropConfig, PreprocessingConfig
from opensvh.training import film_cache
from opensvh.training.config import Preset
from opensvh.training.film_cache import CropLayout, limb_box, open_cache, stored_film


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the films read so far."""
    names: list[str] = []

    def noted(path: Path) -> Radiograph:
        names.append(path.name)
        return read_film(path)

    monkeypatch.setattr(film_cache, "read_film", noted)
    return names


@pytest.mark.parametrize("limb", Limb)
@pytest.mark.parametrize("side", Side)
def test_a_joint_s_dot_lies_at_its_stored_point(
    films: tuple[FilmRecord, ...], tiny: Preset, limb: Limb, side: Side
) -> None:
    film = next(film for film in films if (film.limb, film.side) == (limb, side))
    crop, points = stored_film(film, CropLayout.of(tiny), tiny.preprocessing)
    assert np.flatnonzero(~np.isnan(points[:, 0])).tolist() == sorted(joint_class(limb, name) for name in film.points)
    for x, y in points[~np.isnan(points[:, 0])]:
        column, row = round(float(x)), round(float(y))
        near = crop[row - 3 : row + 4, column - 3 : column + 4].astype(float)
        weight = np.clip(near - np.percentile(near, 50), 0, None)
        rows, columns = np.mgrid[row - 3 : row + 4, column - 3 : column + 4]
        assert (weight * columns).sum() / weight.sum() == pytest.approx(x, abs=0.4)
        assert (weight * rows).sum() / weight.sum() == pytest.approx(y, abs=0.4)


def test_a_right_limb_is_stored_as_a_left_one(films: tuple[FilmRecord, ...], tiny: Preset) -> None:
    left, right = (next(film for film in films if (film.limb, film.side) == (Limb.HAND, side)) for side in Side)
    assert left.points["PIP2"].x < left.points["PIP5"].x
    assert right.points["PIP2"].x > right.points["PIP5"].x
    layout = CropLayout.of(tiny)
    np.testing.assert_allclose(
        stored_film(left, layout, tiny.preprocessing)[1], stored_film(right, layout, tiny.preprocessing)[1], atol=0.01
    )


def test_joints_that_are_not_marked_are_not_stored(films: tuple[FilmRecord, ...], tiny: Preset) -> None:
    _, points = stored_film(replace(films[1], points={}), CropLayout.of(tiny), tiny.preprocessing)
    assert np.isnan(points).all()


def test_each_film_is_read_once_and_none_when_all_are_stored(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    told: list[int] = []
    first = open_cache(tmp_path, films, tiny, told.append)
    assert sorted(reads) == sorted(film.path.name for film in films)
    assert told == list(range(13))
    told.clear()
    again = open_cache(tmp_path, films, tiny, told.append)
    assert len(reads) == 12
    assert told == [12]
    np.testing.assert_array_equal(again.pixels, first.pixels)
    np.testing.assert_array_equal(again.points, first.points)
    for index, film in enumerate(films):
        np.testing.assert_array_equal(
            first.pixels[index], stored_film(film, CropLayout.of(tiny), tiny.preprocessing)[0]
        )


def test_a_build_that_was_stopped_goes_on_with_the_films_it_lacks(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    def stopped_after_five(done: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_cache(tmp_path / "stopped", films, tiny, stopped_after_five)
    reads.clear()
    told: list[int] = []
    cache = open_cache(tmp_path / "stopped", films, tiny, told.append)
    assert told[0] == 5
    assert len(set(reads)) == len(reads) == 7
    whole = open_cache(tmp_path / "whole", films, tiny)
    np.testing.assert_array_equal(cache.pixels, whole.pixels)
    np.testing.assert_array_equal(cache.points, whole.points)


def test_a_stop_does_not_wait_for_the_films_that_are_left(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    def stopped_at_once(done: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    many = [film for _ in range(20) for film in films]
    with pytest.raises(KeyboardInterrupt):
        open_cache(tmp_path, many, tiny, stopped_at_once)
    assert len(reads) < len(many) / 2


def is_built_anew(films: Sequence[FilmRecord], preset: Preset, folder: Path, reads: list[str]) -> bool:
    reads.clear()
    open_cache(folder, films, preset)
    return bool(reads)


def test_moved_joints_or_another_picture_are_stored_anew(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    assert is_built_anew(films, tiny, tmp_path, reads)
    moved = replace(films[0], points={**films[0].points, "MTP1": Point(50, 50)})
    assert is_built_anew([moved, *films[1:]], tiny, tmp_path, reads)
    larger = tiny.model_copy(update={"preprocessing": PreprocessingConfig(width=128, height=128)})
    assert is_built_anew(films, larger, tmp_path, reads)
    assert not is_built_anew(films, tiny, tmp_path, reads)


def test_a_film_written_anew_is_stored_anew(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    picture = cv2.imread(str(films[1].path), cv2.IMREAD_GRAYSCALE)
    own = replace(films[1], path=tmp_path / "A-LH.png")
    cv2.imwrite(str(own.path), picture)
    assert is_built_anew([own], tiny, tmp_path / "cache", reads)
    assert not is_built_anew([own], tiny, tmp_path / "cache", reads)
    cv2.imwrite(str(own.path), 255 - picture)
    assert is_built_anew([own], tiny, tmp_path / "cache", reads)


def test_training_alone_changes_nothing_stored(
    films: tuple[FilmRecord, ...], tiny: Preset, tmp_path: Path, reads: list[str]
) -> None:
    assert is_built_anew(films, tiny, tmp_path, reads)
    other = tiny.model_copy(update={"training": tiny.training.model_copy(update={"learning_rate": 0.1, "seed": 4})})
    assert not is_built_anew(films, other, tmp_path, reads)


def test_where_no_limb_is_seen_the_joints_say_where_it_lies() -> None:
    black = np.zeros((400, 300), np.float32)
    marked = {name: Point(100 + 3 * i, 150 + 5 * i) for i, name in enumerate(POINTS[Limb.HAND])}
    config = PreprocessingConfig(width=96, height=96, crop=CropConfig())
    whole = limb_box(black, Limb.HAND, {}, config)
    assert (whole.width, whole.height) == (300, 400)
    outside = {**marked, "ULNA": Point(700, 150)}
    box = limb_box(black, Limb.HAND, outside, config)
    assert all(box.contains(point) for point in outside.values())
