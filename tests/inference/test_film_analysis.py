"""What the network saw, on the film: turns, boxes and sides of turned and mirrored looks agree."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Projection, Skeleton
from opensvh.inference.film_analyser_bundle import AnalyserBundle, AnalyserHeader
from opensvh.inference.film_analysis import LOOKS, FilmAnalyser, placement_of, seen_back
from opensvh.model.film_analyser import FIRST_FLAG, PEAKS, FilmAnalyserConfig
from opensvh.preprocessing.overview import overview
from opensvh.targets.limb_maps import SeenLimb, decode_limbs, encode_limbs

HAND = SeenLimb(
    Limb.HAND,
    Point(99.5, 131.5),
    200.0,
    160.0,
    90.0,
    {"left": 0.9, "oblique": 0.8, "growing": 0.3, "readable": 0.7},
    score=0.8,
    limb_share=0.95,
    steadiness=0.97,
)


def looked_at(limb: SeenLimb, quarter_turns: int, mirror: bool, side_px: int = 256) -> SeenLimb:
    """The limb in a picture turned counter-clockwise by quarter turns, then mirrored."""
    x, y, angle = limb.centre.x, limb.centre.y, limb.angle_deg
    for _ in range(quarter_turns):
        x, y, angle = y, side_px - 1 - x, angle - 90
    left = limb.flags["left"]
    if mirror:
        x, angle, left = side_px - 1 - x, -angle, 1 - left
    return replace(limb, centre=Point(x, y), angle_deg=angle % 360, flags={**limb.flags, "left": left})


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_tells_of_the_same_limb(look: tuple[int, bool]) -> None:
    (seen,) = decode_limbs(seen_back(encode_limbs([looked_at(HAND, *look)], 256).maps, *look), 0.5)
    assert seen.centre == pytest.approx(HAND.centre, abs=0.01)
    assert seen.angle_deg == pytest.approx(HAND.angle_deg, abs=0.1)
    assert (seen.length, seen.width) == pytest.approx((HAND.length, HAND.width), rel=1e-3)
    assert dict(seen.flags) == pytest.approx(dict(HAND.flags), abs=1e-6)


def test_placement_is_on_the_film_as_stored() -> None:
    pixels = np.zeros((1024, 512), np.float32)
    frame = overview(pixels, 256).frame
    placement = placement_of(replace(HAND, angle_deg=270.0), frame, Box(0, 0, 512, 1024))
    assert placement.turn_cw_deg == pytest.approx(90.0)
    # Lying on its side, 160 px long and 90 wide of 256; the film is four times as large, 64 px narrower on both sides.
    middle, margin = (4 * (99.5 - 64), 4 * 131.5), 0.07 * 160 * 4
    assert placement.box.left == max(0, round(middle[0] - 4 * 80 - margin))
    assert placement.box.right == pytest.approx(middle[0] + 4 * 80 + margin, abs=4)
    assert placement.box.top == pytest.approx(middle[1] - 4 * 45 - margin, abs=4)
    assert placement.box.bottom == pytest.approx(middle[1] + 4 * 45 + margin, abs=4)


def test_decisions_and_confidences_are_the_maps() -> None:
    placement = placement_of(HAND, overview(np.zeros((256, 256), np.float32), 256).frame, Box(0, 0, 256, 256))
    assert (placement.limb, placement.apparent_side) == (Limb.HAND, Side.LEFT)
    assert (placement.projection, placement.skeleton) == (Projection.OBLIQUE, Skeleton.ADULT)
    assert dict(placement.confidence) == pytest.approx(
        {"found": 0.8, "limb": 0.95, "side": 0.9, "turn": 0.97, "projection": 0.8, "skeleton": 0.7, "readable": 0.7}
    )


class Drawn(torch.nn.Module):
    """A network that sees a hand wherever one bright spot is, its digits towards the top of what it is shown."""

    def forward(self, image: Any) -> Any:
        maps = torch.full((len(image), 12, 32, 32), -8.0)
        cells = torch.nn.functional.max_pool2d(image, 8)
        for row, each in enumerate(cells[:, 0]):
            if each.max() < 0.5:
                continue
            down, right = divmod(int(each.argmax()), 32)
            maps[row, 0, down, right] = 8.0
        maps[:, PEAKS:FIRST_FLAG] = 0.0
        return maps


def analyser() -> FilmAnalyser:
    header = AnalyserHeader(model=FilmAnalyserConfig(), threshold=0.3)
    return FilmAnalyser(AnalyserBundle(header, Drawn()))  # type: ignore[arg-type]


def test_looks_are_averaged_where_they_agree() -> None:
    pixels = np.zeros((256, 256), np.float32)
    pixels[64:72, 160:168] = 1
    (found,) = analyser().analyse(pixels)
    assert found.limb is Limb.HAND
    assert found.confidence["found"] > 0.9


def test_empty_film_has_no_limb() -> None:
    assert analyser().analyse(np.zeros((300, 200), np.float32)) == ()
    assert analyser().best_score(np.zeros((300, 200), np.float32)) < 0.3
