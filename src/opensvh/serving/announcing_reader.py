"""A reader that tells which film it has in hand, so that a death while it reads finds its cause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opensvh.inference.film_reader import FilmOutcome, FilmReader
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph


def _nobody(film: str | None) -> None:
    """Where nobody listens."""


@dataclass(frozen=True)
class AnnouncingReader(FilmReader):
    """`films`: path -> the name to announce; `holding` hears it before a film is read, and None after."""

    films: Mapping[str, str] = field(default_factory=dict)
    holding: Callable[[str | None], None] = _nobody

    def read(self, film: Radiograph, known: KnownFilm) -> FilmOutcome:
        """As any reader."""
        self.holding(self.films.get(film.path))
        try:
            return super().read(film, known)
        finally:
            self.holding(None)
