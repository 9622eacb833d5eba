"""What is known of a film, what was read on it, and the score tables of both, patient by patient.

Where the truth comes from is `io`'s, who read the film is `inference`'s; the figures are made from these by `figures`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from opensvh.domain.anatomy import Kind, Limb, Side, site_named
from opensvh.domain.geometry import Point
from opensvh.domain.reading import FilmReading
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.localization import PointError, limb_length_px, point_errors


@dataclass(frozen=True)
class FilmTruth:
    """A film with its gold standard: any of the points and any of the scores may be missing.

    `film` is its name in the data, unique; `points` in pixels of the file as stored, `uncertain` those the annotator
    could hardly see; `height_px` the marked limb's height with the digits up, None where no box was marked.
    """

    film: str
    patient: str
    path: Path
    limb: Limb
    side: Side
    quarter_turns_cw: int = 0
    points: Mapping[str, Point] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()
    scores: Mapping[tuple[str, Kind], float] = field(default_factory=dict)
    height_px: float | None = None
    view: str = ""
    age: str = ""


@dataclass(frozen=True)
class ReadFilm:
    """A film's truth beside its reading; `reading` is None where the film was refused, for `reason`."""

    truth: FilmTruth
    reading: FilmReading | None
    reason: str = ""

    def errors(self) -> list[PointError]:
        """One error for each marked point, the uncertain ones too; all infinite on a refused film."""
        found = self.reading.points if self.reading else {}
        return point_errors(self.truth.film, self.truth.limb, self.truth.points, found, self._length_px())

    def certain_errors(self) -> list[PointError]:
        """The errors at points that were plain to see."""
        return [error for error in self.errors() if error.point not in self.truth.uncertain]

    def _length_px(self) -> float:
        height = self.truth.height_px
        if height is None and self.reading is not None:
            box = self.reading.box
            height = box.width if self.reading.quarter_turns_cw % 2 else box.height
        return limb_length_px(self.truth.limb, height or 1.0)


def gold_table(reads: Iterable[ReadFilm]) -> pd.DataFrame:
    """The gold scores of every patient who has any, NaN where there is none: a score table as `challenge` takes it."""
    rows: dict[str, dict[str, float]] = {}
    for read in reads:
        truth = read.truth
        for (name, kind), score in truth.scores.items():
            column = site_named(truth.limb, name).ra2_column(truth.side, kind)
            if column is not None:
                rows.setdefault(truth.patient, {})[column] = score
    return _score_table(rows)


def predicted_table(reads: Iterable[ReadFilm]) -> pd.DataFrame:
    """The expectations read on every patient's films, NaN where a site is not assessable or a film was refused."""
    rows: dict[str, dict[str, float]] = {}
    for read in reads:
        row = rows.setdefault(read.truth.patient, {})
        for site in read.reading.sites if read.reading else ():
            column = site.site.ra2_column(read.truth.side, site.kind)
            if column is not None and site.expected is not None:
                row[column] = site.expected
    return _score_table(rows)


def _score_table(rows: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    table = pd.DataFrame([dict(row) for row in rows.values()], index=pd.Index(list(rows), name="Patient_ID"))
    return table.reindex(columns=site_columns()).astype(float)
