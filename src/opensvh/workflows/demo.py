"""The main job from end to end on one simulated patient: films of known grades, scored as any others are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb, Side
from opensvh.domain.backends import Choice
from opensvh.domain.reading import StudyReading
from opensvh.io.ra2 import read_ra2
from opensvh.simulation.cohort import patient_name
from opensvh.workflows.films import FilmHints
from opensvh.workflows.results import Wanted
from opensvh.workflows.score import REPORT_FILE, score
from opensvh.workflows.simulate import SimulationSettings, simulate
from opensvh.workflows.visits import study_folder

FILMS, RESULTS = "films", "results"

SiteKey = tuple[Side, Limb, str, Kind]


@dataclass(frozen=True)
class Demonstration:
    """A patient's true grades beside what was read; each has the sites it could be told at."""

    truth: Mapping[SiteKey, float]
    read: Mapping[SiteKey, float]
    study: StudyReading
    report: Path

    def sums(self) -> Iterator["Sum"]:
        """True and read sums of each limb and kind over both sides, of sites that were assessed, and their sum."""
        for limb in Limb:
            for kind in Kind:
                yield self._sum(f"{limb} {kind}", [key for key in self.truth if (key[1], key[3]) == (limb, kind)])
        yield self._sum("total", list(self.truth))

    def _sum(self, label: str, keys: list[SiteKey]) -> "Sum":
        assessed = [key for key in keys if key in self.read]
        return Sum(
            label,
            truth=sum(self.truth[key] for key in assessed),
            read=sum(self.read[key] for key in assessed),
            assessed=len(assessed),
            sites=len(keys),
        )


@dataclass(frozen=True)
class Sum:
    """A true and a read sum over the same `assessed` of `sites` sites."""

    label: str
    truth: float
    read: float
    assessed: int
    sites: int


def demonstrate(
    out: Path, seed: int, models: list[str], progress: Callable[[str], None] = lambda film: None
) -> Demonstration:
    """Simulate a patient into `out/films`, score the films into `out/results`; `progress` is told each film read."""
    films, results = out / FILMS, out / RESULTS
    simulate(films, SimulationSettings(patients=1, seed=seed))
    patient = patient_name(1)
    wanted = Wanted(backend=Choice.AUTO)
    scored = score([films / "images"], results, models, FilmHints(), wanted, progress)
    study = next(study for study in scored.studies if study.patient == patient)
    read = {
        (film.side, film.limb, each.site.name, each.kind): each.expected
        for film, each in study.site_readings()
        if each.expected is not None
    }
    return Demonstration(_truth(films / "truth.csv", patient), read, study, study_folder(results, study) / REPORT_FILE)


def _truth(path: Path, patient: str) -> dict[SiteKey, float]:
    row = read_ra2(path).loc[patient].to_dict()
    return {
        (side, site.limb, site.name, kind): float(row[column])
        for column, (side, site, kind) in RA2_SITE_COLUMNS.items()
        if not isnan(row[column])
    }
