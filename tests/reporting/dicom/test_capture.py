"""Pictures on their way to be images of a study."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np

from opensvh.domain.anatomy import Limb, Side
from opensvh.reporting.dicom.capture import capture, laterality, patient_number, study_header


def test_a_patients_number_fits_and_stays_his_own() -> None:
    assert patient_number("Müller 7") == "Müller 7"
    assert patient_number("a\\b\n") == "a/b"
    first, second = patient_number("x" * 80 + "1"), patient_number("x" * 80 + "2")
    assert len(first) == len(second) == 64
    assert first != second


def test_the_same_films_make_the_same_study_and_others_another(tmp_path: Path, make: SimpleNamespace) -> None:
    study = make.study_of(())
    assert study_header(study, ("b", "a")).StudyInstanceUID == study_header(study, ("a", "b")).StudyInstanceUID
    assert study_header(study, ("a", "c")).StudyInstanceUID != study_header(study, ("a", "b")).StudyInstanceUID
    header = study_header(study, ("a",))
    assert (header.PatientID, header.StudyDate, header.StudyDescription) == ("P1", "20240302", "Week 24")


def test_deep_films_keep_their_depth_and_jpeg_says_that_it_lost_something(
    tmp_path: Path, make: SimpleNamespace
) -> None:
    deep = tmp_path / "deep.png"
    cv2.imwrite(str(deep), make.pixels().astype(np.uint16) * 200)
    lossy = tmp_path / "lossy.jpg"
    cv2.imwrite(str(lossy), make.pixels())
    reading = make.film_reading(deep, Limb.FOOT, Side.RIGHT)
    study = study_header(make.study_of((reading,)), ("a",))
    first = capture(str(deep), (reading,), study, "a")
    assert (first.samples.dtype, first.header.BitsStored) == (np.uint16, 16)
    assert (first.header.BodyPartExamined, first.header.LossyImageCompression) == ("FOOT", "00")
    second = capture(str(lossy), (reading,), study, "b")
    assert (second.header.LossyImageCompression, second.header.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert float(second.header.LossyImageCompressionRatio) > 2
    assert first.header.SOPInstanceUID != second.header.SOPInstanceUID


def test_a_film_of_both_sides_is_of_both(tmp_path: Path, make: SimpleNamespace) -> None:
    left, right = (make.film_reading(tmp_path / "f", Limb.HAND, side) for side in Side)
    assert [laterality(each) for each in ((left,), (right,), (left, right))] == ["L", "R", "B"]
