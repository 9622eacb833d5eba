"""What can be entered at a site, and sums of what was entered; a site without a row is not scored, which is not 0."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from opensvh.domain.anatomy import FILM_CODES, Kind, Site, site_named, sites_of
from opensvh.domain.reading import Status
from opensvh.serving.workbench.failures import Invalid
from opensvh.serving.workbench.tables import CaseFilm

UNSCORED = "unscored"
STATUSES = (*(status.value for status in Status), UNSCORED)
LONGEST_REASON = 500
Place = tuple[str, str, str]
"""A film's identifier, a site's name, a kind."""


class Said(Protocol):
    """What stands at a place: a grade, or why there is none."""

    @property
    def status(self) -> str: ...

    @property
    def grade(self) -> int | None: ...

    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class Sum:
    """Grades of one kind (`narrowing`, `erosion`) or of both, added up."""

    value: int
    assessed: int
    without: int
    sites: int


def places_of(films: Iterable[CaseFilm]) -> dict[Place, tuple[CaseFilm, Site, Kind]]:
    """All that is to be entered on films, in the order of the site table."""
    return {
        (film.film, site.name, kind.value): (film, site, kind)
        for film in films
        for site in sites_of(FILM_CODES[film.code][0])
        for kind in Kind
        if site.maximum(kind) is not None
    }


def place_at(films: Mapping[str, CaseFilm], place: Place) -> tuple[Site, Kind]:
    """The site and kind of a place; raises Invalid where the case has no such place."""
    film, name, kind = place
    if film not in films:
        raise Invalid(f"film {film} is not of this reading")
    limb = FILM_CODES[films[film].code][0]
    try:
        site = site_named(limb, name)
    except KeyError as error:
        raise Invalid(f"a {limb} has no site {name!r}") from error
    if kind not in tuple(Kind) or site.maximum(Kind(kind)) is None:
        raise Invalid(f"{name} of a {limb} is not scored for {kind!r}")
    return site, Kind(kind)


def refuse_impossible(site: Site, kind: Kind, status: str, grade: int | None, reason: str) -> None:
    """Raise Invalid unless a scored site has a grade in its range and any other a status with a reason."""
    maximum = site.maximum(kind) or 0
    if status not in STATUSES:
        raise Invalid(f"status {status!r} is none of {', '.join(STATUSES)}")
    if status == Status.SCORED:
        if grade is None or not 0 <= grade <= maximum:
            raise Invalid(f"{site.name} {kind}: the grade is {grade}, not 0 to {maximum}")
        return
    if grade is not None:
        raise Invalid(f"{site.name} {kind}: {status} has no grade")
    if status != UNSCORED and not reason.strip():
        raise Invalid(f"{site.name} {kind}: say why it is {status}")


def sums_of(scores: Mapping[Place, Said], places: Iterable[Place]) -> dict[str, Sum]:
    """Sums of what stands at the places: `narrowing`, `erosion` and `total`."""
    tallies = {kind.value: [0, 0, 0, 0] for kind in (Kind.NARROWING, Kind.EROSION)}
    for place in places:
        tally, said = tallies[place[2]], scores.get(place)
        tally[3] += 1
        if said is None or said.status == UNSCORED:
            continue
        if said.grade is None:
            tally[2] += 1
        else:
            tally[0] += said.grade
            tally[1] += 1
    both = [sum(parts) for parts in zip(*tallies.values(), strict=True)]
    return {name: Sum(*tally) for name, tally in (*tallies.items(), ("total", both))}
