"""Simulated films as a flow: with their truth, straight from memory, in an order that no number of workers changes.

For training without a disk between; the same cohort written by `opensvh simulate` holds the same films.

    with worker_pool(4) as pool:
        for film in stream_films(Cohort(seed=1), itertools.count(1), pool):
            ...
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import islice, product

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.simulation.cohort import Cohort, film_of, scorable, visits_of
from opensvh.simulation.patient import Grades
from opensvh.simulation.radiograph import SimulatedFilm

AHEAD = 16
"""Films that wait or are under way at most: at one megabyte each, little memory, and no worker idle for long."""


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
    cohort: Cohort, numbers: Iterable[int], pool: Executor | None = None, ahead: int = AHEAD
) -> Iterator[StreamedFilm]:
    """The films of these patients (from 1; `itertools.count(1)` never ends), patient by patient, visit by visit.

    Made in this process without a pool; with one, at most `ahead` films wait or are under way, and closing the
    iterator drops those that have not begun.
    """
    jobs = film_order(cohort, numbers)
    if pool is None:
        yield from (make_film(cohort, *job) for job in jobs)
        return
    under_way: deque[Future[StreamedFilm]] = deque(pool.submit(make_film, cohort, *job) for job in islice(jobs, ahead))
    try:
        while under_way:
            film = under_way.popleft().result()
            under_way.extend(pool.submit(make_film, cohort, *job) for job in islice(jobs, 1))
            yield film
    finally:
        for future in under_way:
            future.cancel()


def film_order(cohort: Cohort, numbers: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    """Patient number, visit from 1 and film code of each film; never ends where `numbers` does not."""
    for number in numbers:
        yield from ((number, visit, code) for visit, code in product(range(1, cohort.visits + 1), FILM_CODES))


def make_film(cohort: Cohort, number: int, visit: int, code: str) -> StreamedFilm:
    """One film of the flow, from its place in it alone."""
    seen = visits_of(cohort, number)[visit - 1]
    film = film_of(cohort, number, seen, code)
    first, second = (scorable(reading, code, film) for reading in seen.readings)
    truth = scorable(seen.truth.grades, code, film)
    return StreamedFilm(seen.truth.patient_id, *FILM_CODES[code], film, truth, (first, second))
