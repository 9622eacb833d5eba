"""A flow of films: the same films in the same order whatever makes them, few at a time, and those of the folder."""

import itertools
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side
from opensvh.domain.geometry import Point
from opensvh.domain.reading import Status
from opensvh.simulation import cohort
from opensvh.simulation.cohort import Cohort, visits_of
from opensvh.simulation.patients.patient import Grades, PatientTraits
from opensvh.simulation.radiograph import SimulatedFilm
from opensvh.simulation.stream import BLOCK, StreamedFilm, in_order, shuffled, stream_films

TWO_VISITS = Cohort(seed=3, visits=2)


def quick_film(
    limb: Limb,
    side: Side,
    grades: Grades,
    seed: np.random.SeedSequence,
    patient: PatientTraits,
    anatomy: np.random.SeedSequence,
) -> SimulatedFilm:
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 6), dtype=np.uint8)
    points = {name: Point(1.0, 2.0) for name in POINTS[limb]}
    return SimulatedFilm(pixels, points, {}, 0.2, status={"MTP1": Status.AMPUTATED} if limb is Limb.FOOT else {})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort, "simulate_film", quick_film)


def names(films: list[StreamedFilm]) -> list[tuple[str, Limb, Side]]:
    return [(film.patient, film.limb, film.side) for film in films]


def same(first: list[StreamedFilm], second: list[StreamedFilm]) -> bool:
    pixels = all(np.array_equal(a.film.pixels, b.film.pixels) for a, b in zip(first, second, strict=True))
    return pixels and [(f.truth, f.readings) for f in first] == [(f.truth, f.readings) for f in second]


@pytest.mark.usefixtures("quick")
def test_films_come_patient_by_patient_and_visit_by_visit() -> None:
    films = list(stream_films(TWO_VISITS, in_order(TWO_VISITS, [1, 2])))
    assert [film.patient for film in films[::4]] == ["SIM0001", "SIM0001V2", "SIM0002", "SIM0002V2"]
    assert names(films)[:4] == [("SIM0001", limb, side) for limb in Limb for side in Side]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (3, 2), (3, 50)])
def test_workers_change_neither_films_nor_order(workers: int, ahead: int) -> None:
    alone = list(stream_films(TWO_VISITS, in_order(TWO_VISITS, [1, 2])))
    with ThreadPoolExecutor(workers) as pool:
        assert same(alone, list(stream_films(TWO_VISITS, in_order(TWO_VISITS, [1, 2]), pool, ahead)))


@pytest.mark.usefixtures("quick")
def test_truth_and_readings_are_those_of_the_cohort_without_unscorable_sites() -> None:
    film = next(film for film in stream_films(TWO_VISITS, in_order(TWO_VISITS, [5])) if film.limb is Limb.FOOT)
    visit = visits_of(TWO_VISITS, 5)[0]
    assert ("MTP1", Kind.EROSION) not in film.truth
    for streamed, whole in zip((film.truth, *film.readings), (visit.truth.grades, *visit.readings), strict=True):
        grades = whole[film.limb, film.side]
        assert streamed == {key: grade for key, grade in grades.items() if key[0] != "MTP1"}


class CountingPool(Executor):
    """Does the work at once, and counts what was asked of it."""

    def __init__(self) -> None:
        self.asked = 0

    def submit(self, work, /, *arguments, **more):  # type: ignore[no-untyped-def]
        self.asked += 1
        future: Future[StreamedFilm] = Future()
        future.set_result(work(*arguments, **more))
        return future


@pytest.mark.usefixtures("quick")
def test_an_endless_flow_makes_few_films_ahead() -> None:
    pool = CountingPool()
    films: Iterator[StreamedFilm] = stream_films(Cohort(), in_order(Cohort(), itertools.count(1)), pool, ahead=5)
    assert len(list(itertools.islice(films, 7))) == 7
    assert pool.asked <= 12


def test_a_shuffled_flow_holds_each_film_once_and_goes_on_from_anywhere() -> None:
    films = 2 * BLOCK * 4
    places = list(itertools.islice(shuffled(Cohort(seed=4)), films))
    assert sorted(places) == sorted(in_order(Cohort(seed=4), range(1, 2 * BLOCK + 1)))
    assert len({place.number for place in places[:8]}) > 4
    for start in (3, films // 2, films // 2 + 5):
        assert list(itertools.islice(shuffled(Cohort(seed=4), start), 9)) == places[start : start + 9]
    assert places[:9] != list(itertools.islice(shuffled(Cohort(seed=5)), 9))


@pytest.mark.slow
def test_real_films_stream_from_two_processes_as_from_none() -> None:
    few = Cohort(seed=6)
    hands = [place for place in in_order(few, [1]) if place.code in ("LH", "RH")]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        assert same(list(stream_films(few, hands)), list(stream_films(few, hands, pool)))
