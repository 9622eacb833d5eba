"""Simulated films as DICOM: they come back as they were written, and say that they are simulated."""

import dataclasses
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.io.image import read_film

TAGS = FilmTags(limb=Limb.HAND, side=Side.LEFT, patient="SIM0001", pixel_mm=0.21)


def picture(bits: int, columns: int = 91) -> NDArray[np.uint16]:
    return np.random.default_rng(bits).integers(0, 1 << bits, (101, columns)).astype(np.uint16)


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("inverted", [False, True])
def test_pixels_come_back_dense_tissue_bright(tmp_path: Path, bits: int, inverted: bool) -> None:
    pixels = picture(bits)
    path = tmp_path / "film.dcm"
    write_dicom(path, pixels, dataclasses.replace(TAGS, inverted=inverted), bits)
    film = read_film(path)
    assert np.allclose(film.pixels, pixels / ((1 << bits) - 1), atol=2e-3 / (1 << (bits - 8)) + 1e-6)


@pytest.mark.parametrize("limb", list(Limb))
@pytest.mark.parametrize("side", list(Side))
def test_claims_come_back(tmp_path: Path, limb: Limb, side: Side) -> None:
    path = tmp_path / "film.dcm"
    write_dicom(path, picture(8), dataclasses.replace(TAGS, limb=limb, side=side, pixel_mm=0.1437))
    film = read_film(path)
    assert (film.limb, film.side, film.patient) == (limb, side, "SIM0001")
    assert film.spacing_mm == pytest.approx(0.1437)
    assert film.facts["spacing"] == "at the detector"


def test_a_film_of_both_sides_claims_neither(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    write_dicom(path, picture(8), dataclasses.replace(TAGS, side=None))
    assert read_film(path).side is None
    assert pydicom.dcmread(path).ImageLaterality == "B"


def test_the_header_says_that_the_film_is_simulated(tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    write_dicom(path, picture(8), TAGS)
    header = pydicom.dcmread(path)
    assert "simulated" in header.SeriesDescription
    assert header.SyntheticData == "YES"
    assert header.PatientIdentityRemoved == "YES"


def test_the_same_film_gives_the_same_bytes_and_another_seed_other_uids(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_dicom(tmp_path / name, picture(8), dataclasses.replace(TAGS, seed=seed))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    first, other = pydicom.dcmread(tmp_path / "a"), pydicom.dcmread(tmp_path / "c")
    assert first.SOPInstanceUID != other.SOPInstanceUID
    assert first.StudyInstanceUID != other.StudyInstanceUID


def test_a_patients_four_films_are_one_study_of_four_series(tmp_path: Path) -> None:
    headers = []
    for limb in Limb:
        for side in Side:
            path = tmp_path / f"{limb.value}{side.value}.dcm"
            write_dicom(path, picture(8), dataclasses.replace(TAGS, limb=limb, side=side))
            headers.append(pydicom.dcmread(path))
    assert len({header.StudyInstanceUID for header in headers}) == 1
    assert len({header.SeriesInstanceUID for header in headers}) == 4
    assert len({header.SOPInstanceUID for header in headers}) == 4


def test_samples_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit 8 bits"):
        write_dicom(tmp_path / "film.dcm", picture(12), TAGS, bits=8)
    assert not (tmp_path / "film.dcm").exists()
