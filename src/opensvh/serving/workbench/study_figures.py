"""How far two readers of a study agree, in the figures that trials publish; the statistics are `evaluation`'s."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from opensvh.domain.anatomy import FILM_CODES, Kind, Limb
from opensvh.evaluation.agreement import agreement, icc_agreement
from opensvh.serving.workbench.results import Row

Key = tuple[str, str, str, str]
_HIGHEST = 10
_LIMITS = 1.96
"""Half width of 95 % limits of agreement, in standard deviations of the difference."""


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class SiteAgreement(_Plain):
    """Grades of one kind at one limb's sites: `kappa` with quadratic weights, None where a reader gave one grade."""

    limb: str
    kind: str
    pairs: int
    kappa: float | None
    exact: float
    within_one: float


class TotalAgreement(_Plain):
    """Totals of a patient's visit, or their change, in points: ICC(2,1), mean difference, 95 % limits of agreement.

    A total counts the places that both readers scored, so that a site one of them could not assess adds no difference.
    """

    n: int
    icc: float | None
    mean_difference: float | None
    limits: float | None
    """Half width: differences lie within `mean_difference` plus and minus this."""


class Figures(_Plain):
    """Two readers in alphabetical order of their seats, and how they agree."""

    readers: tuple[str, ...]
    sites: tuple[SiteAgreement, ...]
    totals: TotalAgreement
    changes: TotalAgreement


def figures_of(rows: Sequence[Row]) -> Figures | None:
    """Agreement on what both readers committed; None while there are not two."""
    said: dict[str, dict[Key, tuple[Row, float]]] = {}
    for row in rows:
        if row.role == "reader" and row.score is not None:
            key = (row.patient, row.visit, f"{row.film} {row.code}", f"{row.site} {row.kind}")
            said.setdefault(row.reader, {})[key] = (row, row.score)
    if len(said) != 2:
        return None
    first, second = said.values()
    pairs = [(first[key][0], first[key][1], second[key][1]) for key in first if key in second]
    groups = [(limb, kind) for limb in Limb for kind in Kind]
    sites = [_sites(limb, kind, pairs) for limb, kind in groups]
    totals = _totals(pairs)
    return Figures(
        readers=tuple(said),
        sites=tuple(each for each in sites if each is not None),
        totals=_compared([(one, other) for visits in totals.values() for one, other in visits.values()]),
        changes=_compared(_changes(totals)),
    )


def _sites(limb: Limb, kind: Kind, pairs: Sequence[tuple[Row, float, float]]) -> SiteAgreement | None:
    mine = [(one, other) for row, one, other in pairs if FILM_CODES[row.code][0] is limb and row.kind == kind]
    grades = np.array(mine, dtype=np.int64).reshape(-1, 2)
    found = agreement(grades[:, 0], grades[:, 1], _HIGHEST)
    if found is None:
        return None
    return SiteAgreement(
        limb=limb, kind=kind, pairs=found.n, kappa=found.kappa, exact=found.exact, within_one=found.within_one
    )


def _totals(pairs: Sequence[tuple[Row, float, float]]) -> dict[str, dict[tuple[str, str], tuple[float, float]]]:
    """Patient -> (date, visit) -> both readers' totals."""
    totals: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    for row, one, other in pairs:
        visits, when = totals.setdefault(row.patient, {}), (row.date or "", row.visit)
        before = visits.get(when, (0.0, 0.0))
        visits[when] = (before[0] + one, before[1] + other)
    return totals


def _changes(totals: dict[str, dict[tuple[str, str], tuple[float, float]]]) -> list[tuple[float, float]]:
    """From each patient's first visit to the last."""
    changes = []
    for visits in totals.values():
        if len(visits) > 1:
            first, last = visits[min(visits)], visits[max(visits)]
            changes.append((last[0] - first[0], last[1] - first[1]))
    return changes


def _compared(totals: Sequence[tuple[float, float]]) -> TotalAgreement:
    both = np.array(totals, dtype=np.float64).reshape(-1, 2)
    difference = both[:, 0] - both[:, 1]
    return TotalAgreement(
        n=len(both),
        icc=icc_agreement(both[:, 0], both[:, 1]) if len(both) > 1 else None,
        mean_difference=float(difference.mean()) if len(both) else None,
        limits=_LIMITS * float(difference.std(ddof=1)) if len(both) > 1 else None,
    )
