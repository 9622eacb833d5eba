"""Whose limb of the patient a film shows, left or right, and what speaks against it.

Options, the manifest, DICOM tags and the file's name go first (`io.identity`), then a letter on the film. Where the
thumb or the big toe lies tells how the limb looks, not whose it is: the two differ on a film seen from the other side.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.placement import LimbPlacement
from opensvh.io.identity import KnownFilm
from opensvh.preprocessing.side_marker import SideMarker

SIDE_WORDS = {Side.LEFT: "left", Side.RIGHT: "right"}
FIRST_DIGIT = {Limb.HAND: "thumb", Limb.FOOT: "big toe"}
FRONTAL_VIEW = {Limb.HAND: "PA", Limb.FOOT: "DP"}


class NamedSide(NamedTuple):
    """Whose limb of the patient a film is said to show and by whom, None where nobody says; what contradicts it."""

    side: Side | None
    source: str
    doubts: tuple[str, ...] = ()


def nearest(letters: Sequence[SideMarker], limb: LimbPlacement, limbs: Sequence[LimbPlacement]) -> Sequence[SideMarker]:
    """The letters that lie nearer to this limb than to any other."""

    def away(letter: SideMarker, other: LimbPlacement) -> float:
        (x, y), (u, v) = letter.box.centre, other.box.centre
        return math.hypot(x - u, y - v)

    return [letter for letter in letters if all(away(letter, limb) <= away(letter, other) for other in limbs)]


def named_side(known: KnownFilm, letters: Sequence[SideMarker]) -> NamedSide:
    """Whose limb it is said to be: by options, manifest, tags or name, or else by its letter where that is plain."""
    sides = {letter.side for letter in letters}
    if len(sides) != 1:
        return NamedSide(known.side, known.source)
    (side,), word = sides, SIDE_WORDS[letters[0].side]
    mirrored = all(letter.mirrored for letter in letters)
    doubts = [f"the letter for {word} reads as in a mirror: the film is stored mirrored"] if mirrored else []
    if known.side is None:
        return NamedSide(side, "the letter on the film", tuple(doubts))
    if known.side is not side:
        doubts.append(f"named {SIDE_WORDS[known.side]} ({known.source}), the letter on the film says {word}")
    return NamedSide(known.side, known.source, tuple(doubts))


def side_doubts(named: NamedSide, placement: LimbPlacement) -> Iterator[str]:
    """What a reader should know of the side, in sentences without capital and full stop."""
    limb, apparent = placement.limb, SIDE_WORDS[placement.apparent_side]
    lies = f"the {FIRST_DIGIT[limb]} lies as on a {apparent} {limb} read {FRONTAL_VIEW[limb]}"
    if named.side is None:
        yield f"no side is named: taken for the {apparent} {limb}, since {lies}; give --side if it is not"
    elif named.side is not placement.apparent_side:
        yield (
            f"named {SIDE_WORDS[named.side]} ({named.source}), but {lies}: seen from the other side, stored mirrored, "
            "or the side is wrong"
        )
    yield from named.doubts
