"""What all results bear."""

from typing import Any

import pydicom

RESULTS = ("overlay-LH", "overlay-RH", "overlay-LF", "sites", "totals", "score-sheet", "report")
COPIED = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDate")


def test_patient_and_study_are_the_sources(good: Any) -> None:
    source = pydicom.dcmread(good.study.films[0].film)
    for name in RESULTS:
        assert [good[name][each].value for each in COPIED] == [source[each].value for each in COPIED], name


def test_each_is_a_new_series_with_a_high_number(good: Any) -> None:
    sources = {pydicom.dcmread(film.film).SeriesInstanceUID for film in good.study.films}
    series = {name: (good[name].SeriesInstanceUID, good[name].SeriesNumber) for name in RESULTS}
    assert not sources & {uid for uid, _ in series.values()}
    assert len({uid for uid, _ in series.values()}) == len({number for _, number in series.values()}) == len(RESULTS)
    assert all(number > 9000 for _, number in series.values())
    assert len({good[name].SOPInstanceUID for name in RESULTS}) == len(RESULTS)


def test_all_are_stamped_research_use_only_with_model_and_version(good: Any) -> None:
    for name in RESULTS:
        result = good[name]
        assert result.Manufacturer == "OpenSvH"
        assert list(result.SoftwareVersions) == ["OpenSvH 9.9", "tiny 3", "research use only"]
        assert "research use only" in result.SeriesDescription
        assert "tiny 3" in result.SeriesDescription
        assert result.DeviceSerialNumber == "ab" * 32
        assert result.SpecificCharacterSet == "ISO_IR 192"


def test_they_bear_the_time_they_were_made(good: Any) -> None:
    for name in RESULTS:
        assert (good[name].InstanceCreationDate, good[name].InstanceCreationTime) == ("20260504", "131415"), name
    assert (good["overlay-LH"].PresentationCreationDate, good["sites"].ContentTime) == ("20260504", "131415")


def test_a_name_in_another_script_comes_through(bare: Any, make: Any) -> None:
    for name in RESULTS:
        assert str(bare[name].PatientName) == make.name, name
        assert bare[name].PatientID == "P1"


def test_what_the_source_lacks_stays_empty(bare: Any) -> None:
    for name in RESULTS:
        empty = ("StudyID", "StudyDate", "StudyTime", "PatientSex", "PatientBirthDate", "AccessionNumber")
        assert all(not bare[name][keyword].value for keyword in empty), name
