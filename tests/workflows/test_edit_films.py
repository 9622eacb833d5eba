"""Editing a folder of films: a whole dataset with truth and provenance, the same bytes again, nothing overwritten."""

import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.domain.errors import DatasetInvalid, OutputConflict
from opensvh.io.image import read_film
from opensvh.io.tables import check_dataset, read_dataset
from opensvh.workflows.edit_films import FEW_SITES, EditSettings, edit_films
from opensvh.workflows.edit_sources import source_films, upright_picture


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with one marked foot, toes down: five bars of bone with spaces, 5 px per mm, and a grey surround."""
    folder = tmp_path / "films"
    folder.mkdir()
    upright = np.random.default_rng(0).normal(60, 2, (520, 480))
    points = {}
    for number, (middle, width) in enumerate(((380, 90), (290, 47), (215, 47), (135, 47), (50, 47)), start=1):
        upright[10:, middle - width // 2 : middle + width // 2] = 140
        upright[246:254, middle - width // 2 : middle + width // 2] = 60
        points[f"MTP{number}"] = (middle, 250)
    upright[101:109, 335:425] = 60
    points["IP1"] = (380, 105)
    cv2.imwrite(str(folder / "foot.png"), np.rot90(upright, 2).astype(np.uint8))
    record = {"file": "foot.png", "limb": "foot", "side": "L", "rotate_cw": 180, "bbox": [0, 0, 480, 520]}
    stored = {name: (479 - x, 519 - y) for name, (x, y) in points.items()}
    (folder / "joints.json").write_text(json.dumps([{**record, "group": "somebody", "points": stored}]))
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_folder_is_a_whole_dataset_with_its_truth(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "edited"
    assert edit_films(films, out, EditSettings(copies=4, seed=3, undamaged=0.0)) == 4
    assert check_dataset(out) == []
    dataset = read_dataset(out)
    assert {(film.limb, film.side, film.person) for film in dataset.films} == {(Limb.FOOT, Side.LEFT, "somebody")}
    assert all(len(film.points) == 6 and len(film.scores) == 12 for film in dataset.films)
    edits = pd.read_csv(out / "edits.csv")
    assert set(edits["source"]) == {"foot.png"}
    truth = pd.read_csv(out / "truth.csv").set_index("Patient_ID")
    graded = edits[edits["grade"] > 0].groupby("patient")["grade"].sum()
    assert graded.sum() > 0
    assert truth["Overall_Tol"].sum() == graded.sum(), "every grade has its edit"


def test_the_same_seed_gives_the_same_bytes(films: Path, tmp_path: Path) -> None:
    for name in ("one", "again"):
        edit_films(films, tmp_path / name, EditSettings(copies=2, seed=5))
    edit_films(films, tmp_path / "other", EditSettings(copies=2, seed=6))
    assert digests(tmp_path / "one") == digests(tmp_path / "again")
    assert digests(tmp_path / "one") != digests(tmp_path / "other")


def test_undamaged_copies_have_no_grade(films: Path, tmp_path: Path) -> None:
    edit_films(films, tmp_path / "out", EditSettings(copies=3, seed=1, undamaged=1.0))
    assert pd.read_csv(tmp_path / "out" / "truth.csv")["Overall_Tol"].tolist() == [0, 0, 0]


def test_few_sites_are_damaged_where_few_are_asked_for(films: Path, tmp_path: Path) -> None:
    def damaged_sites(few: float) -> list[int]:
        out = tmp_path / f"few-{few:g}"
        edit_films(films, out, EditSettings(copies=6, seed=3, undamaged=0.0, few=few))
        truth = pd.read_csv(out / "truth.csv").filter(regex="_[EJ]__")
        return list((truth > 0).sum(axis=1))

    assert max(damaged_sites(0.0)) > FEW_SITES
    assert max(damaged_sites(1.0)) <= FEW_SITES


def test_films_of_the_other_limb_are_left_out(films: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="no film of a hand"):
        edit_films(films, tmp_path / "out", EditSettings(limb=Limb.HAND))


def test_a_childs_limb_is_never_damaged(films: Path, tmp_path: Path) -> None:
    record = json.loads((films / "joints.json").read_text())[0]
    (films / "joints.json").write_text(json.dumps([{**record, "age": "child"}]))
    edit_films(films, tmp_path / "out", EditSettings(copies=3, seed=3, undamaged=0.0))
    assert pd.read_csv(tmp_path / "out" / "truth.csv")["Overall_Tol"].tolist() == [0, 0, 0]


def test_a_film_with_digits_down_is_turned_and_its_points_with_it(films: Path) -> None:
    source = source_films(films)[0]
    picture, points = upright_picture(source)
    assert points["MTP1"].x > points["MTP5"].x, "the hallux of a left foot lies right"
    assert points["IP1"].y < points["MTP1"].y
    x, y = round(points["MTP1"].x), round(points["MTP1"].y)
    assert picture[y, x] < picture[y + 12, x], "a space between bones"


def test_a_large_film_is_made_smaller(films: Path) -> None:
    stored = cv2.imread(str(films / "foot.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(films / "foot.png"), cv2.resize(stored, None, fx=5, fy=5))
    record = json.loads((films / "joints.json").read_text())[0]
    record["points"] = {name: (5 * x + 2, 5 * y + 2) for name, (x, y) in record["points"].items()}
    (films / "joints.json").write_text(json.dumps([{**record, "bbox": [0, 0, 2400, 2600]}]))
    picture, points = upright_picture(source_films(films)[0])
    assert picture.shape[0] < 2100
    assert points["MTP1"].y / picture.shape[0] == pytest.approx(250 / 520, abs=0.01)


def test_a_small_film_is_enlarged_and_its_points_with_it(films: Path) -> None:
    picture, points = upright_picture(source_films(films)[0])
    assert 800 <= picture.shape[0] <= 1000
    assert points["MTP1"].y / picture.shape[0] == pytest.approx(250 / 520, abs=0.01)
    x, y = round(points["MTP1"].x), round(points["MTP1"].y)
    assert picture[y, x] < picture[y + 18, x], "a space between bones"


def test_only_damaged_sites_may_have_scores(films: Path, tmp_path: Path) -> None:
    edit_films(films, tmp_path / "out", EditSettings(copies=4, seed=3, undamaged=0.0, only_damaged=True))
    for table in ("truth.csv", "training.csv"):
        grades = pd.read_csv(tmp_path / "out" / table).filter(like="_").drop(columns=["Patient_ID"])
        sites = grades.loc[:, ~grades.columns.str.startswith("Overall")].to_numpy(dtype=float)
        assert 0 < np.isfinite(sites).sum() < 4 * 12
    assert np.nanmin(pd.read_csv(tmp_path / "out" / "truth.csv").filter(regex="^L.*__").to_numpy(dtype=float)) >= 1


def test_a_folder_that_holds_something_is_left_alone(films: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="another folder"):
        edit_films(films, tmp_path / "out", EditSettings())


def test_films_without_joints_are_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "P1-LH.png"), np.random.default_rng(0).integers(0, 99, (90, 90)))
    with pytest.raises(DatasetInvalid, match=r"joints\.json"):
        edit_films(tmp_path, tmp_path / "out", EditSettings())


def test_joints_of_real_films_are_found_and_narrowed(tmp_path: Path) -> None:
    """Of the marked frontal adult hands, the spaces of nearly all finger joints are seen."""
    from opensvh.simulation.edited_films.edit import edited
    from opensvh.simulation.edited_films.joint_space import find_space
    from opensvh.simulation.edited_films.places import joint_places

    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS names no folder of real films")
    hands = [film for film in source_films(Path(folder)) if film.limb is Limb.HAND][:3]
    for source in hands:
        picture, points = upright_picture(source)
        places = joint_places(Limb.HAND, source.side, points)
        seen = {site for site, place in places.items() if find_space(picture, place)}
        assert len([site for site in seen if site.startswith(("MCP", "PIP"))]) >= 8
        film = edited(picture, points, source.limb, source.side, {("PIP3", Kind.NARROWING): 3.0})
        assert film.points["PIP3"] != points["PIP3"]
    assert read_film(hands[0].path).pixels.shape[0] > 500
