"""Films of a visit are read at the same time, and come back in their order with what was refused."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.errors import LimbNotFound
from opensvh.domain.geometry import Box, Frame, Size
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading
from opensvh.inference.film_reader import FilmOutcome
from opensvh.inference.predictor import FilmMaps, FilmPrediction
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.films import FilmHints, group_films
from opensvh.workflows.visit_reading import read_visit
from opensvh.workflows.visits import Visit, visits_of

NAMES = ("P1-LH.png", "P1-RH.png", "P1-LF.png", "P1-RF.png")


@dataclass
class Meeting:
    """A reader that waits at each film until so many are read at once; `met` of them were."""

    at_once: int
    lost: str = ""
    met: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._barrier = Barrier(self.at_once, timeout=60)

    def read(self, film: Radiograph, known: KnownFilm) -> FilmOutcome:
        name = Path(film.path).name
        try:
            self._barrier.wait()
            self.met.append(name)
        except BrokenBarrierError:
            pass
        if name == self.lost:
            raise LimbNotFound(f"{film.path}: no limb; give a film of one")
        grey = np.zeros((5, 4), np.float32)
        reading = FilmReading(
            "P1", film.path, known.limb or Limb.HAND, known.side or Side.LEFT, (), Box(0, 0, 4, 5), {}, {}, Pose()
        )
        return FilmOutcome(
            (FilmPrediction(reading, FilmMaps(Frame.of(Size(4, 5)), grey.astype(np.uint8), grey, grey, grey)),), ()
        )


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    for name in NAMES:
        cv2.imwrite(str(tmp_path / name), np.tile(np.arange(200, dtype=np.uint8), (240, 1)))
    [patient], _ = group_films([tmp_path / name for name in NAMES], FilmHints())
    [found] = visits_of(patient)
    return found


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_so_many_are_read_at_the_same_time_and_come_back_in_order(visit: Visit, at_once: int) -> None:
    reader, told = Meeting(at_once), []
    read = read_visit(reader, visit, told.append, at_once)  # type: ignore[arg-type]
    assert len(reader.met) == 4
    assert told == [film.path for film in visit.films]
    assert [each.film for each in read.films] == told
    assert list(read.pictures) == [film_code(each.limb, each.side) for each in read.films]


def test_a_refused_film_leaves_the_others(visit: Visit) -> None:
    read = read_visit(Meeting(2, lost=NAMES[1]), visit, lambda film: None, 2)  # type: ignore[arg-type]
    assert [Path(each.film).name for each in read.refused] == [NAMES[1]]
    assert len(read.films) == 3
