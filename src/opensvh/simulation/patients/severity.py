"""How damaged each site of a patient is: one latent Gaussian model, and what it becomes in each kind of cohort.

A site's latent value is a sum of what the patient, the kind of damage, the limb, the row of joints, the site, the joint
and chance contribute. Cut at the cohort's shares of grades it is a grade; between the cuts it says how near the site is
to the neighbouring grade, which is what readers disagree about (`reader`).

Published, and what the model is held against (docs/simulator_cohort.md):
- narrowing and erosion of a joint: of 26,068 joints of early active disease 83.4 % had neither, 8.5 % erosion only,
  4.4 % narrowing only, 3.7 % both: an odds ratio of 8.3 (Smolen et al., Ann Rheum Dis 2009, ASPIRE, baseline of the
  placebo arm);
- sides: erosions are symmetrical whatever the rheumatoid factor (Bukhari et al., NOAR, 537 patients); 9.7 % of pairs of
  joints differ by two Larsen grades or more at the first visit, 14.4 % after eight years (asymmetry of small joints,
  48 patients);
- order: wrist, then MCP, then PIP, in the hand most at MCP2, MCP3 and PIP3 (microfocal radiographs of wrist and hand);
  the feet before the wrists (Hamamoto et al., PLoS ONE 2015;10:e0136611, 314 patients).
The shares of variance, shares of grades and propensities themselves are this project's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, Site, sites_of

Severity = Literal["reference", "training"]
Damage = Mapping[tuple[str, Kind], float]
"""Damage by (site name, kind), in grades: 1.4 is a clear 1, 1.5 stands between 1 and 2, below 0.5 there is none."""

CLEARLY_NONE = -1.0
GRADES_PER_SD = 2.0
"""How fast a site outside the outermost cuts moves away from them, in grades per latent SD; our choice."""


@dataclass(frozen=True)
class CohortMix:
    """What a cohort is made of.

    `undamaged` and `children`: shares of patients (children are undamaged, and counted among them); `zero`: share of
    the sites of the others that have grade 0; `decay`: each further grade's share of the grade before, by the site's
    maximum; `variance`: shares of a site's latent variance, sum 1: `severity` is the patient's, `kind` the patient's
    lean to narrowing or erosion, `limb` to hands or feet, `row` to a row of joints, `site` to a site on both sides,
    `joint` to a site on one side, `rest` to one kind there; `propensity`: whether some sites come before others.
    """

    undamaged: float
    children: float
    zero: Mapping[Kind, float]
    decay: Mapping[int, float]
    variance: Mapping[str, float]
    propensity: bool


COHORTS: dict[Severity, CohortMix] = {
    "reference": CohortMix(
        undamaged=0.0,
        children=0.0,
        zero={Kind.NARROWING: 0.885, Kind.EROSION: 0.865},
        decay={4: 0.55, 5: 0.45, 10: 0.65},
        variance={"severity": 0.38, "kind": 0.06, "limb": 0.06, "row": 0.05, "site": 0.06, "joint": 0.05, "rest": 0.34},
        propensity=True,
    ),
    "training": CohortMix(
        undamaged=0.33,
        children=0.07,
        zero={Kind.NARROWING: 0.57, Kind.EROSION: 0.57},
        decay={4: 0.8, 5: 0.8, 10: 0.9},
        variance={"severity": 0.50, "kind": 0.04, "limb": 0.05, "row": 0.05, "site": 0.06, "joint": 0.06, "rest": 0.24},
        propensity=False,
    ),
}
"""`reference`: adults as a trial or the challenge sees them, most sites at 0, a median total near 10, a long tail.
`training`: every grade of every site common over the cohort, and yet each patient a believable one: a third entirely
undamaged, the others from a few first changes to severe in most joints."""

PROPENSITY = {
    (Limb.HAND, "wrist"): 0.15,
    (Limb.HAND, "RADCAR"): 0.25,
    (Limb.HAND, "CNL"): 0.30,
    (Limb.HAND, "ULNA"): 0.30,
    (Limb.HAND, "MCP"): 0.0,
    (Limb.HAND, "MCP2"): 0.30,
    (Limb.HAND, "MCP3"): 0.25,
    (Limb.HAND, "PIP"): -0.25,
    (Limb.HAND, "PIP3"): -0.05,
    (Limb.HAND, "IP"): -0.3,
    (Limb.FOOT, "MTP"): 0.1,
    (Limb.FOOT, "MTP5"): 0.55,
    (Limb.FOOT, "IP"): -0.1,
}
"""How early a site or row is damaged where a cohort's sites differ, in latent SD; the order is published (see above),
the sizes are our choice."""


def draw_damage(severity: float, mode: Severity, rng: np.random.Generator) -> dict[tuple[Limb, Side], Damage]:
    """Damage of every site of a patient of this severity (standard normal over the cohort)."""
    latent = _Latent(_among_damaged(severity, COHORTS[mode].undamaged), COHORTS[mode].variance, rng)
    return {
        (limb, side): {
            (site.name, kind): _damage(latent.value(site, side, kind), site, kind, mode)
            for kind in Kind
            for site in sites_of(limb, kind)
        }
        for limb in Limb
        for side in Side
    }


def no_damage() -> dict[tuple[Limb, Side], Damage]:
    """Every site of a patient without any damage."""
    return {
        (limb, side): {(site.name, kind): CLEARLY_NONE for kind in Kind for site in sites_of(limb, kind)}
        for limb in Limb
        for side in Side
    }


def is_undamaged(severity: float, mode: Severity) -> bool:
    """Whether a patient of this severity belongs to the cohort's undamaged."""
    return NormalDist().cdf(severity) < COHORTS[mode].undamaged


