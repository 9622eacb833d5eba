"""A patient's earlier visits as the scoring workflow takes them, from the files of `patient_readings`.

Days decide alone: a node cannot know which of two undated studies came first.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from opensvh.domain.anatomy import film_code
from opensvh.domain.errors import OpenSvHError
from opensvh.reporting.study_file import StudyFile, read_study
from opensvh.workflows.films import Patient
from opensvh.workflows.visits import EarlierResults, visits_of


def earlier_visits(paths: Iterable[Path], patients: Sequence[Patient]) -> EarlierResults:
    """Dated studies from before any of these visits, those of one day as one; none where a visit bears no date."""
    dates = [visit.date for patient in patients for visit in visits_of(patient)]
    if not dates or None in dates:
        return EarlierResults()
    stored = [content for path in paths if (content := _read(path)) is not None]
    names = {patient.name for patient in patients}
    days: dict[tuple[str, str], list[StudyFile]] = {}
    for each in stored:
        # Another issuer's spelling of the patient is another folder's; here the name is the same or the file is stale.
        if each.study.date is not None and each.study.patient in names:
            days.setdefault((each.study.patient, each.study.date), []).append(each)
    return EarlierResults(tuple(_joined(studies) for studies in days.values()))


def _joined(studies: Sequence[StudyFile]) -> StudyFile:
    """Hands and feet are often two studies of one day: what one model read of them is one visit."""
    first = studies[0]
    alike = [each for each in studies if each.study.models == first.study.models]
    films = {film_code(film.limb, film.side): film for each in reversed(alike) for film in each.study.films}
    study = replace(first.study, films=tuple(films.values()))
    return StudyFile("+".join(each.key for each in alike), study)


def _read(path: Path) -> StudyFile | None:
    with suppress(OpenSvHError, OSError):  # of another version, or deleted meanwhile: a report without comparison
        return read_study(path)
    return None
