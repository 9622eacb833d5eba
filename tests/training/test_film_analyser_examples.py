"""Example n of a run is a function of seed and n; films without a limb ask for none."""

from pathlib import Path

import numpy as np
import pytest

from opensvh.training.film_analyser_cache import SmallFilm, small_films
from opensvh.training.film_analyser_examples import Shares, SheetSource, nothing_drawn, varied_example
from opensvh.training.film_analyser_films import simulated_films


@pytest.fixture(scope="module")
def source(film_set: Path, tmp_path_factory: pytest.TempPathFactory) -> SheetSource:
    return SheetSource.of(small_films(tmp_path_factory.mktemp("cache"), simulated_films(film_set)))


def test_same_seed_and_number_same_example(source: SheetSource) -> None:
    first, again, other = (varied_example(source, Shares(), 64, 5, number) for number in (3, 3, 4))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first.image, other.image)


def test_examples_are_whole(source: SheetSource) -> None:
    for number in range(12):
        example = varied_example(source, Shares(), 64, 0, number)
        assert example.image.shape == (1, 64, 64)
        assert example.maps.shape == example.weights.shape == (12, 8, 8)
        assert np.isfinite(example.image).all()
        assert example.image.min() >= 0
        assert example.image.max() <= 1


def test_films_without_limbs_ask_for_none(source: SheetSource) -> None:
    for number in range(6):
        assert not varied_example(source, Shares(none=1.0), 64, 0, number).maps.any()


def test_nothing_drawn_is_no_even_field() -> None:
    rng = np.random.default_rng(0)
    assert all(nothing_drawn(64, rng).std() > 0.01 for _ in range(10))


def test_real_films_come_as_often_as_asked(source: SheetSource) -> None:
    films = source.simulated
    real = tuple(SmallFilm(film.pixels, film.limbs, film.ground, True, film.person) for film in films)
    both = SheetSource(films, real, ())
    rng = np.random.default_rng(0)
    share = np.mean([both.with_limb(0.4, rng).is_real for _ in range(400)])
    assert share == pytest.approx(0.4, abs=0.08)


def test_films_are_read_once(film_set: Path, tmp_path: Path) -> None:
    films = simulated_films(film_set)
    first = small_films(tmp_path, films)
    stored = [path.stat().st_mtime_ns for path in tmp_path.iterdir()]
    again = small_films(tmp_path, films)
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == stored
    assert all(np.array_equal(one.pixels, two.pixels) for one, two in zip(first, again, strict=True))
    assert first[0].pixels.shape == (160, 120)