def grade_of(damage: float, maximum: int) -> int:
    """The grade a damage stands for: the nearest, a border upward."""
    return int(min(max(np.floor(damage + 0.5), 0), maximum))


def row_of(site: Site) -> str:
    """The row of joints a site belongs to: `MCP`, `PIP`, `IP`, `MTP`, or `wrist`."""
    row = site.name.rstrip("0123456789")
    return row if row in ("MCP", "PIP", "IP", "MTP") else "wrist"


def propensity(site: Site) -> float:
    """How early this site is damaged, in latent SD."""
    return PROPENSITY.get((site.limb, site.name), PROPENSITY.get((site.limb, row_of(site)), 0.0))


def grade_shares(site: Site, kind: Kind, mode: Severity) -> tuple[float, ...]:
    """Share of each grade 0..maximum over a cohort, at a site of propensity 0."""
    ill = 1 - COHORTS[mode].undamaged
    zero, *others = _shares_of_damaged(site, kind, mode)
    return (1 - ill + ill * zero, *(ill * share for share in others))


def _shares_of_damaged(site: Site, kind: Kind, mode: Severity) -> tuple[float, ...]:
    """The same among the patients that have damage; a foot's erosion, 0-10, is the sum of both bones'."""
    maximum = site.maximum(kind)
    if maximum is None:
        raise ValueError(f"{site.name} of a {site.limb} is not scored for {kind}")
    zero, decay = COHORTS[mode].zero[kind], COHORTS[mode].decay[maximum]
    steps = [decay**step for step in range(maximum)]
    return (zero, *((1 - zero) * step / sum(steps) for step in steps))


def _among_damaged(severity: float, undamaged: float) -> float:
    """Severity as a standard normal over the damaged patients alone."""
    rank = (NormalDist().cdf(severity) - undamaged) / (1 - undamaged)
    return NormalDist().inv_cdf(min(max(rank, 1e-6), 1 - 1e-6))


class _Latent:
    """The latent values of one patient's sites; each component is drawn when first asked for, then kept."""

    def __init__(self, severity: float, variance: Mapping[str, float], rng: np.random.Generator) -> None:
        self._variance = variance
        self._rng = rng
        self._drawn: dict[tuple[str, ...], float] = {("severity",): severity}

    def value(self, site: Site, side: Side, kind: Kind) -> float:
        """Standard normal over the damaged patients of a cohort."""
        limb, name = site.limb.value, site.name
        keys = (
            ("severity",),
            ("kind", kind.value),
            ("limb", limb),
            ("row", limb, row_of(site)),
            ("site", limb, name),
            ("joint", limb, name, side.value),
            ("rest", limb, name, side.value, kind.value),
        )
        return float(sum(self._variance[key[0]] ** 0.5 * self._component(key) for key in keys))

    def _component(self, key: tuple[str, ...]) -> float:
        if key not in self._drawn:
            self._drawn[key] = float(self._rng.standard_normal())
        return self._drawn[key]


def _damage(latent: float, site: Site, kind: Kind, mode: Severity) -> float:
    """The latent value on the scale of grades: the cuts between the cohort's grades lie at 0.5, 1.5, ..."""
    if COHORTS[mode].propensity:
        latent += propensity(site)
    below = np.cumsum(_shares_of_damaged(site, kind, mode))[:-1]
    cuts = np.array([NormalDist().inv_cdf(float(share)) for share in below])
    outside = min(latent - cuts[0], 0.0) + max(latent - cuts[-1], 0.0)
    damage = float(np.interp(latent, cuts, np.arange(len(cuts)) + 0.5)) + GRADES_PER_SD * outside
    return float(np.clip(damage, CLEARLY_NONE, len(cuts) + 0.49))
