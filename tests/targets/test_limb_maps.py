"""Limbs go into maps and come back; what is too close is one limb, what is ignored is asked of nobody."""

from dataclasses import replace

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.model import film_analyser
from opensvh.targets import limb_maps
from opensvh.targets.limb_maps import SeenLimb, decode_limbs, encode_limbs

HAND = SeenLimb(Limb.HAND, Point(70.3, 141.8), 200.0, 160.0, 90.0, {"left": 1.0, "oblique": 0.0, "growing": 1.0})
FOOT = SeenLimb(Limb.FOOT, Point(200.0, 100.0), 15.0, 120.0, 50.0, {"left": 0.0, "readable": 1.0})


def test_two_limbs_come_back_from_their_maps() -> None:
    found = decode_limbs(encode_limbs([HAND, FOOT], 256).maps, 0.5)
    assert {each.limb for each in found} == {Limb.HAND, Limb.FOOT}
    for given in (HAND, FOOT):
        (seen,) = (each for each in found if each.limb is given.limb)
        assert seen.centre == pytest.approx(given.centre, abs=0.01)
        assert (seen.angle_deg, seen.length, seen.width) == pytest.approx(
            (given.angle_deg, given.length, given.width), rel=1e-3
        )
        assert seen.side is given.side
        assert {name: seen.flags[name] for name in given.flags} == pytest.approx(dict(given.flags))


def test_side_is_unknown_without_a_thumb() -> None:
    assert replace(HAND, flags={}).side is None
    assert replace(HAND, flags={"left": 0.1}).side is Side.RIGHT


def test_unknown_flags_weigh_nothing() -> None:
    weights = encode_limbs([FOOT], 256).weights
    by_flag = dict(zip(limb_maps.FLAGS, weights[limb_maps.FIRST_FLAG :], strict=True))
    assert by_flag["left"].any()
    assert by_flag["readable"].any()
    assert not by_flag["oblique"].any()
    assert not by_flag["growing"].any()


def test_ignored_limb_is_neither_peak_nor_background() -> None:
    targets = encode_limbs([FOOT], 256, ignored=[HAND])
    row, column = round(HAND.centre.y / 8), round(HAND.centre.x / 8)
    assert not targets.weights[:, row, column].any()
    assert decode_limbs(targets.maps, 0.5)[0].limb is Limb.FOOT
    assert targets.weights[0, -1, 0] == 1


def test_second_peak_on_one_limb_is_no_second_limb() -> None:
    beside = replace(HAND, centre=Point(HAND.centre.x + 40, HAND.centre.y))
    assert len(decode_limbs(encode_limbs([HAND, beside], 256).maps, 0.5)) == 1


def test_nothing_is_found_below_the_threshold() -> None:
    maps = encode_limbs([HAND], 256).maps
    maps[:2] *= 0.4
    assert decode_limbs(maps, 0.5) == ()
    assert decode_limbs(np.zeros_like(maps), 0.5) == ()


def test_network_and_maps_agree_on_the_channels() -> None:
    assert film_analyser.CHANNELS == limb_maps.CHANNELS
    assert len(limb_maps.LIMBS) == film_analyser.PEAKS
    assert film_analyser.FIRST_FLAG == limb_maps.FIRST_FLAG
