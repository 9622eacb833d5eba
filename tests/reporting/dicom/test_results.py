"""The results of a study as files."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pydicom
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnreadable
from opensvh.domain.reading import ModelIdentity
from opensvh.reporting.dicom.overlay import overlay
from opensvh.reporting.dicom.pdf_document import pdf_document
from opensvh.reporting.dicom.results import write_dicom_results
from opensvh.reporting.dicom.run import Result
from opensvh.reporting.dicom.sites_report import sites_report

NAMES = ["overlay-LH", "overlay-RH", "overlay-LF", "sites", "totals", "score-sheet", "report"]


def test_results_of_dicom_films(good: Any, bare: Any) -> None:
    assert good.names == bare.names == NAMES


def test_pictures_go_before_what_refers_to_them(pictures: Any) -> None:
    assert pictures.names == ["film-LH", "film-RH", "film-LF", *NAMES]
    films = {pictures[name].SOPInstanceUID for name in pictures.names[:3]}
    assert {uids for uids in films if uids in str(pictures["sites"])} == films
    assert {pictures[name].StudyInstanceUID for name in pictures.names} == {pictures["sites"].StudyInstanceUID}


def test_the_originals_stay_as_they_are(tmp_path: Path, make: SimpleNamespace) -> None:
    study = one_foot(tmp_path, make)
    before = Path(study.films[0].film).read_bytes()
    make.made(tmp_path / "out", study)
    assert Path(study.films[0].film).read_bytes() == before


@pytest.mark.slow
def test_a_second_run_changes_nothing(tmp_path: Path, make: SimpleNamespace) -> None:
    """Not even the time, where the results are there already; elsewhere the UIDs are the same."""
    study = one_foot(tmp_path, make)
    first = write_dicom_results(tmp_path / "out", study, pdf=make.pdf, made=make.time)
    content = [path.read_bytes() for path in first]
    again = write_dicom_results(tmp_path / "out", study, pdf=make.pdf, made=datetime(2027, 1, 1))
    assert [path.read_bytes() for path in again] == content
    elsewhere = write_dicom_results(tmp_path / "elsewhere", study, made=datetime(2027, 1, 1))
    assert [path.stem for path in elsewhere] == ["overlay-LF", "sites", "totals", "score-sheet"]
    assert uids(elsewhere) == uids(first)[:-1]
    assert elsewhere[0].read_bytes() != content[0]


@pytest.mark.parametrize(
    "change",
    [{"models": (ModelIdentity("tiny", "3", "cd" * 32),)}, {"software": "OpenSvH 10"}],
    ids=["model", "software"],
)
def test_another_model_or_software_makes_other_objects(
    good: Any, make: SimpleNamespace, change: dict[str, Any]
) -> None:
    first, other = make.run(good.study), make.run(replace(good.study, **change))
    for result in Result:
        assert first.uid("object", result) != other.uid("object", result)
        assert first.series_uid(result, "1.2") != other.series_uid(result, "1.2")


def test_a_limb_taken_for_the_other_side_makes_other_objects(good: Any, make: SimpleNamespace) -> None:
    turned = replace(good.study.films[2], side=Side.RIGHT)
    other = make.run(replace(good.study, films=(*good.study.films[:2], turned)))
    assert other.uid("object", Result.SITES) != make.run(good.study).uid("object", Result.SITES)


def test_another_page_is_another_document(good: Any, make: SimpleNamespace) -> None:
    run = make.run(good.study)
    assert pdf_document(run, make.pdf).SOPInstanceUID == good["report"].SOPInstanceUID
    assert pdf_document(run, make.pdf + b"\n").SOPInstanceUID != good["report"].SOPInstanceUID


def test_a_study_of_which_no_film_was_read_has_no_results(tmp_path: Path, make: SimpleNamespace) -> None:
    assert write_dicom_results(tmp_path / "out", make.study_of(())) == ()
    assert not (tmp_path / "out").exists()


def test_a_picture_beside_dicom_films_joins_their_study(tmp_path: Path, make: SimpleNamespace) -> None:
    hand, foot = tmp_path / "hand.dcm", tmp_path / "foot.png"
    make.write_bare_film(hand, Limb.HAND, Side.LEFT)  # whose black is white
    make.write_picture(foot, Limb.FOOT, Side.LEFT)
    films = (make.film_reading(foot, Limb.FOOT, Side.LEFT), make.film_reading(hand, Limb.HAND, Side.LEFT))
    first, second = make.run(make.study_of(films)).sources
    assert (first.codes, second.codes) == ("LH", "LF")
    source = pydicom.dcmread(hand)
    assert second.header.StudyInstanceUID == first.header.StudyInstanceUID == source.StudyInstanceUID
    assert second.header.PatientName == source.PatientName
    assert not {"PatientOrientation", "ImagerPixelSpacing", "WindowCenter", "PresentationLUTShape"} & set(
        second.header.dir()
    )
    assert overlay(make.run(make.study_of(films)), second, 2).PresentationLUTShape == "IDENTITY"
    assert second.header.SOPInstanceUID != first.header.SOPInstanceUID == source.SOPInstanceUID


def test_a_film_of_another_study_gets_its_overlay_there(tmp_path: Path, make: SimpleNamespace) -> None:
    hand, foot = tmp_path / "hand.dcm", tmp_path / "foot.dcm"
    make.write_film(hand, Limb.HAND, Side.LEFT)
    make.write_film(foot, Limb.FOOT, Side.LEFT)
    other = pydicom.dcmread(foot)
    other.StudyInstanceUID = "1.2.3"
    other.save_as(foot)
    films = (make.film_reading(hand, Limb.HAND, Side.LEFT), make.film_reading(foot, Limb.FOOT, Side.LEFT))
    run = make.run(make.study_of(films))
    first, second = (overlay(run, source, 1) for source in run.sources)
    assert second.StudyInstanceUID == "1.2.3"
    report = sites_report(run)
    assert first.StudyInstanceUID == report.StudyInstanceUID != "1.2.3"
    assert first.SeriesInstanceUID != second.SeriesInstanceUID
    [evidence] = report.PertinentOtherEvidenceSequence
    assert evidence.StudyInstanceUID == "1.2.3"


def test_a_film_that_is_gone_is_named(good: Any, tmp_path: Path) -> None:
    gone = replace(good.study.films[0], film=str(tmp_path / "gone.dcm"))
    with pytest.raises(FilmUnreadable, match=r"gone\.dcm"):
        write_dicom_results(tmp_path / "out", replace(good.study, films=(gone,)))


def one_foot(folder: Path, make: SimpleNamespace) -> Any:
    path = folder / "foot.dcm"
    make.write_film(path, Limb.FOOT, Side.LEFT)
    return make.study_of((make.film_reading(path, Limb.FOOT, Side.LEFT),))


def uids(paths: tuple[Path, ...]) -> list[str]:
    return [str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in paths]
