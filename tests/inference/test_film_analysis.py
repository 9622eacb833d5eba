"""What the network saw, on the film: turns, boxes and sides of turned and mirrored looks agree."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point, Size
from opensvh.domain.placement import Projection, Skeleton
from opensvh.inference.film_analyser_bundle import AnalyserBundle, AnalyserHeader
from opensvh.inference.film_analysis import LOOKS, FilmAnalyser, on_film, placement_of, seen_back
from opensvh.model.film_analyser import FIRST_FLAG, PEAKS
from opensvh.model.film_analyser_config import FilmAnalyserConfig, LimbLookConfig
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


def test_limb_of_the_picture_is_found_on_the_film() -> None:
    limb = on_film(HAND, overview(np.zeros((1024, 512), np.float32), 256))
    # The film is four times as large as its picture, which is 64 px wider on both sides.
    assert limb.centre == pytest.approx((4 * (100 - 64) - 0.5, 4 * 132 - 0.5))
    assert (limb.length, limb.width) == pytest.approx((640, 360))


def test_box_holds_the_limb_as_it_lies() -> None:
    lying = placement_of(replace(HAND, centre=Point(500, 600), angle_deg=270.0), Size(1000, 640))
    assert lying.turn_cw_deg == pytest.approx(90.0)
    margin = 0.07 * 160
    assert lying.box.left == pytest.approx(500 - 80 - margin, abs=1)
    assert lying.box.right == pytest.approx(500 + 80 + margin, abs=2)
    assert lying.box.top == pytest.approx(600 - 45 - margin, abs=1)
    assert lying.box.bottom == 640


def test_decisions_and_confidences_are_the_networks() -> None:
    placement = placement_of(HAND, Size(256, 256))
    assert (placement.limb, placement.apparent_side) == (Limb.HAND, Side.LEFT)
    assert (placement.projection, placement.skeleton) == (Projection.OBLIQUE, Skeleton.ADULT)
    assert dict(placement.confidence) == pytest.approx(
        {"found": 0.8, "limb": 0.95, "side": 0.9, "turn": 0.97, "projection": 0.8, "skeleton": 0.7, "readable": 0.7}
    )


class SpotFinder(torch.nn.Module):
    """Sees a hand wherever the one bright spot is, its digits towards the right of the film, a third of it long."""

    def forward(self, image: Any) -> Any:
        maps = torch.full((len(image), 12, 32, 32), -8.0)
        maps[:, PEAKS:FIRST_FLAG] = 0.0
        maps[:, 4:6] = -1.1
        for row, (cells, look) in enumerate(zip(torch.nn.functional.max_pool2d(image, 8)[:, 0], LOOKS, strict=True)):
            if cells.max() < 0.5:
                continue
            down, right = divmod(int(cells.argmax()), 32)
            maps[row, 0, down, right] = 8.0
            quarter, mirror = look
            angle = np.radians(90 - 90 * quarter) * (-1 if mirror else 1)
            maps[row, 6], maps[row, 7] = float(np.sin(angle)), -float(np.cos(angle))
        return maps


class Judge(torch.nn.Module):
    """Answers the same of every limb: a right foot, digits turned by so much, as likely a limb as told."""

    def __init__(self, off_deg: float, limb: float = 8.0) -> None:
        super().__init__()
        self._answers, self._off = [-4.0, -4.0, -4.0, 4.0, 9.0, limb], np.radians(off_deg)
        self.looks = 0

    def forward(self, image: Any) -> Any:
        self.looks += 1
        off = self._off if self.looks == 1 else 0.0
        rows = [[*self._answers, side * float(np.sin(off)), -float(np.cos(off))] for side in (1, -1)]
        rows[1][0] *= -1
        return torch.tensor(rows)


def analyser(judge: Judge) -> FilmAnalyser:
    header = AnalyserHeader(model=FilmAnalyserConfig(), look=LimbLookConfig(), threshold=0.3)
    return FilmAnalyser(AnalyserBundle(header, SpotFinder(), judge))  # type: ignore[arg-type]


def film_with_spot() -> np.ndarray:
    pixels = np.zeros((256, 256), np.float32)
    pixels[64:72, 160:168] = 1
    return pixels


def test_close_look_tells_limb_and_side() -> None:
    (found,) = analyser(Judge(0)).analyse(film_with_spot())
    assert (found.limb, found.apparent_side) == (Limb.FOOT, Side.RIGHT)
    assert found.turn_cw_deg == pytest.approx(270, abs=0.1)
    assert found.box.contains(Point(163.5, 67.5))


def test_limb_far_from_upright_is_looked_at_again() -> None:
    judge = Judge(180)
    (found,) = analyser(judge).analyse(film_with_spot())
    assert judge.looks == 2
    assert found.turn_cw_deg == pytest.approx(90, abs=0.1)


def test_what_is_no_limb_from_near_is_none() -> None:
    assert analyser(Judge(0, limb=-9.0)).analyse(film_with_spot()) == ()


def test_empty_film_has_no_limb() -> None:
    assert analyser(Judge(0)).analyse(np.zeros((300, 200), np.float32)) == ()
    assert analyser(Judge(0)).best_score(np.zeros((300, 200), np.float32)) == 0.0
