"""A whole film edited: the same each time, with grades that tell what was done, and nothing where nothing was asked."""

from collections.abc import Mapping

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.edited_films.edit import EditedFilm, edited
from opensvh.simulation.edited_films.places import Picture

Foot = tuple[Picture, Mapping[str, Point]]
Asked = Mapping[tuple[str, Kind], float]


def edit(foot: Foot, asked: Asked, seed: int = 0, guarded: bool = False) -> EditedFilm:
    return edited(*foot, Limb.FOOT, Side.LEFT, asked, np.random.default_rng(seed), guarded)


def test_without_damage_the_film_and_its_points_stay(foot: Foot) -> None:
    film = edit(foot, {})
    np.testing.assert_array_equal(film.pixels, foot[0])
    assert film.points == foot[1]
    assert set(film.grades.values()) == {0}
    assert len(film.grades) == 12


def test_the_same_seed_gives_the_same_film(foot: Foot) -> None:
    asked = {("MTP2", Kind.EROSION): 4.0, ("MTP2", Kind.NARROWING): 3.0}
    one, again, other = edit(foot, asked, 1, True), edit(foot, asked, 1, True), edit(foot, asked, 2, True)
    np.testing.assert_array_equal(one.pixels, again.pixels)
    assert np.any(one.pixels != other.pixels)


def test_grades_are_those_of_the_damage_and_zero_elsewhere(foot: Foot) -> None:
    film = edit(foot, {("MTP1", Kind.NARROWING): 2.2, ("MTP5", Kind.EROSION): 5.6})
    assert film.grades["MTP1", Kind.NARROWING] == 2
    assert film.grades["MTP5", Kind.EROSION] == 6
    assert sum(film.grades.values()) == 8
    assert {(each.site, each.kind) for each in film.edits} == {("MTP1", Kind.NARROWING), ("MTP5", Kind.EROSION)}


@pytest.mark.parametrize("damage", [1.0, 2.0, 3.0])
def test_more_narrowing_slides_further(foot: Foot, damage: float) -> None:
    less, more = (
        np.mean([edit(foot, {("MTP1", Kind.NARROWING): each}, seed).edits[0].slide.along_mm for seed in range(12)])
        for each in (damage, damage + 1)
    )
    assert more > less


def test_damage_that_cannot_be_shown_is_not_told(foot: Foot) -> None:
    blank = np.full_like(foot[0], 0.4)
    film = edited(blank, foot[1], Limb.FOOT, Side.LEFT, {("MTP1", Kind.NARROWING): 3.0}, np.random.default_rng(0))
    assert film.grades["MTP1", Kind.NARROWING] == 0
    assert film.edits == ()


def test_a_site_off_the_film_has_no_grade(foot: Foot) -> None:
    pixels, points = foot
    without = {name: point for name, point in points.items() if name != "MTP4"}
    film = edited(pixels, without, Limb.FOOT, Side.LEFT, {}, np.random.default_rng(0))
    assert ("MTP4", Kind.EROSION) not in film.grades


def test_guards_change_the_film_but_no_grade(foot: Foot) -> None:
    film = edit(foot, {}, guarded=True)
    assert np.any(film.pixels != foot[0])
    assert set(film.grades.values()) == {0}
