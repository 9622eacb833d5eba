"""What stands on the score sheet, found in its pixels."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.reporting.dicom.sheet_drawing import drawn_sheet
from opensvh.reporting.palette import UNSCORED, grade_colour


def of_colour(sheet: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((sheet == np.array(colour, np.uint8)).all(axis=-1).sum())


@pytest.fixture(scope="module")
def empty(make: SimpleNamespace) -> NDArray[np.uint8]:
    return drawn_sheet(make.study_of(()), "tiny 3", {})


def test_cells_bear_the_colour_of_their_grade(good: Any, empty: NDArray[np.uint8]) -> None:
    sheet = good["score-sheet"].pixel_array
    narrowing = grade_colour(1 / 4)
    assert of_colour(sheet, narrowing) - of_colour(empty, narrowing) > 30 * 60 * 15


def test_what_has_no_film_or_score_is_grey(good: Any, empty: NDArray[np.uint8]) -> None:
    sheet = good["score-sheet"].pixel_array
    assert of_colour(empty, UNSCORED) > of_colour(sheet, UNSCORED) > 12 * 60 * 15


def test_the_notice_stands_on_red_above_everything(empty: NDArray[np.uint8]) -> None:
    band = empty[62:96]
    assert of_colour(band, (0xB3, 0x26, 0x1E)) > 0.8 * band.shape[0] * band.shape[1]
    assert of_colour(band, (255, 255, 255)) > 500


def test_films_are_on_it(good: Any, empty: NDArray[np.uint8]) -> None:
    place = (slice(300, 700), slice(110, 400))
    assert np.ptp(good["score-sheet"].pixel_array[place]) > 200
    assert np.ptp(empty[place]) < 200


def test_words_of_a_visit_are_no_formula(make: SimpleNamespace) -> None:
    study = replace(make.study_of(()), visit="$W_{24}$ \\frac")
    assert drawn_sheet(study, "tiny 3", {}).shape == (1200, 1600, 3)
