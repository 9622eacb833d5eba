"""Whose limb a film shows: options over manifest over tags over name; contradictions are refused."""

from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnidentified, TableInvalid
from opensvh.io.identity import FilmClaims, KnownFilm, identify, read_manifest
from opensvh.io.radiograph import Radiograph

PIXELS = np.zeros((2, 2), dtype=np.float32)


def _film(path: str, **tags: object) -> Radiograph:
    return Radiograph(PIXELS, path, **tags)  # type: ignore[arg-type]


def test_name_says_patient_limb_and_side() -> None:
    identity = identify(_film("a/UAB-001-RF.jpg"))
    assert (identity.patient, identity.limb, identity.side) == ("UAB-001", Limb.FOOT, Side.RIGHT)
    assert (identity.quarter_turns_cw, identity.source, identity.stated) == (None, "file name", frozenset())


def test_tags_go_before_the_name_for_the_patient() -> None:
    identity = identify(_film("P1-LH.dcm", patient="X7", limb=Limb.HAND, side=Side.LEFT))
    assert (identity.patient, identity.source) == ("X7", "DICOM tags")


def test_options_go_before_everything() -> None:
    options = FilmClaims(patient="Me", limb=Limb.FOOT, side=Side.LEFT, quarter_turns_cw=2)
    identity = identify(_film("P1-RH.dcm", patient="X7", side=Side.RIGHT), options)
    assert (identity.patient, identity.limb, identity.side) == ("Me", Limb.FOOT, Side.LEFT)
    assert (identity.quarter_turns_cw, identity.source) == (2, "option")
    assert identity.stated == {"limb", "side", "turn"}


def test_limb_and_side_may_come_from_two_sources() -> None:
    identity = identify(_film("scan.dcm", side=Side.RIGHT), FilmClaims(limb=Limb.HAND))
    assert identity.source == "limb: option, side: DICOM tags"
    assert identity.patient == "scan"


def test_contradiction_of_tags_and_name_is_refused_naming_both() -> None:
    with pytest.raises(FilmUnidentified, match=r"tags say side R, its name side L.*--side"):
        identify(_film("P1-LH.dcm", limb=Limb.HAND, side=Side.RIGHT))


def test_option_settles_a_contradiction() -> None:
    film = _film("P1-LH.dcm", limb=Limb.HAND, side=Side.RIGHT)
    assert identify(film, FilmClaims(side=Side.LEFT)).side is Side.LEFT


def test_manifest_settles_a_contradiction_and_turns(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("film,side,rotate_cw\nfilms/P1-LH.dcm,r,180\n")
    film = _film(str(tmp_path / "films" / "P1-LH.dcm"), limb=Limb.HAND, side=Side.RIGHT)
    identity = identify(film, manifest=read_manifest(manifest))
    assert (identity.side, identity.quarter_turns_cw, identity.patient) == (Side.RIGHT, 2, "P1")


@pytest.mark.parametrize("named", ["film.jpg", "{folder}/deep/film.jpg"])
def test_manifest_may_name_a_film_barely_or_absolutely(tmp_path: Path, named: str) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"film,patient,limb,side\n{named.format(folder=tmp_path)}, P5 ,Hand,Right\n")
    identity = identify(_film(str(tmp_path / "deep" / "film.jpg")), manifest=read_manifest(manifest))
    assert (identity.patient, identity.limb, identity.side) == ("P5", Limb.HAND, Side.RIGHT)


@pytest.mark.parametrize("path", ["film.jpg", "P1-XX.jpg"])
def test_of_a_film_that_nothing_identifies_only_the_patient_is_known(path: str) -> None:
    assert identify(_film(path)) == KnownFilm(Path(path).stem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("film,limb\na.png,wing\n", "row 2: limb 'wing'"),
        ("film,side\na.png,B\n", "row 2: side 'B'"),
        ("film,rotate_cw\na.png,45\n", "row 2: rotate_cw '45'"),
        ("film\na.png\na.png\n", "row 3: a.png is listed twice"),
        ("film,side\n,L\n", "row 2: no film"),
        ("path,side\na.png,L\n", "unknown columns path"),
        ("side\nL\n", "lacks the column film"),
    ],
)
def test_wrong_manifest_row_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(TableInvalid, match=problem):
        read_manifest(tmp_path / "m.csv")


def test_missing_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableInvalid, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")


def test_the_day_comes_from_the_manifest_before_the_tags(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("film,date,visit\na.dcm,2024-05-01,Week 24\nb.dcm,,\n")
    rows = read_manifest(manifest)
    told = identify(_film(str(tmp_path / "a.dcm"), date="2023-01-01", visit="Baseline"), manifest=rows)
    assert (told.date, told.visit) == ("2024-05-01", "Week 24")
    untold = identify(_film(str(tmp_path / "b.dcm"), date="2023-01-01", visit="Baseline"), manifest=rows)
    assert (untold.date, untold.visit) == ("2023-01-01", "Baseline")
    assert identify(_film(str(tmp_path / "c.png"))).date is None


@pytest.mark.parametrize("date", ["01.05.2024", "2024-02-30", "20240501"])
def test_a_date_that_is_no_day_is_named_by_row(tmp_path: Path, date: str) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"film,date\na.png,{date}\n")
    with pytest.raises(TableInvalid, match=rf"row 2: date '{date}' is no day as YYYY-MM-DD"):
        read_manifest(manifest)
