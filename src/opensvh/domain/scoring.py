"""Sums of site scores, their maxima, and how a foot's erosion fits the hand's scale.

A sum says how many sites it adds up and of how many: a missing site is left out and counted, never taken as 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opensvh.domain.anatomy import SITES, Kind, Limb, Side
from opensvh.domain.reading import SiteReading

FOOT_EROSION_FACTOR = 2
"""Foot erosion, 0-10, is trained as half its score on the hand's 0-5 scale and doubled again (paper, section 3)."""


@dataclass(frozen=True)
class Total:
    """A sum of expected scores over `assessed` of `sites` sites, and the highest sum those assessed could reach."""

    value: float
    assessed: int
    sites: int
    maximum: int

    @property
    def complete(self) -> bool:
        """Whether no site is missing."""
        return self.assessed == self.sites


def site_count(kind: Kind, limb: Limb | None = None, sides: int = 2) -> int:
    """Number of scored sites of a patient, or of one limb on `sides` sides: 42 narrowing and 44 erosion in all."""
    return sides * sum(site.maximum(kind) is not None for site in SITES if limb in (None, site.limb))


def maximum_total(kind: Kind, limb: Limb | None = None, sides: int = 2) -> int:
    """Highest possible sum: 168 narrowing and 280 erosion for a patient, 448 together."""
    return sides * sum(site.maximum(kind) or 0 for site in SITES if limb in (None, site.limb))


def total(readings: Iterable[tuple[Side, SiteReading]], kind: Kind | None = None, limb: Limb | None = None) -> Total:
    """Sum the expectations of a patient's readings (each with its side), of one kind or limb if given.

    A site read on two films of the same side counts once: the reading of higher confidence.
    """
    chosen = _best_of_each(
        (side, reading)
        for side, reading in readings
        if kind in (None, reading.kind) and limb in (None, reading.site.limb)
    )
    scored = [reading for reading in chosen if reading.expected is not None]
    kinds = [kind] if kind is not None else list(Kind)
    return Total(
        value=sum(reading.expected or 0.0 for reading in scored),
        assessed=len(scored),
        sites=sum(site_count(each, limb) for each in kinds),
        maximum=sum(reading.site.maximum(reading.kind) or 0 for reading in scored),
    )


def _best_of_each(readings: Iterable[tuple[Side, SiteReading]]) -> list[SiteReading]:
    best: dict[tuple[Side, Limb, str, Kind], SiteReading] = {}
    for side, reading in readings:
        key = (side, reading.site.limb, reading.site.name, reading.kind)
        if key not in best or _rank(reading) > _rank(best[key]):
            best[key] = reading
    return list(best.values())


def _rank(reading: SiteReading) -> tuple[bool, float]:
    return reading.expected is not None, reading.confidence or 0.0
