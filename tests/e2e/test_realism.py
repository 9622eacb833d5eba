"""The marked real films can all be measured for a comparison with simulated ones.

The folder that `OPENSVH_REAL_FILMS` names holds the films and their records in `joints.json`; none comes with OpenSvH.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.evaluation.film_measures import measure_film
from opensvh.workflows.compared_films import RealChoice, real_films, upright

REAL_FILMS = "OPENSVH_REAL_FILMS"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get(REAL_FILMS), reason=f"{REAL_FILMS} is not set: real films are not measured"),
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(os.environ[REAL_FILMS])


def test_adults_without_arthritis_are_compared(folder: Path) -> None:
    films = real_films(folder, RealChoice())
    assert Counter(film.limb for film in films) == {Limb.HAND: 12, Limb.FOOT: 20}
    assert not any("severe" in film.name for film in films)
    assert len(real_films(folder, RealChoice(without="", children=True))) == 38


def test_every_film_shows_its_limb_bright_on_a_darker_background(folder: Path) -> None:
    for film in real_films(folder, RealChoice()):
        whole = upright(film)
        assert whole.tissue is not None, film.name
        measures = measure_film(whole)
        assert measures.scalars["background level"] < measures.scalars["across phalanges: cortex level"], film.name
        assert measures.patches.keys() == set(POINTS[film.limb]), film.name
