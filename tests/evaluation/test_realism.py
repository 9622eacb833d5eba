"""Measures of drawn films, and the distances between two sets of them."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Point
from opensvh.evaluation.film_measures import FilmMeasures, UprightFilm, background_level, measure_film
from opensvh.evaluation.realism import (
    compare_measures,
    effect_size,
    histogram_distance,
    profile_distance,
    spectrum_distance_db,
)


def drawn_film(seed: int = 0, noise: float = 0.0, ground: float = 0.1) -> UprightFilm:
    """Rays with bright edges over grey tissue for a hand; its joints lie on them."""
    rng = np.random.default_rng(seed)
    pixels = np.full((420, 300), ground, np.float32)
    tissue = np.zeros(pixels.shape, bool)
    tissue[40:400, 40:260] = True
    pixels[tissue] = 0.3
    points = {name: Point(60.0 + 8 * number, 300.0) for number, name in enumerate(POINTS[Limb.HAND])}
    for digit in range(1, 6):
        x = 40 + 40 * digit
        pixels[60:380, x - 9 : x + 10] = 0.7
        pixels[60:380, x - 6 : x + 7] = 0.5
        heights = {"PIP": 110, "MCP": 180, "CMC": 300} if digit > 2 else {"PIP": 110, "MCP": 180}
        names = {"IP1": 110, "MCP1": 180} if digit == 1 else {f"{joint}{digit}": y for joint, y in heights.items()}
        for name, y in names.items():
            pixels[y - 2 : y + 3, x - 9 : x + 10] = 0.2
            points[name] = Point(x, y)
    pixels = np.clip(pixels + noise * rng.normal(size=pixels.shape), 0, 1).astype(np.float32)
    return UprightFilm(f"film{seed}", f"person{seed}", Limb.HAND, pixels, points, tissue)


def measured(count: int = 3, **how: float) -> list[FilmMeasures]:
    return [measure_film(drawn_film(seed, **how)) for seed in range(count)]


def test_levels_of_a_drawn_hand_are_found() -> None:
    measures = measure_film(drawn_film())
    assert measures.scalars["background level"] == pytest.approx(0.1)
    assert measures.scalars["across phalanges: cortex level"] == pytest.approx(0.7, abs=0.03)
    assert measures.scalars["across phalanges: soft tissue, share of cortex"] == pytest.approx(0.2 / 0.6, abs=0.03)
    assert measures.scalars["through PIP: depth of the space, share"] > 0.5
    assert measures.scalars["framing: width / height"] == pytest.approx(300 / 420)
    assert measures.scalars["framing: limb's share of the film"] == pytest.approx(360 * 220 / (420 * 300))
    assert set(measures.patches) == set(POINTS[Limb.HAND])


def test_every_histogram_holds_all_of_its_part() -> None:
    assert [sum(each) for each in measure_film(drawn_film()).histograms.values()] == pytest.approx([1, 1, 1])


def test_grain_is_the_noise_of_the_background() -> None:
    grain = measure_film(drawn_film(noise=0.02)).scalars["grain of the background, of 255"]
    assert grain == pytest.approx(0.02 * 255, rel=0.15)


def test_without_a_silhouette_the_film_itself_tells_the_background() -> None:
    film = drawn_film()
    alone = UprightFilm(film.name, film.group, film.limb, film.pixels, film.points)
    assert background_level(alone) == pytest.approx(0.1)
    assert set(measure_film(alone).histograms) == {"film"}


def test_a_film_without_scale_is_refused_by_name() -> None:
    film = drawn_film()
    with pytest.raises(ValueError, match="film0"):
        measure_film(UprightFilm(film.name, film.group, film.limb, film.pixels, {"PIP3": Point(9, 9)}))


def test_a_set_has_no_distance_from_itself() -> None:
    films = measured()
    figures = compare_measures(films, films)
    for part in ("histograms", "spectra", "profiles"):
        assert {each["distance"] for each in figures[part].values()} == {0}
    assert {each["ks"] for each in figures["scalars"].values()} == {0}


def test_darker_and_noisier_films_differ_where_they_should() -> None:
    figures = compare_measures(measured(noise=0.01), measured(noise=0.03, ground=0.2))
    assert figures["scalars"]["background level"]["effect"] > 3
    assert figures["histograms"]["background"]["distance"] == pytest.approx(0.1, abs=0.02)
    assert figures["spectra"]["joints"]["distance"] > 1


def test_distances_have_their_units() -> None:
    one, other = np.eye(64)[[10]], np.eye(64)[[26]]
    assert histogram_distance(one, other) == pytest.approx(16 / 64)
    assert spectrum_distance_db(np.ones((2, 9)), np.full((2, 9), 100.0)) == pytest.approx(20)
    assert profile_distance(np.zeros((2, 9)), np.full((3, 9), 0.5)) == 0.5
    assert effect_size(np.array([0.0, 2.0]), np.array([3.0, 5.0])) == pytest.approx(3 / np.sqrt(2))
    assert effect_size(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0
