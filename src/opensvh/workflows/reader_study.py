"""A reading study without films: two simulated readers score a simulated cohort at two visits, as two experts would.

Shows how well the readers of `simulation.reader` agree, in the figures that trials publish; the statistics of single
sites are `evaluation.agreement`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.agreement import agreement, icc_agreement
from opensvh.simulation.patients.patient import PatientTruth, draw_patient
from opensvh.simulation.patients.progression import draw_rate, progressed
from opensvh.simulation.patients.reader import Reading, draw_reader, read_visits
from opensvh.simulation.patients.severity import Severity

MONTHS = 12
EARLY_TOTAL = 30
"""Patients with at most this true total stand for early arthritis; our choice."""

Scores = NDArray[np.int64]
"""Grades [visit, patient, RA2 site column]."""


@dataclass(frozen=True)
class ReaderStudy:
    """Agreement of two readers.

    `kappa` (quadratic weights) and `exact` agreement by limb and kind, over all sites and patients of the first visit;
    `icc` ICC(2,1) of totals at the first visit over all patients, `icc_early` over those with little damage,
    `icc_change` of the change; `sdd`, `sdd_early` half width of the 95 % limits of agreement of totals; `sdc` and
    `sdc_80` smallest detectable change with 95 and 80 % limits, `sdc_among` by true change or first total;
    `false_damage` share of sound sites that reader 1 called damaged; `consistent` share of erosion sites that four
    readings (two by each) all saw worse, `consistent_of_seen` the same of those that any reading saw changed.
    """

    patients: int
    kappa: Mapping[tuple[Limb, Kind], float]
    exact: Mapping[tuple[Limb, Kind], float]
    icc: float
    icc_early: float
    icc_change: float
    sdd: float
    sdd_early: float
    sdc: float
    sdc_80: float
    sdc_among: Mapping[str, float]
    false_damage: float
    consistent: float
    consistent_of_seen: float


def study_readers(patients: int, seed: int = 0, mode: Severity = "reference") -> ReaderStudy:
    """Simulate a cohort at two visits a year apart and two readers who read it in pairs, each of them twice."""
    truths = [_visits(number, seed, mode) for number in range(patients)]
    truth = np.stack([_columns([visits[visit].grades for visits in truths]) for visit in range(2)])
    first, again, second, twice = (_scores(truths, reader, occasion, seed) for reader in (1, 2) for occasion in (1, 2))
    totals = np.stack([first.sum(axis=2), second.sum(axis=2)])
    change, apart = totals[:, 1] - totals[:, 0], totals[0, 0] - totals[1, 0]
    early = truth[0].sum(axis=1) <= EARLY_TOTAL
    blocks = {(limb, kind): _block(limb, kind) for limb in Limb for kind in Kind}
    worse, changed = _erosions_seen([first, again, second, twice])
    return ReaderStudy(
        patients=patients,
        kappa={key: _kappa(first[0][:, block], second[0][:, block]) for key, block in blocks.items()},
        exact={key: float(np.mean(first[0][:, block] == second[0][:, block])) for key, block in blocks.items()},
        icc=_icc(totals[:, 0]),
        icc_early=_icc(totals[:, 0, early]),
        icc_change=_icc(change),
        sdd=1.96 * float(np.std(apart, ddof=1)),
        sdd_early=1.96 * float(np.std(apart[early], ddof=1)),
        sdc=smallest_detectable_change(change),
        sdc_80=smallest_detectable_change(change, z=1.28),
        sdc_among={name: smallest_detectable_change(change[:, chosen]) for name, chosen in _groups(truth).items()},
        false_damage=float(np.mean(first[0][truth[0] == 0] > 0)),
        consistent=worse,
        consistent_of_seen=worse / changed if changed else 0.0,
    )


def smallest_detectable_change(change: Scores, z: float = 1.96) -> float:
    """z SD / sqrt(2 k) for changes [k readers = 2, patient], in points, where the readers' mean is what is used.

    SD is that of the difference between the readers (Bruynesteyn et al., Ann Rheum Dis 2005;64:179).
    """
    return z * float(np.std(change[0] - change[1], ddof=1)) / float(np.sqrt(2 * len(change)))


def _visits(number: int, seed: int, mode: Severity) -> list[PatientTruth]:
    rng = np.random.default_rng((seed, number))
    first = draw_patient(f"P{number:04d}", rng, mode)
    return [first, progressed(first, draw_rate(first.traits.severity, rng), MONTHS, rng)]


def _scores(truths: list[list[PatientTruth]], reader: int, occasion: int, seed: int) -> Scores:
    """What a reader writes down on one occasion."""
    person = draw_reader(np.random.default_rng((seed, reader)))
    readings = [
        read_visits(visits, person, np.random.default_rng((seed, reader, occasion, number)))
        for number, visits in enumerate(truths)
    ]
    return np.stack([_columns([reading[visit] for reading in readings]) for visit in range(2)])


def _columns(patients: list[Reading]) -> Scores:
    return np.array(
        [
            [grades[site.limb, side][site.name, kind] for side, site, kind in RA2_SITE_COLUMNS.values()]
            for grades in patients
        ]
    )


def _block(limb: Limb, kind: Kind) -> NDArray[np.bool_]:
    """Which columns belong to a limb and kind."""
    return np.array([site.limb is limb and its_kind is kind for _, site, its_kind in RA2_SITE_COLUMNS.values()])


def _kappa(first: Scores, second: Scores) -> float:
    found = agreement(first.ravel(), second.ravel(), maximum=10)
    return float("nan") if found is None or found.kappa is None else found.kappa


def _icc(totals: Scores) -> float:
    found = icc_agreement(totals[0].astype(float), totals[1].astype(float))
    return float("nan") if found is None else found


def _groups(truth: Scores) -> dict[str, NDArray[np.bool_]]:
    """Patients by true change, and by whether they are in the lower or upper half of true totals."""
    totals = truth.sum(axis=2)
    gained = totals[1] - totals[0]
    low = totals[0] <= np.median(totals[0])
    return {
        "no true change": gained == 0,
        "1-4 points": (gained > 0) & (gained < 5),
        "5 points or more": gained >= 5,
        "lower half of totals, no true change": low & (gained == 0),
        "upper half of totals, no true change": ~low & (gained == 0),
    }


def _erosions_seen(readings: list[Scores]) -> tuple[float, float]:
    """Share of erosion sites that every reading saw worse, and that any reading saw changed."""
    erosion = _block(Limb.HAND, Kind.EROSION) | _block(Limb.FOOT, Kind.EROSION)
    changes = np.stack([(scores[1] - scores[0])[:, erosion] for scores in readings])
    return float((changes > 0).all(axis=0).mean()), float((changes != 0).any(axis=0).mean())
