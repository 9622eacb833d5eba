"""Whose limb it is: who is named goes first, then the letter; contradictions are told."""

import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.inference.laterality import NamedSide, named_side, nearest, side_doubts
from opensvh.io.identity import KnownFilm
from opensvh.preprocessing.side_marker import SideMarker

NAMED_LEFT = KnownFilm("P", Limb.HAND, Side.LEFT, source="file name")


def letter(side: Side, left: int = 0, mirrored: bool = False) -> SideMarker:
    return SideMarker(side, Box(left, 0, left + 10, 12), mirrored, 0, 0.95)


def seen(side: Side, left: int = 0) -> LimbPlacement:
    return LimbPlacement(Limb.HAND, side, 0.0, Box(left, 50, left + 100, 250))


def test_without_name_and_letter_nobody_says() -> None:
    assert named_side(KnownFilm("P"), []) == NamedSide(None, "")
    [doubt] = side_doubts(NamedSide(None, ""), seen(Side.RIGHT))
    assert doubt.startswith(
        "no side is named: taken for the right hand, since the thumb lies as on a right hand read PA"
    )


def test_the_letter_names_the_side_where_nobody_else_does() -> None:
    named = named_side(KnownFilm("P"), [letter(Side.RIGHT)])
    assert named == NamedSide(Side.RIGHT, "the letter on the film")
    assert list(side_doubts(named, seen(Side.RIGHT))) == []
    [doubt] = side_doubts(named, seen(Side.LEFT))
    assert doubt.startswith("named right (the letter on the film), but the thumb lies as on a left hand")


def test_the_name_goes_before_the_letter_and_the_contradiction_is_told() -> None:
    named = named_side(NAMED_LEFT, [letter(Side.RIGHT)])
    assert (named.side, named.source) == (Side.LEFT, "file name")
    assert list(side_doubts(named, seen(Side.LEFT))) == ["named left (file name), the letter on the film says right"]


def test_two_letters_that_differ_say_nothing() -> None:
    assert named_side(KnownFilm("P"), [letter(Side.LEFT), letter(Side.RIGHT, 50)]).side is None


@pytest.mark.parametrize("known", [KnownFilm("P"), NAMED_LEFT])
def test_a_letter_in_a_mirror_tells_that_the_film_is_mirrored(known: KnownFilm) -> None:
    named = named_side(known, [letter(Side.LEFT, mirrored=True)])
    assert named.side is Side.LEFT
    assert "stored mirrored" in named.doubts[0]


def test_of_two_limbs_each_has_the_letter_beside_it() -> None:
    limbs = [seen(Side.LEFT), seen(Side.RIGHT, 300)]
    letters = [letter(Side.LEFT, 20), letter(Side.RIGHT, 380)]
    assert [nearest(letters, limb, limbs) for limb in limbs] == [[letters[0]], [letters[1]]]
