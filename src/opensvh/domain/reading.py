"""Results: what was read at a site, on a film, of a patient. Frozen, and with a status apart from the score.

A missing score is a status, never 0 and never NaN. Sums are in `scoring`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date as Day
from enum import StrEnum

from opensvh.domain.anatomy import Kind, Limb, Side, Site
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import AS_STORED, LimbPlacement, Pose


class Status(StrEnum):
    """Why a site has a score, or none."""

    SCORED = "scored"
    NOT_ASSESSABLE = "not assessable"
    NOT_VISIBLE = "not visible"
    SURGICALLY_ALTERED = "surgically altered"
    AMPUTATED = "amputated"
    POOR_QUALITY = "poor quality"


@dataclass(frozen=True)
class SiteReading:
    """One kind of damage at one site.

    `expected` is the expectation in [0, site maximum], `score` the whole grade nearest to it; both are None unless the
    status is SCORED. `probabilities` over the classes the model was trained on (empty from a human reader); `point` in
    pixels of the file as stored; `confidence` in [0, 1] that the joint is there; `reason` says why there is no score.
    """

    site: Site
    kind: Kind
    status: Status
    expected: float | None = None
    probabilities: tuple[float, ...] = ()
    point: Point | None = None
    confidence: float | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        maximum = self.site.maximum(self.kind)
        if maximum is None:
            raise ValueError(f"{self.site.name} of a {self.site.limb} is not scored for {self.kind}")
        if (self.expected is None) == (self.status is Status.SCORED):
            raise ValueError(f"{self.site.name}: status {self.status!r} with expected {self.expected}")
        if self.expected is not None and not 0 <= self.expected <= maximum:
            raise ValueError(f"{self.site.name} {self.kind} {self.expected} is outside 0-{maximum}")

    @property
    def score(self) -> int | None:
        """The whole grade nearest to the expectation."""
        return None if self.expected is None else int(self.expected + 0.5)


@dataclass(frozen=True)
class FilmReading:
    """All sites of one limb on one film.

    `film` is the path as the user gave it; `side` whose limb of the patient it is; `pose` what brought it into the
    canonical frame, `placement` what was found from the pixels (None where all was told); `box` the limb in pixels of
    the file as stored; `points` the joints found, with their confidence in `confidences`; `warnings` in words a reader
    understands; `facts` what else is known of the film (spacing, claims of tags and names).
    """

    patient: str
    film: str
    limb: Limb
    side: Side
    sites: tuple[SiteReading, ...]
    box: Box
    points: Mapping[str, Point] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)
    pose: Pose = AS_STORED
    placement: LimbPlacement | None = None
    warnings: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def quarter_turns_cw(self) -> int:
        """The quarter turns nearest to what brings the digits up."""
        return round(self.pose.turn_cw_deg / 90) % 4

    def reading(self, name: str, kind: Kind) -> SiteReading:
        """The reading of one site and kind; raises KeyError where the film has none."""
        for reading in self.sites:
            if reading.site.name == name and reading.kind is kind:
                return reading
        raise KeyError(f"no {kind} reading of {name} on {self.film}")


@dataclass(frozen=True)
class RefusedFilm:
    """A film that was not scored, and why, in a sentence."""

    film: str
    reason: str


@dataclass(frozen=True)
class ModelIdentity:
    """What made a reading: the bundle's name, its version, and the SHA-256 of its weights."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class StudyReading:
    """One patient's films at one visit, read by one model or ensemble.

    `date` is the day the films were taken (ISO 8601, `2024-05-01`), None where nobody says; `visit` what the trial or
    the user calls it (`Week 24`), None where nobody names it. Two studies of one patient differ in at least one.
    """

    patient: str
    films: tuple[FilmReading, ...]
    refused: tuple[RefusedFilm, ...]
    models: tuple[ModelIdentity, ...]
    software: str
    date: str | None = None
    visit: str | None = None

    def __post_init__(self) -> None:
        if self.date is not None and Day.fromisoformat(self.date).isoformat() != self.date:
            raise ValueError(f"{self.patient}: {self.date!r} is no day as YYYY-MM-DD")

    def site_readings(self) -> Iterator[tuple[FilmReading, SiteReading]]:
        """Every reading with the film it was made on."""
        for film in self.films:
            for reading in film.sites:
                yield film, reading
