import json
import os
from pathlib import Path

import pandas as pd
import pytest

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.evaluation.distributions import differences
from opensvh.evaluation.truth import FilmTruth
from opensvh.workflows.realism_joints import (
    Looks,
    measured,
    real_films,
    simulated_films,
    undamaged_sites,
    write_looks,
)
from opensvh.workflows.simulate import SimulationSettings, simulate


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    simulate(folder, SimulationSettings(1, seed=4, severity="reference"))
    return folder


@pytest.fixture(scope="module")
def looks(cohort: Path) -> Looks:
    films = simulated_films(cohort)
    return measured(films, undamaged_sites(cohort, films), lambda name: None)


def truth(scores: dict[tuple[str, Kind], float]) -> FilmTruth:
    points = {"MCP2": Point(1, 1), "MCP3": Point(2, 2)}
    return FilmTruth("P-LH.png", "P", Path("P-LH.png"), Limb.HAND, Side.LEFT, points=points, scores=scores)


def test_damaged_and_unscored_sites_are_left_out(tmp_path: Path) -> None:
    healthy = {("MCP2", kind): 0.0 for kind in Kind}
    damaged = {("MCP3", Kind.NARROWING): 0.0, ("MCP3", Kind.EROSION): 2.0}
    assert undamaged_sites(tmp_path, [truth(healthy | damaged)])["P-LH.png"] == {"MCP2"}
    assert undamaged_sites(tmp_path, [truth(healthy)])["P-LH.png"] == {"MCP2"}


@pytest.mark.slow
def test_exact_grades_go_before_the_readers(cohort: Path) -> None:
    films = simulated_films(cohort)
    table = pd.read_csv(cohort / "truth.csv").set_index("Patient_ID")
    hand = next(film for film in films if film.limb is Limb.HAND and film.side is Side.LEFT)
    sound = undamaged_sites(cohort, films)[hand.film]
    row = table.loc[hand.patient]
    exact = {f"MCP{d}" for d in range(1, 6) if row[f"LH_mcp_J__{d}"] == 0 and row[f"LH_mcp_E__{d}"] == 0}
    assert {site for site in sound if site.startswith("MCP")} == exact


@pytest.mark.slow
def test_joints_and_bones_of_a_cohort_are_measured(looks: Looks) -> None:
    table = looks.table()
    assert {"MCP", "PIP", "PP", "MC"} <= set(table["class"])
    fingers = table[table["class"].isin(["MCP", "PIP"])]
    # Of ten joints one may be taken for the space between the head's own transverse lines.
    assert fingers["gap"].between(0.3, 3.0).mean() >= 0.9


@pytest.mark.slow
def test_same_films_do_not_differ_from_themselves(looks: Looks) -> None:
    assert all(each.difference == 0 for each in differences(looks.table(), looks.table()))


@pytest.mark.slow
def test_results_are_written_and_read_again_as_baseline(looks: Looks, tmp_path: Path) -> None:
    write_looks(tmp_path / "one", looks, looks, None, pictures=True)
    write_looks(tmp_path / "two", looks, looks, tmp_path / "one" / "joints.json", pictures=False)
    assert json.loads((tmp_path / "one" / "joints.json").read_text())["differences"]
    assert (tmp_path / "one" / "mean_hand.png").is_file()
    assert "before" in (tmp_path / "two" / "joints.html").read_text()
    assert not list((tmp_path / "two").glob("*.png"))


@pytest.mark.slow
def test_baseline_that_is_none_is_refused_by_name(looks: Looks, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(DatasetInvalid, match=r"other\.json"):
        write_looks(tmp_path / "out", looks, looks, tmp_path / "other.json", pictures=False)


def test_real_films_are_those_of_adults_from_in_front() -> None:
    folder = os.environ.get("OPENSVH_REAL_FILMS")
    if not folder:
        pytest.skip("OPENSVH_REAL_FILMS is not set: no real films to choose from")
    films = real_films(Path(folder))
    assert films
    assert all(film.age != "child" and film.view != "oblique" and "severe" not in film.film for film in films)
