"""Simulated films as a flow: with their truth, straight from memory, in an order that no number of workers changes.

For training without a disk between; the same cohort written by `opensvh simulate` holds the same films.

    cohort = Cohort(seed=1)
    with worker_pool(4) as pool:
        for film in stream_films(cohort, in_order(cohort, itertools.count(1)), pool):
            ...

What training makes of it is `training.streamed`'s.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import count, islice, product
from typing import NamedTuple

import numpy as np

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.simulation.cohort import Cohort, film_of, scorable, visits_of
from opensvh.simulation.patients.patient import Grades
from opensvh.simulation.radiograph import SimulatedFilm

AHEAD = 16
"""Films that wait or are under way at most: at one megabyte each, little memory, and no worker idle for long."""


BLOCK = 32
"""Patients that are mixed with each other."""
ORDER_KEY = 9
"""Second part of the spawn key of a block's order; readers have 1 and 2 (see `cohort`)."""


class FilmPlace(NamedTuple):
    """Which film of a cohort: patient number and visit, both from 1, and film code."""

    number: int
    visit: int
    code: str


@dataclass(frozen=True)
class StreamedFilm:
    """A film with its points and gaps, its exact grades, and those of readers 1 and 2; without unscorable sites."""

    patient: str
    limb: Limb
    side: Side
    film: SimulatedFilm
    truth: Grades
    readings: tuple[Grades, Grades]


def stream_films(
    cohort: Cohort, places: Iterable[FilmPlace], pool: Executor | None = None, ahead: int = AHEAD
) -> Iterator[StreamedFilm]:
    """The films of these places, in their order; `in_order` and `shuffled` give places without end.

    Made in this process without a pool; with one, at most `ahead` films wait or are under way, and closing the
    iterator drops those that have not begun.
    """
    waiting = iter(places)
    if pool is None:
        yield from (make_film(cohort, place) for place in waiting)
        return
    under_way = deque(pool.submit(make_film, cohort, place) for place in islice(waiting, ahead))
    try:
        while under_way:
            film = under_way.popleft().result()
            under_way.extend(pool.submit(make_film, cohort, place) for place in islice(waiting, 1))
            yield film
    finally:
        for future in under_way:
            future.cancel()


def in_order(cohort: Cohort, numbers: Iterable[int]) -> Iterator[FilmPlace]:
    """Patient by patient (numbers from 1), visit by visit; never ends where `numbers` does not."""
    for number in numbers:
        for visit, code in product(range(1, cohort.visits + 1), FILM_CODES):
            yield FilmPlace(number, visit, code)


def shuffled(cohort: Cohort, start: int = 0) -> Iterator[FilmPlace]:
    """Endless, each film once, mixed within blocks of patients, so that a batch holds many; from place `start` on."""
    films = BLOCK * cohort.visits * len(FILM_CODES)
    for block in count(start // films):
        places = list(in_order(cohort, range(block * BLOCK + 1, (block + 1) * BLOCK + 1)))
        mixed = np.random.default_rng(np.random.SeedSequence(cohort.seed, spawn_key=(0, ORDER_KEY, block)))
        yield from (places[place] for place in mixed.permutation(films)[max(start - block * films, 0) :])


def make_film(cohort: Cohort, place: FilmPlace) -> StreamedFilm:
    """One film of the flow, from its place alone."""
    visit = visits_of(cohort, place.number)[place.visit - 1]
    film = film_of(cohort, place.number, visit, place.code)
    truth, first, second = (
        scorable(grades, place.code, film) for grades in (visit.truth.grades, visit.readings[0], visit.readings[1])
    )
    return StreamedFilm(visit.truth.patient_id, *FILM_CODES[place.code], film, truth, (first, second))
