"""Overlays as objects."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian

from opensvh.domain.anatomy import Limb, Side
from opensvh.reporting.dicom.overlay import overlay
from opensvh.reporting.dicom.score_sheet import score_sheet
from opensvh.reporting.dicom.sites_report import sites_report


def test_an_overlay_refers_to_its_film_alone(good: Any) -> None:
    film = pydicom.dcmread(good.study.films[1].film)
    state = good["overlay-RH"]
    [series] = state.ReferencedSeriesSequence
    [image] = series.ReferencedImageSequence
    assert (series.SeriesInstanceUID, image.ReferencedSOPInstanceUID) == (film.SeriesInstanceUID, film.SOPInstanceUID)
    assert "ReferencedFrameNumber" not in image
    assert (state.Modality, state.ContentLabel) == ("PR", "RESEARCH USE")
    assert "research use only" in state.ContentDescription


def test_each_overlay_is_a_series_of_its_films_side(good: Any) -> None:
    found = {name: good[f"overlay-{name}"] for name in ("LH", "RH", "LF")}
    assert {name: (each.BodyPartExamined, each.Laterality) for name, each in found.items()} == {
        "LH": ("HAND", "L"),
        "RH": ("HAND", "R"),
        "LF": ("FOOT", "L"),
    }
    assert len({each.SeriesInstanceUID for each in found.values()}) == 3


def test_a_frame_is_referred_to_by_its_number(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "two.dcm"
    make.write_film(path, Limb.HAND, Side.LEFT)
    film = pydicom.dcmread(path)
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = (
        pydicom.uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage
    )
    film.NumberOfFrames = 2
    film.PixelData = np.stack([make.pixels(), make.pixels()[::-1]]).tobytes()
    film.save_as(path)
    reading = make.film_reading(f"{path}#2", Limb.HAND, Side.LEFT)
    run = make.run(make.study_of((reading,)))
    [source] = run.sources
    state = overlay(run, source, 1)
    [series] = state.ReferencedSeriesSequence
    assert series.ReferencedImageSequence[0].ReferencedFrameNumber == 2
    assert state.GraphicAnnotationSequence[0].ReferencedImageSequence[0].ReferencedFrameNumber == 2
    assert score_sheet(run, {}).SourceImageSequence[0].ReferencedFrameNumber == 2
    [group, *_] = hd.sr.ComprehensiveSR.from_dataset(sites_report(run)).content.get_planar_roi_measurement_groups()
    region = group.roi
    assert region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber == 2


def test_a_film_in_colour_gets_an_overlay_for_colour(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "colour.dcm"
    make.write_film(path, Limb.HAND, Side.LEFT)
    film = pydicom.dcmread(path)
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
    film.SamplesPerPixel, film.PhotometricInterpretation, film.PlanarConfiguration = 3, "RGB", 0
    film.PixelData = np.repeat(make.pixels()[..., None], 3, axis=2).tobytes()
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.save_as(path)
    run = make.run(make.study_of((make.film_reading(path, Limb.HAND, Side.LEFT),)))
    state = overlay(run, run.sources[0], 1)
    assert state.SOPClassUID == state.file_meta.MediaStorageSOPClassUID
    assert state.SOPClassUID.name == "Color Softcopy Presentation State Storage"
    assert len(state.ICCProfile) > 100
