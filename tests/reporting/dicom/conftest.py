"""Results of three studies: films as a good device writes them, films that lack all they may, and pictures."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, film_code, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status, StudyReading
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.reporting.dicom.results import write_dicom_results
from opensvh.reporting.dicom.run import ResultRun
from opensvh.reporting.dicom.sources import film_sources

sys.path.insert(0, str(Path(__file__).parents[3] / "validation"))

COLUMNS, ROWS = 300, 400
MADE = datetime(2026, 5, 4, 13, 14, 15)
REASON = "the joint was not found (confidence below 0.50)"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
MODEL = ModelIdentity("tiny", "3", "ab" * 32)
NAME = "Yamada^Tarou=山田^太郎=やまだ^たろう"


@dataclass(frozen=True, eq=False)
class Made:
    """A study, the folder of its results, and these by their files' names without `.dcm`."""

    study: StudyReading
    folder: Path
    paths: tuple[Path, ...]

    def __getitem__(self, name: str) -> Dataset:
        return pydicom.dcmread(self.folder / f"{name}.dcm")

    @property
    def names(self) -> list[str]:
        return [path.stem for path in self.paths]


def film_reading(film: Path, limb: Limb, side: Side, lost: tuple[str, ...] = ()) -> FilmReading:
    """Every site at 0.3 of its maximum; those at points in `lost` have no score and no place."""
    points = {name: Point(60.0 + 8 * index, 50.0 + 12 * index) for index, name in enumerate(POINTS[limb])}
    sites = []
    for site in sites_of(limb):
        for kind in Kind:
            maximum = site.maximum(kind)
            if maximum is None:
                continue
            if site.point in lost:
                sites.append(SiteReading(site, kind, Status.NOT_ASSESSABLE, confidence=0.2, reason=REASON))
            else:
                point = points[site.point]
                sites.append(SiteReading(site, kind, Status.SCORED, 0.3 * maximum, (), point, 0.9))
    found = {name: point for name, point in points.items() if name not in lost}
    warnings = ("an oblique view",)
    return FilmReading("P1", str(film), limb, side, tuple(sites), Box(-4, 30, 260, 380), found, {}, warnings=warnings)


def moved(reading: SiteReading, x: float, y: float) -> SiteReading:
    """The same, elsewhere."""
    return replace(reading, point=Point(x, y))


def unscored(reading: SiteReading) -> SiteReading:
    """The same joint, found but not scored."""
    return replace(reading, status=Status.SURGICALLY_ALTERED, expected=None, reason="an implant")


def pixels() -> NDArray[np.uint8]:
    """A ramp from left to right."""
    return np.tile(np.linspace(0, 255, COLUMNS).astype(np.uint8), (ROWS, 1))


def study_of(films: tuple[FilmReading, ...], patient: str = "P1") -> StudyReading:
    return StudyReading(patient, films, (), (MODEL,), "OpenSvH 9.9", date="2024-03-02", visit="Week 24")


def three_films(folder: Path, suffix: str, write: Callable[[Path, Limb, Side], object]) -> StudyReading:
    """Both hands and the left foot; the right hand lacks MCP2."""
    films = []
    for limb, side, lost in (
        (Limb.HAND, Side.LEFT, ()),
        (Limb.HAND, Side.RIGHT, ("MCP2",)),
        (Limb.FOOT, Side.LEFT, ()),
    ):
        path = folder / f"P1-{film_code(limb, side)}{suffix}"
        write(path, limb, side)
        films.append(film_reading(path, limb, side, lost))
    return study_of(tuple(films))


def write_film(path: Path, limb: Limb, side: Side) -> None:
    write_dicom(path, pixels(), FilmTags(limb, side, "P1", 0.2))


def write_bare_film(path: Path, limb: Limb, side: Side) -> None:
    """A computed radiograph with nothing that an object may lack, and some of what it may not."""
    write_film(path, limb, side)
    full = pydicom.dcmread(path)
    bare = Dataset()
    bare.file_meta = full.file_meta
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Rows", "Columns", "PixelData"):
        bare.add(full[keyword])
    for keyword in ("SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        bare.add(full[keyword])
    bare.SOPClassUID = bare.file_meta.MediaStorageSOPClassUID = pydicom.uid.ComputedRadiographyImageStorage
    bare.Modality, bare.PhotometricInterpretation = "CR", "MONOCHROME1"
    bare.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    bare.PatientName, bare.PatientID = NAME, "P1"
    bare.PatientSex = "X"
    bare.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    bare.save_as(path, enforce_file_format=True)


def write_picture(path: Path, limb: Limb, side: Side) -> None:
    """A picture a film, each of other pixels."""
    shift = 7 * ord(limb.value[0]) + ord(side)
    cv2.imwrite(str(path), np.roll(pixels(), shift, axis=1))


def run_of(study: StudyReading) -> ResultRun:
    """A study about to become results."""
    return ResultRun(study, film_sources(study)[0], MADE)


def made(folder: Path, study: StudyReading) -> Made:
    return Made(study, folder, write_dicom_results(folder, study, pdf=PDF, made=MADE))


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Results of DICOM films with all their tags."""
    folder = tmp_path_factory.mktemp("good")
    return made(folder / "results", three_films(folder, ".dcm", write_film))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Results of films that lack every optional tag, of a patient with a Japanese name."""
    folder = tmp_path_factory.mktemp("bare")
    return made(folder / "results", three_films(folder, ".dcm", write_bare_film))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Results of PNG films."""
    folder = tmp_path_factory.mktemp("pictures")
    return made(folder / "results", three_films(folder, ".png", write_picture))


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """What studies and films are made with, and the figures they are made of."""
    return SimpleNamespace(
        film_reading=film_reading,
        study_of=study_of,
        three_films=three_films,
        write_film=write_film,
        write_bare_film=write_bare_film,
        write_picture=write_picture,
        pixels=pixels,
        made=made,
        run=run_of,
        moved=moved,
        unscored=unscored,
        with_sites=lambda film, sites: replace(film, sites=sites),
        pdf=PDF,
        name=NAME,
        reason=REASON,
        model=MODEL,
        time=MADE,
        size=(ROWS, COLUMNS),
    )
