"""`write_dicom_results`: a study's readings as DICOM files, ready to be sent to the archive that the films came from.

Reports of sites and of totals, a score sheet, an overlay a film, the page as a document; and, where a film was no
DICOM, the film itself. What each looks like is its own module's; what they share is `run`'s.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from opensvh.domain.reading import StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.dicom.capture import Capture
from opensvh.reporting.dicom.film_object import film_object
from opensvh.reporting.dicom.overlay import overlay
from opensvh.reporting.dicom.pdf_document import pdf_document
from opensvh.reporting.dicom.run import FilmSource, Result, ResultRun
from opensvh.reporting.dicom.score_sheet import score_sheet
from opensvh.reporting.dicom.sites_report import sites_report
from opensvh.reporting.dicom.sources import film_sources
from opensvh.reporting.dicom.totals_report import totals_report
from opensvh.reporting.overlay import FilmPicture


def write_dicom_results(
    folder: Path,
    study: StudyReading,
    pictures: Mapping[str, FilmPicture] | None = None,
    pdf: bytes | None = None,
    made: datetime | None = None,
) -> tuple[Path, ...]:
    """Write a study's results into `folder` and return the files, in the order in which they are best sent.

    `pictures` by film code (`LH`), as reports take them; a film that has none is read again. `pdf` is the page, left
    out where None. `made` is the local time that the results bear, by default now; where the folder holds the same
    results already (by their UIDs), the time they bear stays, so that a second run changes nothing. Nothing is written
    for a study of which no film was read. Raises FilmUnreadable for a film that is no longer there.
    """
    if not study.films:
        return ()
    sources, captures = film_sources(study)
    run = ResultRun(study, sources, _bears(folder, study, sources, made))
    written: list[Path] = []
    for name, dataset in _results(run, captures, pictures or {}, pdf):
        path = folder / f"{name}.dcm"
        content = io.BytesIO()
        dataset.save_as(content, enforce_file_format=True)
        write_whole(path, content.getvalue())
        written.append(path)
    return tuple(written)


def _results(
    run: ResultRun, captures: Sequence[Capture | None], pictures: Mapping[str, FilmPicture], pdf: bytes | None
) -> Iterator[tuple[str, Dataset]]:
    """Each result with the name of its file; what is referred to goes before what refers to it."""
    for number, (source, film) in enumerate(zip(run.sources, captures, strict=True)):
        if film is not None:
            yield f"{Result.FILM.label}-{source.codes}", film_object(run, source, film.samples, number)
    for number, source in enumerate(run.sources, start=1):
        yield f"{Result.OVERLAY.label}-{source.codes}", overlay(run, source, number)
    yield Result.SITES.label, sites_report(run)
    yield Result.TOTALS.label, totals_report(run)
    yield Result.SHEET.label, score_sheet(run, pictures)
    if pdf is not None:
        yield Result.REPORT.label, pdf_document(run, pdf)


def _bears(folder: Path, study: StudyReading, sources: tuple[FilmSource, ...], made: datetime | None) -> datetime:
    """The time that these very results bear in the folder, or else the time given, or now."""
    fresh = ResultRun(study, sources, made or datetime.now().replace(microsecond=0))
    try:
        there = pydicom.dcmread(folder / f"{Result.SITES.label}.dcm", stop_before_pixels=True)
        if there.SOPInstanceUID != fresh.uid("object", Result.SITES):
            return fresh.made
        return datetime.strptime(f"{there.InstanceCreationDate}{there.InstanceCreationTime}"[:14], "%Y%m%d%H%M%S")
    except (OSError, InvalidDicomError, AttributeError, ValueError):
        return fresh.made
