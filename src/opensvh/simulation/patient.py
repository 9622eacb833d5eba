"""Who is simulated: a patient's build, and the exact grade of every site of both hands and feet.

Grades come from one latent Gaussian model per patient; what a reader makes of them is in `reader`, how they look on a
film in the geometry. Sourced: the sites and their ranges (domain/anatomy), the difference in size between men and women
(FACTS.md, section 6: metatarsal 1 is 56.4/4.4 mm long in men and 50.1/3.1 mm in women). Everything else (shares of
variance, shares of grades, propensities) is this project's choice, set so that a `reference` cohort has the skew of
trial cohorts: many sites at 0, a median total of 20-30 of 448, a long tail to about 300.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, Site, sites_of

Severity = Literal["reference", "training"]
Grades = Mapping[tuple[str, Kind], int]

LATENT_VARIANCE = {
    "severity": 0.40,
    "kind": 0.08,
    "limb": 0.06,
    "row": 0.08,
    "site": 0.08,
    "joint": 0.10,
    "rest": 0.20,
}
"""Shares of a site's latent variance, sum 1; our choice. `severity` is the patient's, `kind` the patient's lean to
narrowing or erosion, `limb` to hands or feet, `row` to a row of joints (MCP, PIP, wrist, MTP), `site` to a site on both
sides, `joint` to a site on one side. Left and right of a site correlate by 0.70, narrowing and erosion of a joint by
0.72."""

PROPENSITY = {
    (Limb.HAND, "wrist"): 0.20,
    (Limb.HAND, "RADCAR"): 0.30,
    (Limb.HAND, "CNL"): 0.35,
    (Limb.HAND, "ULNA"): 0.35,
    (Limb.HAND, "MCP2"): 0.35,
    (Limb.HAND, "MCP3"): 0.30,
    (Limb.HAND, "MCP5"): 0.05,
    (Limb.HAND, "PIP"): -0.15,
    (Limb.HAND, "IP"): -0.25,
    (Limb.FOOT, "MTP"): 0.0,
    (Limb.FOOT, "MTP5"): 0.45,
    (Limb.FOOT, "IP"): -0.1,
}
"""How early a site or row is damaged in a `reference` cohort, in latent SD; our choice after the order in which the
disease is known to come: wrist, MCP2 and MCP3, MTP5 first."""

REFERENCE_ZERO = {Kind.NARROWING: 0.74, Kind.EROSION: 0.78}
REFERENCE_DECAY = {4: 0.55, 5: 0.5, 10: 0.7}
"""Each further grade's share of the grade before, by the site's maximum."""
TRAINING_ZERO = 0.36
TRAINING_DECAY = {4: 0.88, 5: 0.9, 10: 1.0}


@dataclass(frozen=True)
class PatientTraits:
    """What shapes all four films of a patient.

    `size` and `soft_tissue` are factors on the average adult's lengths and thickness; `bone_density` one on mineral, in
    [0.6, 1.15] with osteopenia below 0.85; `severity` is the latent severity, standard normal over a cohort.
    """

    sex: Literal["female", "male"]
    age: float
    size: float
    bone_density: float
    soft_tissue: float
    severity: float
    child: bool = False


@dataclass(frozen=True)
class PatientTruth:
    """A patient with the exact grade of every site: by limb and side, then by (site name, kind)."""

    patient_id: str
    traits: PatientTraits
    grades: Mapping[tuple[Limb, Side], Grades]


def draw_patient(patient_id: str, rng: np.random.Generator, mode: Severity) -> PatientTruth:
    """A random patient.

    `reference` is a cohort as trials see it; `training` spreads the grades, so that each from 0 to its maximum is
    common at each site.
    """
    severity = float(rng.standard_normal())
    traits = _draw_traits(severity, rng)
    latent = _Latent(severity, rng)
    grades = {
        (limb, side): {
            (site.name, kind): _grade(latent.value(site, side, kind), site, kind, mode)
            for kind in Kind
            for site in sites_of(limb, kind)
        }
        for limb in Limb
        for side in Side
    }
    return PatientTruth(patient_id, traits, grades)


def _draw_traits(severity: float, rng: np.random.Generator) -> PatientTraits:
    """Three of four are women; bone thins with age and with the disease."""
    male = rng.random() < 0.27
    age = float(np.clip(rng.normal(56, 14), 18, 90))
    mean, spread = (1.059, 0.078) if male else (0.941, 0.062)
    density = 1.0 - 0.004 * max(age - 45, 0) * (0.7 if male else 1.0) - 0.05 * severity + rng.normal(0, 0.07)
    return PatientTraits(
        sex="male" if male else "female",
        age=round(age, 1),
        size=float(np.clip(rng.normal(mean, spread), 0.8, 1.25)),
        bone_density=float(np.clip(density, 0.6, 1.15)),
        soft_tissue=float(np.clip(rng.normal(1.0, 0.13), 0.7, 1.4)),
        severity=severity,
    )


class _Latent:
    """The latent values of one patient's sites; each component is drawn when first asked for, then kept."""

    def __init__(self, severity: float, rng: np.random.Generator) -> None:
        self._severity = severity
        self._rng = rng
        self._drawn: dict[tuple[str, ...], float] = {}

    def value(self, site: Site, side: Side, kind: Kind) -> float:
        """Standard normal over a cohort."""
        limb, name = site.limb.value, site.name
        return self._weight("severity") * self._severity + sum(
            self._weight(key[0]) * self._component(key)
            for key in (
                ("kind", kind.value),
                ("limb", limb),
                ("row", limb, row_of(site)),
                ("site", limb, name),
                ("joint", limb, name, side.value),
                ("rest", limb, name, side.value, kind.value),
            )
        )

    def _component(self, key: tuple[str, ...]) -> float:
        if key not in self._drawn:
            self._drawn[key] = float(self._rng.standard_normal())
        return self._drawn[key]

    @staticmethod
    def _weight(component: str) -> float:
        return float(LATENT_VARIANCE[component] ** 0.5)


def row_of(site: Site) -> str:
    """The row of joints a site belongs to: `MCP`, `PIP`, `IP`, `MTP`, or `wrist`."""
    row = site.name.rstrip("0123456789")
    return row if row in ("MCP", "PIP", "IP", "MTP") else "wrist"


def _grade(latent: float, site: Site, kind: Kind, mode: Severity) -> int:
    """The grade whose share of the standard normal holds the latent value; more damage upward."""
    if mode == "reference":
        latent += PROPENSITY.get((site.limb, site.name), PROPENSITY.get((site.limb, row_of(site)), 0.0))
    rank = NormalDist().cdf(latent)
    shares = grade_shares(site, kind, mode)
    return min(int(np.searchsorted(np.cumsum(shares), rank, side="right")), len(shares) - 1)


def grade_shares(site: Site, kind: Kind, mode: Severity) -> tuple[float, ...]:
    """Share of each grade 0..maximum at a site of propensity 0; a foot's erosion, 0-10, is the sum of both bones'."""
    maximum = site.maximum(kind)
    if maximum is None:
        raise ValueError(f"{site.name} of a {site.limb} is not scored for {kind}")
    zero = TRAINING_ZERO if mode == "training" else REFERENCE_ZERO[kind]
    decay = (TRAINING_DECAY if mode == "training" else REFERENCE_DECAY)[maximum]
    steps = [decay**step for step in range(maximum)]
    return (zero, *((1 - zero) * step / sum(steps) for step in steps))
