"""A perfect analyser gets full marks on every copy, a blind one none, and one that ignores the mirror loses there."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement
from opensvh.io.annotations.records import MarkedFilm
from opensvh.workflows.measure_analyser import COPIES, analyser_figures, copies, lying

POINTS = {"PIP3": Point(30, 20), "MCP1": Point(60, 60), "RADCAR": Point(40, 90)}


@pytest.fixture
def film(tmp_path: Path) -> MarkedFilm:
    pixels = np.zeros((130, 110), np.uint8)
    for level, point in zip((250, 180, 110), POINTS.values(), strict=True):
        cv2.circle(pixels, (int(point.x), int(point.y)), 5, (level,), -1)
    cv2.imwrite(str(tmp_path / "film.png"), pixels)
    box = Box(10, 5, 80, 110)
    certain: frozenset[str] = frozenset()
    path = tmp_path / "film.png"
    return MarkedFilm("film.png", path, Limb.HAND, Side.LEFT, None, 0, box, POINTS, certain, "PA", "adult", "g")


def spots(pixels: NDArray[np.float32]) -> list[complex]:
    """Centres of the three spots, the brightest first."""
    count, labels, _, centres = cv2.connectedComponentsWithStats((pixels > 0.2).astype(np.uint8))
    bodies = sorted(range(1, count), key=lambda body: -float(pixels[labels == body].max()))
    return [complex(*centres[body]) for body in bodies]


def perfect(pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
    """Reads the spots."""
    tip, thumb, wrist = spots(pixels)
    along = (tip - wrist) / abs(tip - wrist)
    upright = complex(30 - 40, 20 - 90)
    turn = float(np.degrees(np.angle(upright / abs(upright) / along)))
    side = (np.conj(along) * (thumb - wrist)).imag > 0
    if not side:  # mirrored: the leaning of the axis is the other way
        turn = float(np.degrees(np.angle(-np.conj(upright) / abs(upright) / along)))
    x, y = [place.real for place in (tip, thumb, wrist)], [place.imag for place in (tip, thumb, wrist)]
    box = Box(int(min(x)) - 8, int(min(y)) - 8, int(max(x)) + 8, int(max(y)) + 8)
    return (LimbPlacement(Limb.HAND, Side.LEFT if side else Side.RIGHT, turn % 360, box),)


def test_perfect_analyser_is_always_right(film: MarkedFilm) -> None:
    figures = analyser_figures([film], perfect)
    assert set(figures) == set(COPIES)
    for each in figures.values():
        assert {name: each[name] for name in ("limb", "side", "turn", "box", "one")} == pytest.approx(
            {"limb": 1, "side": 1, "turn": 1, "box": 1, "one": 1}
        )
        assert each["turn_error_median_deg"] < 3


def test_finding_nothing_is_wrong_in_all(film: MarkedFilm) -> None:
    stored = analyser_figures([film], lambda pixels: ())["as stored"]
    assert (stored["limb"], stored["side"], stored["turn"], stored["turn_error_median_deg"]) == (0, 0, 0, 180)


def test_mirrored_film_asks_for_the_other_side(film: MarkedFilm) -> None:
    def always_left(pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
        height, width = pixels.shape
        return (LimbPlacement(Limb.HAND, Side.LEFT, 0.0, Box(0, 0, width, height)),)

    figures = analyser_figures([film], always_left)
    assert (figures["as stored"]["side"], figures["mirrored"]["side"]) == (1, 0)
    assert figures["quarter turns"]["turn"] == 0


def test_points_go_with_their_pixels(film: MarkedFilm) -> None:
    for _, copy in copies(lying(film), np.random.default_rng(0)):
        for place, point in zip(spots(copy.pixels), copy.points, strict=True):
            assert abs(place - complex(*point)) < 1.5
