"""A hand-marked real film beside what was read on it: which limb found is the marked one, and how far off its joints.

Reading is the workflow's; figures of joints, placement and damage are made from these in `real_points`,
`real_placement` and `real_damage`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opensvh.domain.geometry import Box
from opensvh.domain.reading import FilmReading
from opensvh.evaluation.localization import PointError
from opensvh.evaluation.real_split import Half
from opensvh.evaluation.truth import FilmTruth, ReadFilm

OBLIQUE, CHILD = "oblique", "child"
"""Words of the records: the view of films that are neither PA nor DP, the age of limbs with open growth plates."""

SAME_LIMB = 0.2
"""Overlap (intersection over union) with the marked box from which a limb found is the marked one: boxes found may take
in forearm or ankle, another limb of the film hardly touches it."""


@dataclass(frozen=True)
class RealFilm:
    """A marked film: `person` names its group of films, `box` the marked limb as stored; `severe` its arthritis."""

    truth: FilmTruth
    person: str
    box: Box
    half: Half
    severe: bool

    @property
    def facts(self) -> dict[str, str | bool]:
        """What every table says of the film."""
        return {
            "film": self.truth.film,
            "person": self.person,
            "half": self.half.value,
            "limb": self.truth.limb.value,
            "view": self.truth.view,
            "age": self.truth.age,
            "severe": self.severe,
        }

    @property
    def ordinary(self) -> bool:
        """An adult's limb without arthritis: what the headline figures are of."""
        return not self.severe and self.truth.age != CHILD

    @property
    def oblique(self) -> bool:
        """Whether the film is no PA or DP view."""
        return self.truth.view == OBLIQUE


@dataclass(frozen=True)
class FilmOutcome:
    """What a reader made of a film: a reading for each limb, or none and the reason.

    The readings have no `placement` where limb, side and turn were told to the reader.
    """

    limbs: tuple[FilmReading, ...]
    reason: str = ""


@dataclass(frozen=True)
class RealRead:
    """A marked film and its outcome."""

    film: RealFilm
    outcome: FilmOutcome

    @property
    def found(self) -> FilmReading | None:
        """The limb that covers the marked one best; None where the film was refused or nothing found lies there."""
        best = max(self.outcome.limbs, key=self._overlap, default=None)
        return None if best is None or self._overlap(best) < SAME_LIMB else best

    @property
    def reading(self) -> FilmReading | None:
        """The reading of the marked limb; None where it was refused, missed, or taken for the other kind of limb."""
        found = self.found
        return found if found is not None and found.limb is self.film.truth.limb else None

    def errors(self, certain: bool) -> list[PointError]:
        """One error for each marked point, or for each plain to see; infinite where it was not found."""
        read = ReadFilm(self.film.truth, self.reading, self.outcome.reason)
        return read.certain_errors() if certain else read.errors()

    def _overlap(self, limb: FilmReading) -> float:
        """Of its place with the marked box, in [0, 1]; 1 for a limb that was told."""
        return 1.0 if limb.placement is None else limb.placement.box.overlap(self.film.box)


def of_half(reads: Iterable[RealRead], half: Half | None) -> list[RealRead]:
    """The films of one half; of both for None."""
    return [read for read in reads if half is None or read.film.half is half]
