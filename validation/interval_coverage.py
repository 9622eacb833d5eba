"""Prints how often intervals of totals hold on simulated patients, and the factors that `reporting/intervals` takes.

    opensvh simulate -o unseen --patients 20 --seed 2 && opensvh score unseen/images -o unseen-read
    opensvh simulate -o two --patients 24 --seed 7 --visits 2 && opensvh score two/images -o two-read
    python validation/interval_coverage.py unseen unseen-read two two-read

Pairs of a simulated cohort (with its `truth.csv` and `visits.csv`) and what `opensvh score` wrote of it. Factors are
found on the first visits of all of them; pairs with later visits tell how changes spread.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, Side
from opensvh.domain.reading import SiteReading
from opensvh.io.ra2 import read_ra2
from opensvh.reporting.changes import CHANGE_FACTOR, NORMAL_95, READERS_SDC
from opensvh.reporting.intervals import NORMAL_90, WIDENING, site_variance
from opensvh.reporting.study_file import STUDY_FILE, read_study

KINDS: tuple[Kind | None, ...] = (None, *Kind)


@dataclass(frozen=True)
class SiteError:
    """A site's expectation less its exact grade, and the variance that its probabilities tell."""

    kind: Kind
    error: float
    variance: float


Patient = dict[str, SiteError]
"""RA2 column -> error."""


def main() -> None:
    """Print coverage of every pair, then of changes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER READ")
    folders = parser.parse_args().folders
    everybody: list[Patient] = []
    for cohort, read in zip(folders[::2], folders[1::2], strict=True):
        patients = _patients(cohort, read)
        visits = pd.read_csv(cohort / "visits.csv").set_index("patient")
        first = [errors for name, errors in patients.items() if visits.loc[name, "visit"] == 1]
        print(f"\n{cohort.name}: {len(first)} patients at their first visit")
        for kind in KINDS:
            _print_coverage(first, kind)
        _print_changes(patients, visits)
        everybody += first
    print(f"\nall: {len(everybody)} patients")
    for kind in KINDS:
        _print_factor(everybody, kind)


def _patients(cohort: Path, read: Path) -> dict[str, Patient]:
    truth = read_ra2(cohort / "truth.csv")
    found = {}
    for path in sorted(read.glob(f"*/{STUDY_FILE}")):
        study = read_study(path).study
        readings = {
            (film.side, each.site.limb, each.site.name, each.kind): each for film, each in study.site_readings()
        }
        found[study.patient] = dict(_errors(readings, truth.loc[study.patient].to_dict()))
    return found


def _errors(
    readings: dict[tuple[Side, Limb, str, Kind], SiteReading], truth: dict[str, float]
) -> Iterator[tuple[str, SiteError]]:
    for column, (side, site, kind) in RA2_SITE_COLUMNS.items():
        reading = readings.get((side, site.limb, site.name, kind))
        if reading is None or reading.expected is None or math.isnan(truth[column]):
            continue
        variance = site_variance(reading)
        if variance is not None:
            yield column, SiteError(kind, reading.expected - truth[column], variance)


def _print_coverage(patients: list[Patient], kind: Kind | None) -> None:
    in_sd = _errors_in_sd(patients, kind)
    errors = [sum(each.error for each in sites) for sites in _chosen(patients, kind)]
    held = [sum(value <= NORMAL_90 * factor for value in in_sd) for factor in (1, WIDENING[kind])]
    print(
        f"  {kind or 'total':10s} mean error {sum(errors) / len(errors):+5.1f}; 90 % intervals hold for {held[0]} of "
        f"{len(in_sd)} unwidened, {held[1]} widened by {WIDENING[kind]}"
    )


def _print_factor(patients: list[Patient], kind: Kind | None) -> None:
    in_sd = _errors_in_sd(patients, kind)
    rank = math.ceil(0.9 * (len(in_sd) + 1))
    factor = math.ceil(100 * in_sd[rank - 1] / NORMAL_90) / 100
    print(f"  {kind or 'total':10s} patient {rank} of {len(in_sd)} asks for a factor of {factor:.2f}")


def _errors_in_sd(patients: list[Patient], kind: Kind | None) -> list[float]:
    """Each patient's error of the sum, in SD of independent sites, ascending."""
    return sorted(
        abs(sum(each.error for each in sites)) / math.sqrt(sum(each.variance for each in sites))
        for sites in _chosen(patients, kind)
    )


def _chosen(patients: list[Patient], kind: Kind | None) -> list[list[SiteError]]:
    return [[each for each in patient.values() if kind in (None, each.kind)] for patient in patients]


def _print_changes(patients: dict[str, Patient], visits: pd.DataFrame) -> None:
    pairs = [
        (patients[names[0]], patients[names[1]])
        for _, group in visits.sort_values("visit").groupby("person")
        if len(names := [name for name in group.index if name in patients]) > 1
    ]
    if not pairs:
        return
    totals, sites = [], []
    for before, now in pairs:
        common = [(now[column], before[column]) for column in now if column in before]
        variances = [late.variance + early.variance for late, early in common]
        differences = [late.error - early.error for late, early in common]
        totals.append((sum(differences), math.sqrt(sum(variances))))
        sites += [
            (difference, max(1.0, NORMAL_95 * math.sqrt(v)))
            for difference, v in zip(differences, variances, strict=True)
        ]
    spread = math.sqrt(sum(error**2 for error, _ in totals) / len(totals))
    in_sd = sorted(abs(error) / sd for error, sd in totals)
    held = sum(abs(error) <= max(READERS_SDC, NORMAL_95 * CHANGE_FACTOR * sd) for error, sd in totals)
    false = sum(abs(difference) > bound for difference, bound in sites)
    print(f"  change of {len(totals)} patients: error {spread:.1f} (root mean square), 1.96 of it {1.96 * spread:.1f}")
    factor = f"largest {in_sd[-1]:.2f}, a factor of {in_sd[-1] / NORMAL_95:.2f}"
    print(f"  in SD of independent sites: median {in_sd[len(in_sd) // 2]:.2f}, {factor}")
    print(f"  smaller than detectable: {held} of {len(totals)} totals, {len(sites) - false} of {len(sites)} sites")


if __name__ == "__main__":
    main()
