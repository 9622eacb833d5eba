"""What the quality gate has to say of a film, in words, and what follows from it for the film's reading.

How each finding is come by is told in `quality_joints` and `quality_objects`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opensvh.domain.anatomy import Kind, Limb, sites_of
from opensvh.domain.reading import FilmReading, SiteReading, Status


class Severity(StrEnum):
    """What follows: the film is not scored; it is, with a warning; some of its sites are not."""

    REFUSE = "refuse"
    WARN = "warn"
    SITE = "site"


class Code(StrEnum):
    """Which finding, for programs; `Finding.text` is for people."""

    NO_LIMB = "no limb"
    CUT_OFF = "cut off"
    STRAY_JOINT = "stray joint"
    ARRANGEMENT = "arrangement"
    CLIPPED = "clipped"
    NO_CONTRAST = "no contrast"
    FEW_PIXELS = "few pixels"
    OBLIQUE = "oblique"
    GROWING = "growing"
    METAL = "metal"
    CAST = "cast"


@dataclass(frozen=True)
class Finding:
    """One thing about a film; `text` is a sentence without capital and full stop.

    `sites` it is about, by name, empty: the whole film; where `status` is given, readings of `kinds` at these sites
    take it and lose their score.
    """

    code: Code
    severity: Severity
    text: str
    sites: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = tuple(Kind)
    status: Status | None = None

    def holds_for(self, reading: SiteReading) -> bool:
        """Whether it takes this reading's score."""
        here = not self.sites or reading.site.name in self.sites
        return self.status is not None and here and reading.kind in self.kinds


def sites_at(limb: Limb, points: Iterable[str]) -> tuple[str, ...]:
    """The names of the limb's sites that are read at these points, in table order."""
    wanted = set(points)
    return tuple(site.name for site in sites_of(limb) if site.point in wanted)


def refusal(findings: Sequence[Finding]) -> str | None:
    """Why the film is not scored, None where it is."""
    reasons = [finding.text for finding in findings if finding.severity is Severity.REFUSE]
    return "; ".join(reasons) or None


def apply_findings(reading: FilmReading, findings: Sequence[Finding]) -> FilmReading:
    """The reading with the statuses and warnings that follow; the first finding about a site decides it.

    What makes a film refused changes nothing here: see `refusal`.
    """
    said = [finding for finding in findings if finding.severity is not Severity.REFUSE]
    return replace(
        reading,
        sites=tuple(_decided(site, said) for site in reading.sites),
        warnings=(*reading.warnings, *(finding.text for finding in said)),
    )


def _decided(reading: SiteReading, findings: Sequence[Finding]) -> SiteReading:
    for finding in findings:
        if finding.holds_for(reading):
            status = finding.status or reading.status
            return replace(reading, status=status, expected=None, probabilities=(), reason=finding.text)
    return reading
