"""Which films are compared, and how they lie then."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.errors import DatasetInvalid
from opensvh.workflows.compared_films import RealChoice, real_films, simulated_films, upright

SetMaker = Callable[[Path, int], Path]


def test_children_and_named_films_are_left_out_unless_asked_for(tmp_path: Path, marked_films: SetMaker) -> None:
    folder = marked_films(tmp_path / "real", 4)
    names = [film.name for film in real_films(folder, RealChoice(without="film1"))]
    assert names == ["film0.png", "film2.png"]
    assert len(real_films(folder, RealChoice(without="", children=True))) == 4


def test_films_of_both_sets_lie_alike(tmp_path: Path, marked_films: SetMaker, simulated_set: SetMaker) -> None:
    real = upright(real_films(marked_films(tmp_path / "real", 2), RealChoice())[0])
    left, right = (upright(film) for film in simulated_films(simulated_set(tmp_path / "simulated", 1)))
    for film in (left, right):
        assert film.points.keys() == real.points.keys()
        gaps = [abs(film.points[name].y - real.points[name].y) for name in film.points]
        assert max(gaps) < 0.01
        assert film.points["MCP1"].x == pytest.approx(real.points["MCP1"].x)
    assert np.abs(left.pixels - right.pixels).max() < 1e-6


def test_a_folder_without_records_says_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match=r"joints\.json"):
        real_films(tmp_path, RealChoice())


def test_nothing_left_to_compare_is_said(tmp_path: Path, marked_films: SetMaker) -> None:
    with pytest.raises(DatasetInvalid, match="leave fewer out"):
        real_films(marked_films(tmp_path / "real", 2), RealChoice(without="film"))


def test_a_dataset_without_joints_is_refused(tmp_path: Path, simulated_set: SetMaker) -> None:
    folder = simulated_set(tmp_path / "simulated", 1)
    (folder / "joints.csv").unlink()
    with pytest.raises(DatasetInvalid, match=r"joints\.csv"):
        simulated_films(folder)
