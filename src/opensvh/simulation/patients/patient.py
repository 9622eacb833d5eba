"""Who is simulated: a patient's build, and how damaged every site of both hands and feet is.

How sites go together is in `severity`, what a later visit shows in `progression`, what a reader makes of it in
`reader`, how it looks on a film in the geometry. Sourced: the difference in size between men and women (FACTS.md,
section 6: metatarsal 1 is 56.4/4.4 mm long in men and 50.1/3.1 mm in women), a child's size by age (WHO growth
reference 2007), and that the older have more damage (erosions in 22, 52 and 71 % of patients below 50, of 50-69 and
above, PMC1855997). The other shares are this project's choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.simulation.patients.severity import (
    COHORTS,
    Damage,
    Severity,
    draw_damage,
    grade_of,
    is_undamaged,
    no_damage,
)

Sex = Literal["female", "male"]
Grades = Mapping[tuple[str, Kind], int]

ADULT_SIZE: dict[Sex, tuple[float, float]] = {"female": (0.941, 0.062), "male": (1.059, 0.078)}
"""Mean and SD of an adult's `size`."""

STATURE_CM: dict[Sex, tuple[float, ...]] = {
    "female": (109.6, 115.1, 120.8, 126.6, 132.5, 138.6, 145.0, 151.2, 156.4, 159.8, 161.7, 162.5, 162.9, 163.1, 163.2),
    "male": (110.3, 116.0, 121.7, 127.3, 132.6, 137.8, 143.1, 149.1, 156.0, 163.2, 169.0, 172.9, 175.2, 176.1, 176.5),
}
"""Median stature at 5, 6, ..., 19 years, WHO growth reference 2007. Hands and feet are taken to grow with stature."""

STATURE_AGES = tuple(range(5, 20))
ADULT_AGE = 18


@dataclass(frozen=True)
class PatientTraits:
    """What shapes all four films of a patient.

    `age` in years; `size` and `soft_tissue` are factors on the average adult's lengths and thickness, a child's size
    down to 0.5; `bone_density` one on mineral, in [0.6, 1.15] with osteopenia below 0.85; `severity` is the latent
    severity, standard normal over a cohort; `child` is someone below 18, who has no damage.
    """

    sex: Sex
    age: float
    size: float
    bone_density: float
    soft_tissue: float
    severity: float
    child: bool = False


@dataclass(frozen=True)
class PatientTruth:
    """A patient with the exact damage of every site: by limb and side, then by (site name, kind)."""

    patient_id: str
    traits: PatientTraits
    damage: Mapping[tuple[Limb, Side], Damage]

    @cached_property
    def grades(self) -> dict[tuple[Limb, Side], Grades]:
        """The exact grades, which the films show."""
        return {
            (limb, side): {
                (name, kind): grade_of(damage, site_named(limb, name).maximum(kind) or 0)
                for (name, kind), damage in film.items()
            }
            for (limb, side), film in self.damage.items()
        }

    @property
    def total(self) -> int:
        """The sum of all grades, 0-448."""
        return sum(sum(film.values()) for film in self.grades.values())


def draw_patient(patient_id: str, rng: np.random.Generator, mode: Severity) -> PatientTruth:
    """A random patient of a cohort; see `severity.COHORTS` for what the two modes hold."""
    severity = float(rng.standard_normal())
    if is_undamaged(severity, mode):
        mix = COHORTS[mode]
        is_child = rng.random() < mix.children / mix.undamaged
        traits = _draw_child(severity, rng) if is_child else _draw_adult(severity, rng)
        return PatientTruth(patient_id, traits, no_damage())
    return PatientTruth(patient_id, _draw_adult(severity, rng), draw_damage(severity, mode, rng))


def aged(traits: PatientTraits, months: float) -> PatientTraits:
    """The same person some months later: a child has grown."""
    age = traits.age + months / 12
    growth = _stature_share(traits.sex, age) / _stature_share(traits.sex, traits.age)
    return replace(traits, age=round(age, 2), size=traits.size * growth, child=age < ADULT_AGE)


def _draw_adult(severity: float, rng: np.random.Generator) -> PatientTraits:
    """Three of four are women; bone thins with age and with the disease; the older are a little worse."""
    sex: Sex = "male" if rng.random() < 0.27 else "female"
    age = float(np.clip(56 + 14 * (0.25 * severity + 0.97 * rng.standard_normal()), ADULT_AGE, 90))
    mean, spread = ADULT_SIZE[sex]
    loss = 0.004 * max(age - 45, 0) * (0.7 if sex == "male" else 1.0)
    return PatientTraits(
        sex=sex,
        age=round(age, 2),
        size=float(np.clip(rng.normal(mean, spread), 0.8, 1.25)),
        bone_density=float(np.clip(1.0 - loss - 0.05 * severity + rng.normal(0, 0.07), 0.6, 1.15)),
        soft_tissue=float(np.clip(np.exp(rng.normal(0, 0.13)), 0.7, 1.5)),
        severity=severity,
    )


def _draw_child(severity: float, rng: np.random.Generator) -> PatientTraits:
    """From 5 years to just below 18, girls and boys alike; mineral is still being laid down (our choice)."""
    sex: Sex = "male" if rng.random() < 0.5 else "female"
    age = float(rng.uniform(5, ADULT_AGE - 0.01))
    mean, spread = ADULT_SIZE[sex]
    size = float(np.clip(rng.normal(mean, spread), 0.8, 1.25)) * _stature_share(sex, age)
    density = 0.8 + 0.2 * (age - 5) / (ADULT_AGE - 5) + rng.normal(0, 0.05)
    return PatientTraits(
        sex=sex,
        age=round(age, 2),
        size=size,
        bone_density=float(np.clip(density, 0.65, 1.15)),
        soft_tissue=float(np.clip(np.exp(rng.normal(0, 0.13)), 0.7, 1.5)),
        severity=severity,
        child=True,
    )


def _stature_share(sex: Sex, age: float) -> float:
    """Median stature at an age as a share of the adult's."""
    return float(np.interp(age, STATURE_AGES, STATURE_CM[sex])) / STATURE_CM[sex][-1]
