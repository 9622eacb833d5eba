"""The way through a reading, site by site: what is entered at each step, and what is shown beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from opensvh.domain.anatomy import FILM_CODES, Kind, Site, sites_of
from opensvh.serving.workbench.grades import Place
from opensvh.serving.workbench.tables import CaseFilm

CODES = ("LH", "RH", "LF", "RF")
"""In this order a paper form is filled: hands before feet."""


@dataclass(frozen=True)
class Step:
    """One site of one limb: the films of it column by column, those of the other side, and the places to fill."""

    code: str
    site: Site
    films: tuple[str, ...]
    opposite: tuple[str, ...]
    places: tuple[tuple[Place, int], ...]


def steps(films: Sequence[CaseFilm], wanted: set[Place]) -> list[Step]:
    """Every site at which something is wanted; each place comes with its highest grade."""
    found = []
    for code in CODES:
        limb = FILM_CODES[code][0]
        other = next(each for each in CODES if each != code and FILM_CODES[each][0] is limb)
        mine = tuple(film.film for film in films if film.code == code)
        beside = tuple(film.film for film in films if film.code == other)
        for site in sites_of(limb):
            places = tuple(
                ((film, site.name, kind.value), maximum)
                for film in mine
                for kind in Kind
                if (maximum := site.maximum(kind)) is not None and (film, site.name, kind.value) in wanted
            )
            if places:
                found.append(Step(code, site, mine, beside, places))
    return found
