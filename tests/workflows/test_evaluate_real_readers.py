from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from opensvh.cli.options import DEFAULT_MODEL
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.reading import RefusedFilm
from opensvh.inference.film_reader import FilmOutcome
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.evaluate_real_readers import told_reader, untold_reader

FILM = Radiograph(np.zeros((100, 100), np.float32), "films/P1-LH.png")


@dataclass
class Heard:
    """Keeps what it is told of a film."""

    limbs: tuple[str, ...] = ("left", "right")
    known: list[KnownFilm] = field(default_factory=list)

    def read(self, film: Radiograph, known: KnownFilm) -> Any:
        self.known.append(known)
        read = tuple(SimpleNamespace(reading=limb) for limb in self.limbs)
        return FilmOutcome(read, () if read else (RefusedFilm(film.path, "nearly blank"),))  # type: ignore[arg-type]


def test_a_reader_that_is_told_nothing_hears_no_more_than_the_film(made: Any, real_read: Any) -> None:
    heard: Any = Heard()
    reader = untold_reader(heard, (), "digest")
    assert not reader.told
    assert reader.read(FILM, real_read(made()).film.truth) == ("left", "right")
    [known] = heard.known
    assert (known.limb, known.side, known.quarter_turns_cw, known.stated) == (None, None, None, frozenset())


def test_a_film_whose_limbs_are_all_refused_is_refused(made: Any, real_read: Any) -> None:
    nothing: Any = Heard(limbs=())
    with pytest.raises(LimbNotFound, match="nearly blank"):
        untold_reader(nothing, (), "digest").read(FILM, real_read(made()).film.truth)


def test_a_film_of_which_nothing_is_known_cannot_be_told() -> None:
    with pytest.raises(FilmUnidentified, match=r"joints\.json"):
        told_reader([DEFAULT_MODEL]).read(FILM, None)
