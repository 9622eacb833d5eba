"""What is different from a patient's last visit, and how much of it could be chance.

Only what was scored at both visits is compared: a site that one visit lacks is no change.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from opensvh.domain.anatomy import Kind, Site, film_code
from opensvh.domain.reading import SiteReading, StudyReading
from opensvh.reporting.intervals import WIDENING, site_variance, total_variance

NORMAL_95 = 1.96
READERS_SDC = 3.0
"""Smallest detectable change of a total between two experienced readers, mean of 15 trials (Ann Rheum Dis 2014;73:1067;
our simulated readers have 2.9, docs/simulator_cohort.md). No reading is taken to be finer than theirs."""
CHANGE_FACTOR = 0.67
"""On the SD of independent sites at independent visits: a model errs alike on a patient's visits, so errors cancel.

It covers the largest error of 24 simulated patients at two visits (`reference` 0.5.0; measured as docs/report.md says).
"""
ONE_GRADE = 1.0
"""A change of one grade at one joint is no finding: of 691 joints 12 changed in all readings (PMC2945936)."""

SiteKey = tuple[str, str, Kind]
"""Film code (`LH`), name of the site, kind."""


@dataclass(frozen=True)
class TotalChange:
    """A sum over the sites scored at both visits; `detectable` is the least change that is not taken for chance."""

    kind: Kind | None
    before: float
    now: float
    detectable: float | None

    @property
    def difference(self) -> float:
        """Positive where damage grew."""
        return self.now - self.before

    @property
    def is_detectable(self) -> bool:
        """Whether it is more than chance; never where that is not known."""
        return self.detectable is not None and abs(self.difference) > self.detectable


@dataclass(frozen=True)
class SiteChange:
    """A site whose change is more than chance and more than one grade; expectations in grades."""

    film: str
    site: Site
    kind: Kind
    before: float
    now: float


@dataclass(frozen=True)
class Changes:
    """Two visits side by side; `compared` of `scored_now` scores could be, `same_model` whether one model read both."""

    previous: StudyReading
    total: TotalChange
    kinds: tuple[TotalChange, ...]
    sites: tuple[SiteChange, ...]
    compared: int
    scored_now: int
    same_model: bool


def changes_since(study: StudyReading, previous: StudyReading | None) -> Changes | None:
    """The changes since `previous`; None at a first visit."""
    if previous is None:
        return None
    now, before = _scored(study), _scored(previous)
    common = [key for key in now if key in before]
    pairs = {key: (before[key], now[key]) for key in common}
    same_model = study.models == previous.models
    return Changes(
        previous=previous,
        total=_total(pairs, None, same_model),
        kinds=tuple(_total(pairs, kind, same_model) for kind in Kind),
        sites=_site_changes(pairs),
        compared=len(common),
        scored_now=len(now),
        same_model=same_model,
    )


Pairs = Mapping[SiteKey, tuple[SiteReading, SiteReading]]


def _scored(study: StudyReading) -> dict[SiteKey, SiteReading]:
    return {
        (film_code(film.limb, film.side), each.site.name, each.kind): each
        for film, each in study.site_readings()
        if each.expected is not None
    }


def _total(pairs: Pairs, kind: Kind | None, same_model: bool) -> TotalChange:
    """Errors of two models do not cancel: then each visit's counts in full."""
    chosen = [pair for key, pair in pairs.items() if kind in (None, key[2])]
    variance = total_variance([reading for pair in chosen for reading in pair])
    factor = CHANGE_FACTOR if same_model else WIDENING[kind]
    noise = None if variance is None else NORMAL_95 * factor * float(variance**0.5)
    return TotalChange(
        kind=kind,
        before=sum(before.expected or 0.0 for before, _ in chosen),
        now=sum(now.expected or 0.0 for _, now in chosen),
        detectable=None if noise is None else max(READERS_SDC, noise),
    )


def _site_changes(pairs: Pairs) -> tuple[SiteChange, ...]:
    """The sites that changed by more than chance, the largest change first."""
    found = [
        SiteChange(key[0], now.site, key[2], before.expected or 0.0, now.expected or 0.0)
        for key, (before, now) in pairs.items()
        if _is_site_change(before, now)
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.now - each.before)))


def _is_site_change(before: SiteReading, now: SiteReading) -> bool:
    variances = site_variance(before), site_variance(now)
    if None in variances:
        return False
    noise = NORMAL_95 * float(sum(each or 0.0 for each in variances) ** 0.5)
    return abs((now.expected or 0.0) - (before.expected or 0.0)) > max(ONE_GRADE, noise)
