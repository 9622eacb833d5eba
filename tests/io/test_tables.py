"""The native dataset: sound ones are read, and each problem of the others is named with its row."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opensvh.domain.anatomy import FILM_CODES, POINTS, Kind, Limb, Side
from opensvh.domain.errors import DatasetInvalid, TableInvalid
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import check_dataset, read_dataset, read_joints, write_joints

JOINTS = {("P1", "LH"): {"MCP2": Point(10.5, 20.25), "ULNA": Point(3, 90)}, ("P1", "RF"): {"MTP5": Point(0, 0)}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three films of 80 x 100 px of two patients; P1 has scores and joints."""
    picture = np.random.default_rng(1).integers(0, 255, (100, 80), dtype=np.uint8)
    (tmp_path / "images").mkdir()
    for name in ("P1-LH.png", "P1-RF.jpg", "P-2-LF.png"):
        cv2.imwrite(str(tmp_path / "images" / name), picture)
    write_ra2(tmp_path / "training.csv", {"P1": {"LH_mcp_E__2": 3, "LH_wrist_E__nav": 1, "RF_mtp_J__ip": 4}})
    write_joints(tmp_path / "joints.csv", JOINTS)
    return tmp_path


def test_dataset_is_read_with_its_scores_and_joints(folder: Path) -> None:
    films = {film.path.name: film for film in read_dataset(folder).films}
    hand, foot = films["P1-LH.png"], films["P1-RF.jpg"]
    assert (hand.patient, hand.limb, hand.side) == ("P1", Limb.HAND, Side.LEFT)
    assert hand.points == JOINTS["P1", "LH"]
    assert hand.scores == {("MCP2", Kind.EROSION): 3.0, ("NAVICULAR", Kind.EROSION): 1.0}
    assert foot.scores == {("IP1", Kind.NARROWING): 4.0}
    assert films["P-2-LF.png"].patient == "P-2"
    assert not films["P-2-LF.png"].scores
    assert read_dataset(folder).patients == ("P-2", "P1")


def test_visits_tell_whose_films_they_are(folder: Path) -> None:
    patients = sorted({film.patient for film in read_dataset(folder).films})
    rows = [f"{patient},{patients[0]},1,0" for patient in patients]
    (folder / "visits.csv").write_text("\n".join(["patient,person,visit,months", *rows]) + "\n")
    assert {film.person for film in read_dataset(folder).films} == {patients[0]}


def test_visits_without_their_columns_are_a_problem(folder: Path) -> None:
    (folder / "visits.csv").write_text("patient,visit\nP1,1\n")
    assert any("visits.csv: lacks the columns person" in problem for problem in check_dataset(folder))


@pytest.mark.parametrize("missing", ["training.csv", "joints.csv"])
def test_dataset_may_lack_scores_or_joints(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    assert check_dataset(folder) == []
    assert len(read_dataset(folder).films) == 3


POINT = st.builds(Point, st.floats(-10, 5000), st.floats(-10, 5000))
FILM = st.tuples(st.text("abc-09", min_size=1, max_size=5), st.sampled_from(list(FILM_CODES)))


@settings(max_examples=25, deadline=None)
@given(films=st.lists(st.tuples(FILM, st.data()), max_size=4, unique_by=lambda film: film[0]))
def test_joints_survive_writing_and_reading(tmp_path_factory: pytest.TempPathFactory, films: list) -> None:
    joints = {
        key: data.draw(st.dictionaries(st.sampled_from(POINTS[FILM_CODES[key[1]][0]]), POINT, min_size=1, max_size=5))
        for key, data in films
    }
    path = tmp_path_factory.mktemp("joints") / "joints.csv"
    write_joints(path, joints)
    read = read_joints(path)
    assert {key: set(points) for key, points in read.items()} == {key: set(points) for key, points in joints.items()}
    for key, points in joints.items():
        for name, point in points.items():
            assert read[key][name] == pytest.approx(point, abs=0.0006)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("P1,XH,MCP2,1,2", "row 5: film 'XH' is none of"),
        ("P1,LF,MCP2,1,2", "row 5: a foot has no point 'MCP2'"),
        ("P1,LH,MCP2,1,2", "row 5: MCP2 of P1-LH twice"),
        ("P1,LH,MCP3,one,2", "row 5: x 'one', y '2' are not both numbers"),
        ("P1,LH,MCP3,nan,2", "are not both numbers"),
        (",LH,MCP3,1,2", "row 5: no patient"),
        ("P1,LH,MCP3,80,2", r"P1-LH MCP3 at \(80, 2\) is outside its film of 80 x 100"),
        ("P9,LH,MCP3,1,2", "P9-LH has no film in images/"),
    ],
)
def test_wrong_joint_row_is_named(folder: Path, line: str, problem: str) -> None:
    with (folder / "joints.csv").open("a") as file:
        file.write(line + "\n")
    problems = check_dataset(folder)
    assert len(problems) == 1
    with pytest.raises(DatasetInvalid, match=problem):
        read_dataset(folder)


