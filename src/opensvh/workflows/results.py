"""The forms in which results leave: a table of formats, each with its place, its writer and the library it needs.

Two scopes: what a patient's folder holds, and what the folder of a run holds of all its patients. How each form is made
is `reporting`'s; when it is written is `score`'s.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, TypeVar

from opensvh.domain.anatomy import FILM_CODES
from opensvh.domain.backends import Choice
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.reading import RefusedFilm, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.html import write_report
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.study_file import STUDY_FILE

ALWAYS = ("csv", "html")
"""Written whether they are named or not."""

Content = TypeVar("Content")


@dataclass(frozen=True)
class Wanted:
    """What a run is to write beside its tables and pages, and what is to run its networks.

    `formats` by name; `complete` fills gaps of scores.csv with the model's training means; `previous` is the folder of
    an earlier run, whose patients' reports are compared with; `backend`: None runs a bundle as it is.
    """

    formats: tuple[str, ...] = ()
    complete: bool = False
    previous: Path | None = None
    backend: Choice | None = None


@dataclass(frozen=True)
class StudyResult:
    """What a patient's forms are made of: pictures by film code (`LH`), one of every film of the study."""

    study: StudyReading
    pictures: Mapping[str, FilmPicture]
    previous: StudyReading | None = None


@dataclass(frozen=True)
class RunResult:
    """What the forms of a run are made of: every study in its folder, and every film that was not scored."""

    studies: Sequence[StudyReading]
    refused: Sequence[RefusedFilm]


@dataclass(frozen=True)
class Format(Generic[Content]):
    """One form: `place` is its file's name, or its folder's; `library` a module that it cannot do without."""

    place: str
    write: Callable[[Path, Content], None]
    library: str | None = None
    extra: str = "export"
    is_folder: bool = False


def chosen_formats(names: Iterable[str]) -> tuple[str, ...]:
    """The formats named, several in one name parted by commas; raises ConfigInvalid for unknown or impossible ones."""
    wanted = [part.strip().lower() for name in names for part in name.split(",") if part.strip()]
    known = {*ALWAYS, *PATIENT_FORMATS, *RUN_FORMATS}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ConfigInvalid(f"--format: {', '.join(unknown)} is none of {', '.join(sorted(known))}; correct the name")
    for name in wanted:
        made = PATIENT_FORMATS.get(name) or RUN_FORMATS.get(name)
        if made is not None and made.library is not None:
            refuse_without(made.library, made.extra, f"--format {name}")
    return tuple(dict.fromkeys(wanted))


def refuse_without(library: str, extra: str, option: str) -> None:
    """Raise ConfigInvalid, with what installs it, where a library that an option needs is not there."""
    if find_spec(library) is None:
        remedy = f"pip install 'opensvh[{extra}]'"
        raise ConfigInvalid(f"{option}: needs {library}, which is not installed; {remedy}")


def formats_there(folder: Path, table: Mapping[str, Format[Content]]) -> tuple[str, ...]:
    """The formats of a table whose files lie in a folder."""
    return tuple(name for name, made in table.items() if (folder / made.place).exists())


def remove_results(folder: Path) -> None:
    """Take away a study's results, its own file first, and the folder where nothing else is in it."""
    (folder / STUDY_FILE).unlink(missing_ok=True)
    for place in (*(made.place for made in PATIENT_FORMATS.values()), *(f"{code}.png" for code in FILM_CODES)):
        if (folder / place).is_dir():
            shutil.rmtree(folder / place)
        else:
            (folder / place).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def write_format(made: Format[Content], folder: Path, content: Content) -> None:
    """Write one form into a folder, whole or not at all."""
    if not made.is_folder:
        made.write(folder / made.place, content)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f".{made.place}.*.partial"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{made.place}.", suffix=".partial", dir=folder))
    try:
        partial.chmod(0o755)
        made.write(partial, content)
        if (folder / made.place).exists():
            shutil.rmtree(folder / made.place)
        os.replace(partial, folder / made.place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _html(path: Path, content: StudyResult) -> None:
    write_report(path, content.study, content.pictures, content.previous)


def _fhir(release: str) -> Callable[[Path, StudyResult], None]:
    def write(path: Path, content: StudyResult) -> None:
        from opensvh.reporting.fhir import dicom_sources, write_fhir
        from opensvh.reporting.fhir_terms import Release

        write_fhir(path, content.study, dicom_sources(content.study), Release[release])

    return write


def _pdf(path: Path, content: StudyResult) -> None:
    from opensvh.reporting.pdf import render_pdf

    write_whole(path, render_pdf(content.study, content.pictures, content.previous))


def _dicom(folder: Path, content: StudyResult) -> None:
    """With the page as a document inside, where it can be made."""
    from opensvh.reporting.dicom.results import write_dicom_results

    page = None
    if find_spec("reportlab") is not None:
        from opensvh.reporting.pdf import render_pdf

        page = render_pdf(content.study, content.pictures, content.previous)
    write_dicom_results(folder, content.study, content.pictures, page)


def _xlsx(path: Path, content: RunResult) -> None:
    from opensvh.reporting.xlsx import write_xlsx

    write_xlsx(path, content.studies, content.refused)


def _parquet(path: Path, content: RunResult) -> None:
    from opensvh.reporting.parquet import write_parquet

    write_parquet(path, content.studies)


def _sdtm(path: Path, content: RunResult) -> None:
    from opensvh.reporting.sdtm import write_mk

    write_mk(path, content.studies)


PATIENT_FORMATS: Mapping[str, Format[StudyResult]] = {
    "html": Format("report.html", _html),
    "pdf": Format("report.pdf", _pdf, library="reportlab"),
    "dicom": Format("dicom", _dicom, library="highdicom", extra="dicom", is_folder=True),
    "fhir": Format("fhir.json", _fhir("R4")),
    "fhir-r5": Format("fhir-r5.json", _fhir("R5")),
}
RUN_FORMATS: Mapping[str, Format[RunResult]] = {
    "xlsx": Format("scores.xlsx", _xlsx, library="openpyxl"),
    "parquet": Format("sites.parquet", _parquet, library="pyarrow"),
    "sdtm": Format("mk.csv", _sdtm),
}
