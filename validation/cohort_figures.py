"""Prints docs/simulator_cohort.md's tables: simulated cohorts and readers beside what is published about real ones.

    python validation/cohort_figures.py [--patients 1000] [--seeds 4]

No films are made: grades, later visits and readings only, a minute or two.
"""

import argparse
from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
from scipy.stats import spearmanr

from opensvh.domain.anatomy import Kind, Limb, Side, sites_of
from opensvh.simulation.patients.patient import PatientTruth, draw_patient
from opensvh.simulation.patients.progression import draw_rate, progressed
from opensvh.simulation.patients.severity import Severity
from opensvh.workflows.reader_study import ReaderStudy, study_readers

PER_CENT = 100.0


def main() -> None:
    """Both tables, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=4, help="pairs of readers, 400 patients each")
    arguments = parser.parse_args()
    print("| cohort (true grades) | published | reference | training |\n| --- | --- | --- | --- |")
    cohorts = [cohort_rows(mode, arguments.patients) for mode in ("reference", "training")]
    for name, published in PUBLISHED_COHORT.items():
        print(f"| {name} | {published} | {cohorts[0][name]} | {cohorts[1][name]} |")
    print("\n| two readers (reference cohort) | published | simulated: mean (range over pairs of readers) |")
    print("| --- | --- | --- |")
    studies = [study_readers(400, seed) for seed in range(arguments.seeds)]
    for name, published, value in reader_rows():
        print(f"| {name} | {published} | {spread([value(study) for study in studies])} |")


PUBLISHED_COHORT = {
    "total: median (quartiles; 95th percentile; highest)": "challenge: about 10, a long tail",
    "patients without any damage": "-",
    "patients without erosions": "21 % (271 patients, hands only, PMC3133482)",
    "joints with neither / erosion only / narrowing only / both": "83.4 / 8.5 / 4.4 / 3.7 % (ASPIRE, 7,160 joints)",
    "odds ratio of erosion and narrowing in a joint": "8.3 (from the row above)",
    "pairs of joints whose erosion differs by 2 grades or more": "9.7-14.4 % (Larsen grades, 48 patients)",
    "rank correlation of left and right, hands": "-",
    "rank correlation of hands and feet": "-",
    "rank correlation of erosion and narrowing totals": "-",
    "a year's change: none / 1-4 / 5 or more points": "65.9 / 23.0 / 11.1 % (ESPOIR, 370 patients)",
    "a year's change among those of 5 or more: mean, median": "12.9, 10 (ESPOIR)",
}


def cohort_rows(mode: Severity, patients: int) -> dict[str, str]:
    """The figures of one cohort, by the names above."""
    truths = [draw_patient(f"P{seed}", np.random.default_rng((9, seed)), mode) for seed in range(patients)]
    totals = np.array([truth.total for truth in truths])
    parts = {key: np.array([part(truth, *key) for truth in truths]) for key in product(Limb, Side, Kind)}
    erosion, narrowing = (sum_of(parts, kind) for kind in (Kind.EROSION, Kind.NARROWING))
    hands, feet, left, right = (sum_of(parts, key) for key in (Limb.HAND, Limb.FOOT, "left hand", "right hand"))
    neither, eroded, narrowed, both = joint_shares(truths)
    gained = np.array([year_later(truth) - truth.total for truth in truths])
    rapid = gained[gained >= 5]
    low, middle, high, most = np.percentile(totals, [25, 50, 75, 95])
    figures = (
        f"{middle:.0f} ({low:.0f}-{high:.0f}; {most:.0f}; {totals.max()})",
        f"{PER_CENT * np.mean(totals == 0):.0f} %",
        f"{PER_CENT * np.mean(erosion == 0):.0f} %",
        " / ".join(f"{PER_CENT * share:.1f}" for share in (neither, eroded, narrowed, both)) + " %",
        f"{neither * both / (eroded * narrowed):.1f}",
        f"{PER_CENT * asymmetrical(truths):.1f} %",
        *(f"{spearmanr(*pair)[0]:.2f}" for pair in ((left, right), (hands, feet), (erosion, narrowing))),
        f"{PER_CENT * np.mean(gained == 0):.1f} / {PER_CENT * np.mean((gained > 0) & (gained < 5)):.1f} / "
        f"{PER_CENT * len(rapid) / len(gained):.1f} %",
        f"{rapid.mean():.1f}, {np.median(rapid):.0f}",
    )
    return dict(zip(PUBLISHED_COHORT, figures, strict=True))


def part(truth: PatientTruth, limb: Limb, side: Side, kind: Kind) -> int:
    """Sum of one kind on one film."""
    return sum(grade for (_, its_kind), grade in truth.grades[limb, side].items() if its_kind is kind)


def sum_of(parts: dict[tuple[Limb, Side, Kind], np.ndarray], wanted: str) -> np.ndarray:
    """Sums over the films and kinds that a limb, a kind, or `left hand` names."""
    sides = {"left hand": Side.LEFT, "right hand": Side.RIGHT}
    chosen = [
        sums
        for (limb, side, kind), sums in parts.items()
        if wanted in (limb, kind) or (limb is Limb.HAND and sides.get(wanted) is side)
    ]
    return np.sum(chosen, axis=0)


def joint_shares(truths: Iterable[PatientTruth]) -> tuple[float, float, float, float]:
    """Shares of joints scored for both kinds with neither, erosion only, narrowing only, both."""
    counts = np.zeros((2, 2))
    for truth in truths:
        for (limb, _), grades in truth.grades.items():
            for site in sites_of(limb, Kind.EROSION):
                if site.narrowing is not None:
                    counts[int(grades[site.name, Kind.NARROWING] > 0), int(grades[site.name, Kind.EROSION] > 0)] += 1
    counts /= counts.sum()
    return float(counts[0, 0]), float(counts[0, 1]), float(counts[1, 0]), float(counts[1, 1])


def asymmetrical(truths: Iterable[PatientTruth]) -> float:
    """Share of pairs of joints whose erosion differs by two grades or more."""
    return float(
        np.mean(
            [
                abs(grade - truth.grades[limb, Side.RIGHT][name, kind]) >= 2
                for truth in truths
                for limb in Limb
                for (name, kind), grade in truth.grades[limb, Side.LEFT].items()
                if kind is Kind.EROSION
            ]
        )
    )


def year_later(truth: PatientTruth) -> int:
    """The total a year on."""
    rng = np.random.default_rng((10, int(truth.patient_id[1:])))
    return progressed(truth, draw_rate(truth.traits.severity, rng), 12, rng).total


def reader_rows() -> list[tuple[str, str, Callable[[ReaderStudy], float]]]:
    """Name, published figure, and how to get it from a study."""
    kappas = [
        (
            f"quadratic weighted kappa, {kind}, {limb}",
            HONDA[limb, kind],
            lambda study, key=(limb, kind): study.kappa[key],
        )
        for limb, kind in product(Limb, Kind)
    ]
    among = [
        (f"SDC, patients with {name}", published, lambda study, name=name: study.sdc_among[name])
        for name, published in SDC_AMONG.items()
    ]
    return [*kappas, *TOTALS, *among, *SINGLE_SITES]


HONDA = {
    (Limb.HAND, Kind.EROSION): "0.879 (a model and an expert, Honda 2023)",
    (Limb.HAND, Kind.NARROWING): "0.865 (the same)",
    (Limb.FOOT, Kind.EROSION): "-",
    (Limb.FOOT, Kind.NARROWING): "-",
}
SDC_AMONG = {
    "no true change": "rises with progression (same source)",
    "1-4 points": "",
    "5 points or more": "",
    "lower half of totals, no true change": "no relation to damage at the start (same source)",
    "upper half of totals, no true change": "",
}
EARLY = "J Clin Epidemiol 2004;57:502, 51 patients"
TRIALS = "Ann Rheum Dis 2014;73:1067, 31 intervals of 15 trials"
TOTALS = [
    ("ICC(2,1) of totals, all patients", "higher over a broad cohort", lambda study: study.icc),
    ("ICC(2,1) of totals, totals to 30", f"0.85-0.97 ({EARLY})", lambda study: study.icc_early),
    ("ICC(2,1) of a year's change", f"0.91-0.97 ({EARLY})", lambda study: study.icc_change),
    (
        "limits of agreement of totals, all patients",
        "9.0-15.2 (2.0-3.4 % of 448, J Clin Epidemiol 2004;57:502)",
        lambda study: study.sdd,
    ),
    ("limits of agreement of totals, totals to 30", "the same", lambda study: study.sdd_early),
    ("smallest detectable change, 95 %", f"3.0 (SD 0.7; {TRIALS})", lambda study: study.sdc),
    ("smallest detectable change, 80 %", "2.0 (SD 0.4; same source)", lambda study: study.sdc_80),
]
SINGLE_SITES = [
    ("erosion sites seen worse in 4 of 4 readings, %", "1.7 (12 of 691, PMC2945936)", lambda s: 100 * s.consistent),
    ("the same of those any reading saw changed, %", "-", lambda study: 100 * study.consistent_of_seen),
    ("sound sites read as damaged, %", "-", lambda study: 100 * study.false_damage),
]


def spread(values: list[float]) -> str:
    """Mean and range."""
    digits = 3 if max(values) < 1 else 1
    return f"{np.mean(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


if __name__ == "__main__":
    main()
