"""A reader who errs: the grades a person would write down for a patient whose exact grades are known.

The size of the errors is this project's choice, such that two readers agree about as experts and good models do
(quadratic weighted kappa 0.85-0.9; Honda 2023: 0.879 for erosion, 0.865 for narrowing; FACTS.md, section 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.simulation.patient import Grades, PatientTruth


@dataclass(frozen=True)
class Reader:
    """How one reader errs, all as parts of a site's highest grade.

    `bias` shifts every reading of a kind; `noise` is the SD where there is damage, `noise_at_zero` where there is none.
    """

    bias: Mapping[Kind, float]
    noise: float = 0.135
    noise_at_zero: float = 0.085


def draw_reader(rng: np.random.Generator) -> Reader:
    """A random reader: a little strict or mild for each kind."""
    return Reader(bias={kind: float(rng.normal(0, 0.012)) for kind in Kind})


def read_grades(truth: PatientTruth, reader: Reader, rng: np.random.Generator) -> dict[tuple[Limb, Side], Grades]:
    """The grades this reader writes down: whole, in range, mostly exact or one off."""
    return {
        (limb, side): {
            (name, kind): _read(grade, site_named(limb, name).maximum(kind) or 0, reader, kind, rng)
            for (name, kind), grade in grades.items()
        }
        for (limb, side), grades in truth.grades.items()
    }


def _read(grade: int, maximum: int, reader: Reader, kind: Kind, rng: np.random.Generator) -> int:
    noise = reader.noise if grade > 0 else reader.noise_at_zero
    seen = grade + maximum * (reader.bias[kind] + noise * rng.standard_normal())
    return int(np.clip(np.floor(seen + 0.5), 0, maximum))
