"""A reader who errs: the grades a person would write down for a patient whose exact damage is known.

A reader sees the damage of a site (`severity`: a position between two grades, the same for every reader) with an error,
and writes down the grade that it lies in. The error has parts that belong to the reader (strict or mild in a kind of
damage), to the reader with this patient (films differ in quality, readers in what they make of it), and to the reader
with this site. Visits are read as pairs, side by side, as trials do: what a reader made of a site stays with them, and
only a small part is drawn anew for each visit, more where something changed.

The sizes are fitted so that two readers of a `reference` cohort agree as published (docs/simulator_cohort.md has the
table, `python validation/cohort_figures.py` prints it): quadratic weighted kappa per site 0.85-0.9 (Honda 2023: 0.879
for erosion, 0.865 for narrowing), ICC of totals 0.85-0.97 in early arthritis (J Clin Epidemiol 2004;57:502), smallest
detectable change 3.0 with an SD of 0.7 over 31 trial intervals (Ann Rheum Dis 2014;73:1067).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.simulation.patients.patient import Grades, PatientTruth
from opensvh.simulation.patients.severity import grade_of

Reading = dict[tuple[Limb, Side], Grades]
SiteKey = tuple[Limb, Side, str, Kind]

DOUBT = (0.27, 0.28, 0.06)
"""SD of seeing a site, in grades: without damage, added by the first grade, added by each further one."""

SUM_OF_TWO_BONES = 10
TWO_BONES = 1.4
"""How much more doubt a foot's erosion leaves, where two bones are graded 0-5 each: about the root of two."""


@dataclass(frozen=True)
class Reader:
    """How one reader errs, in multiples of the doubt that a site leaves.

    `bias` shifts every reading of a kind; `mood` is the SD of what shifts all sites of one patient; `site` the SD of
    what belongs to a single site; `fresh` the share of that variance which is drawn anew at each visit.
    """

    bias: Mapping[Kind, float]
    mood: float = 0.42
    site: float = 1.0
    fresh: float = 0.12


EXACT = Reader(bias=dict.fromkeys(Kind, 0.0), mood=0.0, site=0.0)
"""Reads the truth."""


def draw_reader(rng: np.random.Generator) -> Reader:
    """A random reader: a little strict or mild for each kind."""
    return Reader(bias={kind: float(rng.normal(0, 0.2)) for kind in Kind})


def read_grades(truth: PatientTruth, reader: Reader, rng: np.random.Generator) -> Reading:
    """The grades this reader writes down: whole, in range, mostly exact or one off."""
    return read_visits([truth], reader, rng)[0]


def read_visits(visits: Sequence[PatientTruth], reader: Reader, rng: np.random.Generator) -> list[Reading]:
    """The grades of each of a patient's visits, read side by side; the first as if it were read alone."""
    mood = {kind: reader.bias[kind] + reader.mood * float(rng.standard_normal()) for kind in Kind}
    sites: list[SiteKey] = [(*film, *key) for film, damage in visits[0].damage.items() for key in damage]
    kept = reader.site * (1 - reader.fresh) ** 0.5 * rng.standard_normal(len(sites))
    steady = {site: mood[site[3]] + float(own) for site, own in zip(sites, kept, strict=True)}
    return [
        _read_visit(visit, before, steady, reader, rng)
        for before, visit in zip((visits[0], *visits[:-1]), visits, strict=True)
    ]


def _read_visit(
    visit: PatientTruth, before: PatientTruth, steady: Mapping[SiteKey, float], reader: Reader, rng: np.random.Generator
) -> Reading:
    """One visit: the errors that stay over visits, and fresh ones, larger where damage changed since the one before."""
    reading: dict[tuple[Limb, Side], dict[tuple[str, Kind], int]] = {film: {} for film in visit.damage}
    fresh = reader.site * reader.fresh**0.5 * rng.standard_normal(len(steady))
    for (site, error), now in zip(steady.items(), fresh, strict=True):
        limb, side, name, kind = site
        damage = visit.damage[limb, side][name, kind]
        changed = abs(damage - before.damage[limb, side][name, kind])
        maximum = site_named(limb, name).maximum(kind) or 0
        reading[limb, side][name, kind] = _read(damage, error + (1 + changed) * float(now), maximum)
    return dict(reading)


def _read(damage: float, error: float, maximum: int) -> int:
    """The grade that the damage seems to have, for an error in multiples of the site's doubt."""
    none, first, further = DOUBT
    doubt = none + first * min(max(damage, 0.0), 1.0) + further * max(damage - 1.0, 0.0)
    if maximum == SUM_OF_TWO_BONES:
        doubt *= TWO_BONES
    return grade_of(damage + doubt * error, maximum)
