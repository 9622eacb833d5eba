from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from cut_limbs import DEPTHS, EDGES, CutFilm, cut_off, figures, measured, outcome
from limb_pose import SHAPES

from opensvh.domain.anatomy import Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.radiograph import Radiograph

SIDE_PX = 600


def hand(side: Side = Side.LEFT, turns: int = 0) -> tuple[FilmTruth, np.ndarray]:
    """A film whose level at a joint tells it, stored so that clockwise quarter turns bring its digits up."""
    points = {name: Point(300 + 400 * x, 300 + 400 * y) for name, (x, y) in SHAPES[Limb.HAND].items()}
    pixels = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    for number, (x, y) in enumerate(points.values(), start=1):
        pixels[round(y), round(x)] = number / 100
    points = {name: Point(round(x), round(y)) for name, (x, y) in points.items()}
    if side is Side.RIGHT:
        pixels, points = pixels[:, ::-1], {name: Point(SIDE_PX - 1 - x, y) for name, (x, y) in points.items()}
    for _ in range(turns):
        pixels, points = np.rot90(pixels), {name: Point(y, SIDE_PX - 1 - x) for name, (x, y) in points.items()}
    return FilmTruth("film.png", "P", Path("film.png"), Limb.HAND, side, turns, points), np.ascontiguousarray(pixels)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize(("side", "turns"), [(Side.LEFT, 0), (Side.RIGHT, 0), (Side.LEFT, 3), (Side.RIGHT, 2)])
def test_the_same_joints_are_cut_off_however_the_film_lies(edge: str, side: Side, turns: int) -> None:
    truth, pixels = hand(side, turns)
    cut = cut_off(truth, pixels, edge, 0.35)
    plain = cut_off(*hand(), edge, 0.35)
    assert 0 < len(cut.gone) < 21
    assert (cut.gone, cut.visible) == (plain.gone, plain.visible)
    for number, (name, (x, y)) in enumerate(cut.points.items(), start=1):
        if name not in cut.gone:
            assert cut.pixels[round(y), round(x)] == pytest.approx(number / 100)


def test_what_is_cut_where() -> None:
    gone = {edge: set(cut_off(*hand(), edge, 0.35).gone) for edge in EDGES}
    assert {"PIP3", "PIP2"} <= gone["distal"]
    assert {"RADIUS", "ULNA"} <= gone["proximal"]
    assert "IP1" in gone["first"]
    assert "PIP5" in gone["last"]


def test_nothing_is_cut_at_depth_0() -> None:
    truth, pixels = hand()
    assert cut_off(truth, pixels, "last", 0).pixels.shape == pixels.shape


def read(cut: CutFilm, not_visible: list[str], off_px: float = 0.0) -> FilmReading:
    def site(each: object, kind: Kind) -> SiteReading:
        gone = each.point in not_visible  # type: ignore[attr-defined]
        return SiteReading(each, kind, *((Status.NOT_VISIBLE,) if gone else (Status.SCORED, 0.0)))  # type: ignore[arg-type]

    sites = tuple(site(each, kind) for kind in Kind for each in sites_of(Limb.HAND, kind))
    points = {name: Point(x + off_px, y) for name, (x, y) in cut.points.items() if name not in not_visible}
    pose = Pose(90.0 * cut.truth.quarter_turns_cw, cut.truth.side is Side.RIGHT)
    return FilmReading("P", cut.name, Limb.HAND, cut.truth.side, sites, Box(0, 0, 9, 9), points, pose=pose)


def test_a_reading_of_just_what_the_film_shows_is_perfect() -> None:
    cut = cut_off(*hand(Side.RIGHT, 1), "distal", 0.35)
    told = figures([outcome(cut, [read(cut, cut.gone)], "")])
    assert told["films scored"] == told["films placed rightly, of those scored"] == 1
    assert told["visible sites scored"] == told["gone sites called not visible"] == 1
    assert (told["gone sites scored"], told["joint error, median %"]) == (0, 0)


def test_a_squeezed_reading_and_a_refusal_are_counted() -> None:
    cut = cut_off(*hand(), "proximal", 0.35)
    squeezed = outcome(cut, [read(cut, [], off_px=0.05 * cut.limb_px)], "")
    refused = outcome(cut, [], "no hand")
    told = figures([squeezed, refused])
    assert (told["films"], told["films scored"], told["visible sites scored"]) == (2, 0.5, 0.5)
    assert told["gone sites scored"] == 1
    assert told["joint error within 3 %"] == 0
    wrong = replace(read(cut, []), pose=Pose(180))
    assert not outcome(cut, [wrong], "").placed


def test_outcomes_are_kept_and_taken_up(tmp_path: Path) -> None:
    truth, pixels = hand()
    cv2.imwrite(str(tmp_path / "film.png"), np.asarray(pixels * 255, np.uint8))
    looks: list[str] = []

    def refuse(film: Radiograph) -> tuple[list[FilmReading], str]:
        looks.append(film.path)
        return [], "no"

    films = [replace(truth, path=tmp_path / "film.png")]
    first = measured(films, refuse, tmp_path / "outcomes.jsonl")
    assert measured(films, refuse, tmp_path / "outcomes.jsonl") == first
    assert len(looks) == len(EDGES) == len(DEPTHS)
