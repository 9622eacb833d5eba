from typing import Any

import pytest

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.real_reads import of_half
from opensvh.evaluation.real_split import Half


@pytest.mark.parametrize(
    ("what", "ordinary", "oblique"),
    [
        ({}, True, False),
        ({"age": "child"}, False, False),
        ({"severe": True}, False, False),
        ({"view": "oblique"}, True, True),
    ],
)
def test_an_ordinary_film_is_of_an_adult_without_arthritis(
    made: Any, real_read: Any, what: dict[str, Any], ordinary: bool, oblique: bool
) -> None:
    film = real_read(made(**what)).film
    assert (film.ordinary, film.oblique) == (ordinary, oblique)


def test_a_half_holds_its_films_and_none_holds_all(made: Any, real_read: Any) -> None:
    reads = [real_read(made("a")), real_read(made("b", half=Half.TUNING))]
    assert of_half(reads, Half.TUNING) == reads[1:]
    assert of_half(reads, None) == reads


def test_a_told_limb_is_the_marked_one_wherever_it_was_cut_out(made: Any, real_read: Any) -> None:
    read = real_read(made(limb=Limb.HAND, off_px=3))
    assert read.found is read.reading is read.outcome.limbs[0]
    assert {round(error.error_px, 6) for error in read.errors(certain=False)} == {3.0}
