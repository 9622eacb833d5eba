"""A cohort by number: who patient 17 is, what each visit shows, what two readers make of it, and each of the films.

Everything follows from the cohort's seed and the patient's number alone, in any order and any process; the first visit
is the same whatever the number of visits. Files are `workflows.simulate`'s, a flow of films `stream`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.simulation.patients.patient import Grades, PatientTruth, draw_patient
from opensvh.simulation.patients.progression import draw_months, draw_rate, progressed
from opensvh.simulation.patients.reader import Reading, draw_reader, read_visits
from opensvh.simulation.patients.severity import Severity
from opensvh.simulation.radiograph import SimulatedFilm, simulate_film

READERS = (1, 2)
_TRUTH, _READING, _PROGRESSION, _ANATOMY, _FILM = range(5)
"""Second part of the spawn keys; the first is the patient's number, 0 for what the whole cohort shares."""


@dataclass(frozen=True)
class Cohort:
    """What a cohort is made with; the same words give the same patients and films."""

    seed: int = 0
    severity: Severity = "training"
    visits: int = 1


@dataclass(frozen=True)
class Visit:
    """A patient as seen on one day: exact truth and the grades of readers 1 and 2.

    `truth.patient_id` names this visit's films; `person` is the same at every visit; `number` counts from 1; `months`
    since the first visit.
    """

    person: str
    number: int
    months: int
    truth: PatientTruth
    readings: tuple[Reading, Reading]


def patient_name(number: int, visit: int = 1) -> str:
    """`SIM0001` for patient 1, `SIM0001V2` for the second visit."""
    return f"SIM{number:04d}" + (f"V{visit}" if visit > 1 else "")


def visits_of(cohort: Cohort, number: int) -> tuple[Visit, ...]:
    """Every visit of patient `number`, counted from 1."""
    truths, months = _truths(cohort, number)
    first, second = (
        read_visits(truths, draw_reader(_rng(cohort, 0, reader)), _rng(cohort, number, _READING, reader))
        for reader in READERS
    )
    return tuple(
        Visit(patient_name(number), visit + 1, months[visit], truths[visit], (first[visit], second[visit]))
        for visit in range(cohort.visits)
    )


def film_of(cohort: Cohort, number: int, visit: Visit, code: str) -> SimulatedFilm:
    """One of a visit's four films: the person's bones, in a new pose, on a new film."""
    limb, side = FILM_CODES[code]
    film = tuple(FILM_CODES).index(code)
    return simulate_film(
        limb,
        side,
        visit.truth.grades[limb, side],
        _seed(cohort, number, _FILM, visit.number, film),
        visit.truth.traits,
        anatomy=_seed(cohort, number, _ANATOMY, film),
    )


def scorable(grades: Mapping[tuple[Limb, Side], Grades], code: str, film: SimulatedFilm) -> Grades:
    """A film's grades without the sites that have a status: operated, amputated, not visible."""
    return {key: grade for key, grade in grades[FILM_CODES[code]].items() if key[0] not in film.status}


def _truths(cohort: Cohort, number: int) -> tuple[list[PatientTruth], list[int]]:
    """The patient at each visit, and the months since the first."""
    truths = [draw_patient(patient_name(number), _rng(cohort, number, _TRUTH), cohort.severity)]
    months = [0]
    rate = draw_rate(truths[0].traits.severity, _rng(cohort, number, _PROGRESSION, 0))
    for visit in range(2, cohort.visits + 1):
        rng = _rng(cohort, number, _PROGRESSION, visit)
        apart = draw_months(rng)
        later = progressed(truths[-1], rate, apart, rng)
        truths.append(replace(later, patient_id=patient_name(number, visit)))
        months.append(months[-1] + apart)
    return truths, months


def _rng(cohort: Cohort, *key: int) -> np.random.Generator:
    return np.random.default_rng(_seed(cohort, *key))


def _seed(cohort: Cohort, *key: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(cohort.seed, spawn_key=key)