def test_every_problem_is_listed_and_the_first_ten_raised(folder: Path) -> None:
    with (folder / "joints.csv").open("a") as file:
        file.writelines(f"P1,XX,MCP2,{row},2\n" for row in range(14))
    (folder / "images" / "P1-LH.png").write_bytes(b"not a picture")
    (folder / "images" / "nobody.png").write_bytes(b"")
    problems = check_dataset(folder)
    assert len(problems) == 16
    assert any("P1-LH.png" in problem for problem in problems)
    assert any("nobody.png" in problem for problem in problems)
    with pytest.raises(DatasetInvalid, match=r"and 6 more; `opensvh check"):
        read_dataset(folder)


def test_table_of_scores_with_a_wrong_cell_is_a_problem_of_the_dataset(folder: Path) -> None:
    table = folder / "training.csv"
    table.write_text(table.read_text().replace("P1,", "P1,x,", 1).replace(",x,", ",", 1).replace(",3,", ",33,", 1))
    assert any("LH_mcp_E__2 is '33', not 0-5" in problem for problem in check_dataset(folder))


def test_scores_of_a_patient_without_films_are_a_problem(folder: Path) -> None:
    write_ra2(folder / "training.csv", {"P9": {"LH_mcp_E__2": 3}})
    assert check_dataset(folder) == ["training.csv: patient P9 has no film in images/"]


def test_second_film_of_the_same_limb_is_a_problem(folder: Path) -> None:
    (folder / "images" / "P1-LH.jpg").write_bytes((folder / "images" / "P1-RF.jpg").read_bytes())
    assert ["is a second LH of patient P1" in problem for problem in check_dataset(folder)] == [True]


def test_folder_without_films_is_a_problem(tmp_path: Path) -> None:
    assert "images/ is missing" in check_dataset(tmp_path)[0]
    (tmp_path / "images").mkdir()
    assert "holds no films" in check_dataset(tmp_path)[0]


def test_joints_without_a_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "joints.csv").write_text("patient,film,site,x\n")
    with pytest.raises(TableInvalid, match="lacks the columns y"):
        read_joints(tmp_path / "joints.csv")


def test_two_thousand_films_are_read_in_five_seconds(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "film.jpg"), np.random.default_rng(1).integers(0, 255, (500, 400), dtype=np.uint8))
    content = (tmp_path / "film.jpg").read_bytes()
    joints = {}
    for patient in range(500):
        for code, (limb, _) in FILM_CODES.items():
            (tmp_path / "images" / f"P{patient}-{code}.jpg").write_bytes(content)
            joints[f"P{patient}", code] = {name: Point(1.0, 2.0) for name in POINTS[limb]}
    write_joints(tmp_path / "joints.csv", joints)
    write_ra2(tmp_path / "training.csv", {f"P{patient}": {"LH_mcp_E__2": 3} for patient in range(500)})
    start = time.process_time()
    assert len(read_dataset(tmp_path).films) == 2000
    assert time.process_time() - start < 5
