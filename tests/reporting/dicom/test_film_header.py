"""Headers made safe to copy from."""

from pathlib import Path
from types import SimpleNamespace

import pydicom
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Limb, Side
from opensvh.reporting.dicom.film_header import REQUIRED, film_header, safe_header


def written(folder: Path, make: SimpleNamespace, **tags: object) -> str:
    path = folder / "film.dcm"
    make.write_film(path, Limb.HAND, Side.LEFT)
    dataset = pydicom.dcmread(path)
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)
    return str(path)


def test_pixels_are_not_copied_and_all_that_an_object_must_have_is_there(tmp_path: Path, make: SimpleNamespace) -> None:
    header = film_header(written(tmp_path, make))
    assert header is not None
    assert "PixelData" not in header
    assert all(keyword in header for keyword in REQUIRED)
    assert (header.PatientID, header.Rows, header.Columns) == ("P1", *make.size)


def test_text_is_in_unicode_whatever_the_source_was_in(tmp_path: Path, make: SimpleNamespace) -> None:
    path = tmp_path / "film.dcm"
    make.write_bare_film(path, Limb.HAND, Side.LEFT)
    header = film_header(str(path))
    assert header is not None
    assert header.SpecificCharacterSet == "ISO_IR 192"
    assert str(header.PatientName) == make.name


def test_dates_times_and_sexes_that_are_none_are_left_empty() -> None:
    original = Dataset()
    with pydicom.config.disable_value_validation():
        original.PatientBirthDate, original.StudyDate, original.StudyTime = "1950-01-02", "20241301", "2561"
        original.PatientSex = "female"
    header = safe_header(original)
    assert [header[k].value for k in ("PatientBirthDate", "StudyDate", "StudyTime", "PatientSex")] == ["", "", "", ""]
    original.StudyDate, original.StudyTime, original.PatientSex = "20240229", "2359", "F"
    header = safe_header(original)
    assert (header.StudyDate, header.StudyTime, header.PatientSex) == ("20240229", "2359", "F")


def test_what_no_archive_could_refer_to_has_no_header(tmp_path: Path, make: SimpleNamespace) -> None:
    assert film_header(written(tmp_path, make, SeriesInstanceUID="")) is None
    assert film_header(written(tmp_path, make, SOPClassUID="1.2.3.4")) is None
    picture = tmp_path / "film.png"
    make.write_picture(picture, Limb.HAND, Side.LEFT)
    assert film_header(str(picture)) is None


def test_tables_of_grey_levels_are_read_by_the_samples_they_are_for(tmp_path: Path, make: SimpleNamespace) -> None:
    """In implicit files nothing else says whether a table's first sample is signed."""
    path = Path(written(tmp_path, make))
    dataset = pydicom.dcmread(path)
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [256, 0, 8])
    table.add_new("LUTData", "US", list(range(256)))
    table.LUTExplanation = "bright"
    dataset.VOILUTSequence = [table]
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    dataset.save_as(path, implicit_vr=True, little_endian=True)
    header = film_header(str(path))
    assert header is not None
    assert header.VOILUTSequence[0]["LUTDescriptor"].VR == "US"
    assert list(header.VOILUTSequence[0].LUTDescriptor) == [256, 0, 8]
