"""What a later visit shows: the same patient, with damage that grew by a known number of points.

Most patients do not progress, some by a few points a year, few rapidly; the points go to sites one by one. Damage never
shrinks: repair is seen by readers (Arthritis Res Ther 2007;9:R62) but not simulated.

Sourced: the shares and sizes of the courses, from the first year of 370 patients of early arthritis on methotrexate or
leflunomide in ESPOIR (Arthritis Res Ther, ar4092, table 3, and its report in RMD Open: change of at least 1 point
in 34.1 %, of at least 5 in 11.1 % with a mean of 12.9, SD 8.0, median 10; the rapid had more damage at the start, mean
10.8 against 3.7); that the rate is constant over the years (Arthritis Rheum 1998;41:1571, 256 patients, 19 years); that
an eroded joint is likelier to narrow (Arthritis Res Ther, s13075-015-0626-1). How points choose their sites is
this project's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.simulation.patients.patient import PatientTruth, aged
from opensvh.simulation.patients.severity import CLEARLY_NONE, propensity

SiteKey = tuple[Limb, Side, str, Kind]
"""Limb, side, site name, kind of damage."""


@dataclass(frozen=True)
class Course:
    """A share of patients whose yearly points are log-normal with this median and this spread of the logarithm."""

    share: float
    median: float
    spread: float


COURSES = (Course(0.659, 0.0, 0.0), Course(0.230, 1.7, 0.5), Course(0.111, 10.5, 0.55))
"""None, slow, rapid."""

SEVERITY_SHARE = 0.16
"""Share of what chooses the course that is the patient's severity; our choice, after the damage at the start above."""

MONTHS = {12: 0.7, 24: 0.3}
"""Months between visits and how often; our choice, the usual intervals of trials."""

STEEPNESS = 1.2
"""By how much a grade of damage raises the logarithm of a site's chance to take the next point."""


def draw_months(rng: np.random.Generator) -> int:
    """Time to the next visit."""
    return int(rng.choice(list(MONTHS), p=list(MONTHS.values())))


def draw_rate(severity: float, rng: np.random.Generator) -> float:
    """Points a year, constant over a patient's visits."""
    latent = SEVERITY_SHARE**0.5 * severity + (1 - SEVERITY_SHARE) ** 0.5 * float(rng.standard_normal())
    ends = np.cumsum([course.share for course in COURSES])
    number = int(np.searchsorted(ends[:-1], NormalDist().cdf(latent), side="right"))
    course = COURSES[number]
    return float(course.median * np.exp(rng.normal(0, course.spread))) if course.median else 0.0


def progressed(truth: PatientTruth, rate: float, months: int, rng: np.random.Generator) -> PatientTruth:
    """The patient some months later, `rate` points a year worse as far as sites have room.

    Who has no damage and no disease keeps none: children and the undamaged of a training cohort.
    """
    later = replace(truth, traits=aged(truth.traits, months))
    damage = {(limb, side, *key): value for (limb, side), film in truth.damage.items() for key, value in film.items()}
    if max(damage.values()) <= CLEARLY_NONE:
        return later
    points = max(round(rate * months / 12), 1) if rate > 0 else 0
    for _ in range(points):
        _add_point(damage, rng)
    return replace(later, damage=_by_film(damage))


def true_change(before: PatientTruth, after: PatientTruth) -> dict[SiteKey, int]:
    """Grades gained at each site."""
    return {
        (*film, *key): grade - before.grades[film][key]
        for film, grades in after.grades.items()
        for key, grade in grades.items()
    }


def _add_point(damage: dict[SiteKey, float], rng: np.random.Generator) -> None:
    """Raise one site by one grade, to anywhere within the next; nothing where no site has room."""
    open_sites = [site for site, value in damage.items() if value < _maximum(site) - 0.5]
    if not open_sites:
        return
    weights = np.exp([_readiness(site, damage) for site in open_sites])
    site = open_sites[int(rng.choice(len(open_sites), p=weights / weights.sum()))]
    grade = max(np.floor(damage[site] + 0.5), 0.0)
    damage[site] = float(grade + 1 + rng.uniform(-0.5, 0.5))


def _readiness(site: SiteKey, damage: Mapping[SiteKey, float]) -> float:
    """Logarithm of a site's chance: near its next grade, early by nature, or with damage of the other kind."""
    limb, side, name, kind = site
    other = Kind.EROSION if kind is Kind.NARROWING else Kind.NARROWING
    partner = min(max(damage.get((limb, side, name, other), 0.0), 0.0), 1.0)
    return STEEPNESS * min(damage[site], 1.5) + propensity(site_named(limb, name)) + 0.5 * partner


def _maximum(site: SiteKey) -> int:
    limb, _, name, kind = site
    return site_named(limb, name).maximum(kind) or 0


def _by_film(damage: Mapping[SiteKey, float]) -> dict[tuple[Limb, Side], dict[tuple[str, Kind], float]]:
    films: dict[tuple[Limb, Side], dict[tuple[str, Kind], float]] = {(limb, side): {} for limb in Limb for side in Side}
    for (limb, side, name, kind), value in damage.items():
        films[limb, side][name, kind] = value
    return films
