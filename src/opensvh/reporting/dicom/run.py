"""What all results of a study share: the films they refer to, what made them and when; and the stamp they all carry.

The stamp is the part of a header that is the same whatever the result is: patient and study as in the source, a series
of its own, this software as its maker, "research use only" wherever a viewer shows words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ComprehensiveSRStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    GrayscaleSoftcopyPresentationStateStorage,
    SecondaryCaptureImageStorage,
)

from opensvh.domain.anatomy import film_code
from opensvh.domain.reading import FilmReading, StudyReading
from opensvh.reporting.dicom.film_header import COMMON, PATIENT, STUDY, UNICODE, copy_elements
from opensvh.reporting.dicom.uids import IMPLEMENTATION, tracking_uid, uid_of
from opensvh.reporting.notice import model_names

MAKER = "OpenSvH"
RESEARCH = "research use only"
CONTENT_LABEL = "RESEARCH USE"
"""A code string: capitals, blanks and digits, 16 at most."""
_LONG_STRING = 64


class Result(Enum):
    """A kind of result: its name, SOP class, modality, series number and what its series is called."""

    SITES = ("sites", ComprehensiveSRStorage, "SR", 9701, "SvH site scores")
    TOTALS = ("totals", ComprehensiveSRStorage, "SR", 9702, "SvH totals")
    SHEET = ("score-sheet", SecondaryCaptureImageStorage, "OT", 9703, "SvH score sheet")
    OVERLAY = ("overlay", GrayscaleSoftcopyPresentationStateStorage, "PR", 9720, "SvH overlay")
    REPORT = ("report", EncapsulatedPDFStorage, "DOC", 9704, "SvH report")
    FILM = ("film", SecondaryCaptureImageStorage, "OT", 9710, "Film as it was scored")

    def __init__(self, label: str, sop_class: UID, modality: str, series_number: int, title: str) -> None:
        self.label = label
        self.sop_class = sop_class
        self.modality = modality
        self.series_number = series_number
        self.title = title


@dataclass(frozen=True)
class FilmSource:
    """A film as results refer to it, with the readings made on it: one, or two where it shows both sides.

    `header` as `film_header` makes it; `frame` from 1 where the object has several; `digest` of the film's file.
    """

    header: Dataset
    readings: tuple[FilmReading, ...]
    digest: str
    frame: int | None = None

    @property
    def codes(self) -> str:
        """`LH`, or `LH-RH` where both are on it."""
        return "-".join(film_code(each.limb, each.side) for each in self.readings)


@dataclass(frozen=True)
class ResultRun:
    """A study on its way into an archive: `sources` in the order of limbs, the first of which leads; `made` local."""

    study: StudyReading
    sources: tuple[FilmSource, ...]
    made: datetime

    @property
    def lead(self) -> Dataset:
        """The header whose patient and study the results of the whole study take."""
        return self.sources[0].header

    @property
    def model(self) -> str:
        """`reference 0.3.0`; an ensemble's models are joined by plus signs."""
        return model_names(self.study.models)

    @property
    def digest(self) -> str:
        """Of the models' weights, one after the other."""
        return "+".join(model.sha256 for model in self.study.models)

    def uid(self, what: str, result: Result, *parts: object) -> UID:
        """A UID that follows from the sources, how their limbs were taken to lie, software, models and kind."""
        films = [
            f"{source.header.SOPInstanceUID}#{source.frame or 1} "
            + " ".join(f"{film_code(each.limb, each.side)}{each.quarter_turns_cw}" for each in source.readings)
            for source in self.sources
        ]
        return uid_of(what, result.label, self.study.software, self.digest, *films, *parts)

    def tracking_uid(self, source: FilmSource, film: FilmReading, site: str) -> UID:
        """The UID of a site of the patient, the same at every visit, whatever the film or the model."""
        patient = str(source.header.PatientID) or self.study.patient
        issuer = str(source.header.get("IssuerOfPatientID", ""))
        return tracking_uid(patient, issuer, film.limb, film.side, site)

    def series_uid(self, result: Result, study_uid: str, *parts: object) -> UID:
        """One series a kind of result, study and model."""
        return uid_of("series", result.label, study_uid, self.study.software, self.digest, *parts)


def stamp(dataset: Dataset, run: ResultRun, result: Result, header: Dataset, uid: UID) -> None:
    """Put the common part of a result's header on `dataset`: it belongs to the patient and study of `header`.

    One object a series (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.12.1); a class that the dataset has already stays.
    """
    copy_elements(header, dataset, (*PATIENT, *STUDY, *COMMON))
    dataset.SpecificCharacterSet = UNICODE
    dataset.SOPClassUID, dataset.SOPInstanceUID = dataset.get("SOPClassUID", result.sop_class), uid
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = _day(run.made), _time(run.made)
    dataset.Modality = result.modality
    dataset.SeriesInstanceUID = run.series_uid(result, header.StudyInstanceUID)
    dataset.SeriesNumber, dataset.InstanceNumber = result.series_number, 1
    dataset.SeriesDescription = fitting(f"{MAKER} {result.title}, {RESEARCH}, {run.model}")
    dataset.Manufacturer, dataset.ManufacturerModelName = MAKER, fitting(f"{run.model}, {RESEARCH}")
    dataset.DeviceSerialNumber = fitting(run.digest)
    dataset.SoftwareVersions = [fitting(words) for words in (run.study.software, run.model, RESEARCH)]
    for tool in dataset.get("ContributingEquipmentSequence", ()):  # highdicom names itself, and the present moment
        tool.ContributionDateTime = f"{_day(run.made)}{_time(run.made)}"
    _stamp_meta(dataset)


def stamp_content_date(dataset: Dataset, run: ResultRun) -> None:
    """When the content was made, for the kinds of object that say so."""
    dataset.ContentDate, dataset.ContentTime = _day(run.made), _time(run.made)


def referenced(source: FilmSource) -> Dataset:
    """An item that refers to a film's object (PS3.3, tables 10-11 and 10-3)."""
    item = Dataset()
    item.ReferencedSOPClassUID = source.header.SOPClassUID
    item.ReferencedSOPInstanceUID = source.header.SOPInstanceUID
    if source.frame is not None:
        item.ReferencedFrameNumber = source.frame
    return item


def fitting(words: str) -> str:
    """As a long string takes them: 64 characters, no backslash (PS3.5, 6.2)."""
    return words.replace("\\", "/")[:_LONG_STRING].rstrip()


def _stamp_meta(dataset: Dataset) -> None:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = IMPLEMENTATION
    dataset.file_meta.ImplementationVersionName = "OPENSVH"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def _day(made: datetime) -> str:
    return made.strftime("%Y%m%d")


def _time(made: datetime) -> str:
    return made.strftime("%H%M%S")
