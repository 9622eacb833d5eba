"""A film of which nothing is said is read as it lies: turned, mirrored, slanted, two hands on one, or refused.

The films are simulated, with the shipped models before them; real ones are `test_evaluate_real`'s.
"""

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.cli.options import DEFAULT_MODEL
from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.geometry import Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, Status
from opensvh.inference.bundle import find_bundle, load_bundle
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.turn import posed
from opensvh.simulation.films.two_limbs import film_of_two
from opensvh.simulation.patients.patient import PatientTraits
from opensvh.simulation.radiograph import SimulatedFilm, project_limb, simulate_film

pytestmark = pytest.mark.slow

TRAITS = PatientTraits(sex="female", age=50.0, size=0.97, bone_density=0.95, soft_tissue=1.0, severity=0.0)
UNKNOWN = KnownFilm("P")


@pytest.fixture(scope="module")
def reader() -> FilmReader:
    return FilmReader(Predictor([load_bundle(find_bundle(DEFAULT_MODEL))]), FilmAnalyser())


@pytest.fixture(scope="module")
def films() -> dict[Limb, SimulatedFilm]:
    """A left limb each, digits up."""
    return {limb: simulate_film(limb, Side.LEFT, {}, np.random.SeedSequence(5), TRAITS) for limb in Limb}


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pixels.astype(np.float32) / 255


def laid(film: SimulatedFilm, turn_cw_deg: float, mirror: bool) -> tuple[Radiograph, dict[str, Point]]:
    """The film laid another way, and its joints there."""
    lying = posed(grey(film.pixels), Pose(turn_cw_deg, mirror))
    points = dict(zip(film.points, lying.frame.to_model(film.points.values()), strict=True))
    return Radiograph(np.ascontiguousarray(lying.picture), "film.png"), points


def median_error(reading: FilmReading, truth: Mapping[str, Point]) -> float:
    """In shares of the joints' extent; a joint that was not found is 1 off."""
    extent = np.ptp([tuple(point) for point in truth.values()], axis=0).max()
    return float(
        np.median([
            np.hypot(*np.subtract(reading.points[name], point)) / extent if name in reading.points else 1.0
            for name, point in truth.items()
        ])
    )  # fmt: skip


@pytest.mark.parametrize("limb", list(Limb))
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270, 20, 200])
def test_a_limb_is_read_however_it_lies(
    reader: FilmReader, films: dict[Limb, SimulatedFilm], limb: Limb, mirror: bool, turn: float
) -> None:
    film, truth = laid(films[limb], turn, mirror)
    [prediction], refused = reader.read(film, UNKNOWN)
    reading = prediction.reading
    assert refused == ()
    assert reading.placement is not None
    # A letter on the film may still say left: whose limb it is, is another matter than how it looks.
    assert (reading.limb, reading.placement.apparent_side) == (limb, Side.RIGHT if mirror else Side.LEFT)
    assert median_error(reading, truth) < 0.02
    assert min(reading.placement.confidence[name] for name in ("limb", "side", "turn")) > 0.5


def test_two_hands_on_a_film_are_two_readings(reader: FilmReader) -> None:
    pair = [project_limb(Limb.HAND, side, {}, np.random.SeedSequence(8), TRAITS) for side in Side]
    film = film_of_two(pair[0], pair[1], Limb.HAND, np.random.default_rng(8))
    read, refused = reader.read(Radiograph(grey(film.pixels), "two.png"), UNKNOWN)
    assert refused == ()
    by_side = {prediction.reading.side: prediction.reading for prediction in read}
    assert len(read) == len(by_side) == 2
    for placed in film.limbs:
        assert median_error(by_side[placed.side], placed.points) < 0.02


@pytest.mark.parametrize("last", ["MC1_BASE", "MCP4"])
def test_sites_beyond_the_films_edge_are_never_scored(
    reader: FilmReader, films: dict[Limb, SimulatedFilm], last: str
) -> None:
    film = films[Limb.HAND]
    end = round(film.points[last].y) + 12
    read, refused = reader.read(Radiograph(grey(film.pixels[:end]), "cut.png"), UNKNOWN)
    status = {site.site.name: site.status for prediction in read for site in prediction.reading.sites}
    assert Status.SCORED not in {status[name] for name in ("RADIUS", "ULNA", "LUNATE") if name in status}
    # A hand without its wrist is not yet read in part: it is refused.
    assert read or "of a hand" in refused[0].reason


@pytest.mark.parametrize("picture", ["noise", "blank", "gradient", "disc"])
def test_a_picture_without_a_limb_is_refused(reader: FilmReader, picture: str) -> None:
    pixels = np.zeros((400, 320), np.float32)
    if picture == "noise":
        pixels = np.random.default_rng(0).random((400, 320), np.float32)
    elif picture == "gradient":
        pixels += np.linspace(0, 1, 320, dtype=np.float32)
    elif picture == "disc":
        cv2.circle(pixels, (160, 200), 90, 0.8, -1)
    with pytest.raises(LimbNotFound, match="no hand or foot is seen on it"):
        reader.read(Radiograph(pixels, "picture.png"), UNKNOWN)


def test_what_the_name_says_is_held_against_the_pixels(reader: FilmReader, films: dict[Limb, SimulatedFilm]) -> None:
    hand, _ = laid(films[Limb.HAND], 180, mirror=False)
    named = KnownFilm("P", Limb.HAND, Side.RIGHT, source="file name")
    [prediction], _ = reader.read(hand, named)
    assert prediction.reading.side is Side.RIGHT
    assert not prediction.reading.pose.mirrored
    assert "named right (file name), but the thumb lies as on a left hand" in prediction.reading.warnings[0]
    with pytest.raises(FilmUnidentified, match="named a foot"):
        reader.read(hand, replace(named, limb=Limb.FOOT))
