"""Simulating a cohort: what the folder holds, that it can go on, and that it leaves other people's folders alone."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import POINTS, RA2_COLUMNS, RA2_SITE_COLUMNS, Limb, Side
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Point
from opensvh.domain.reading import Status
from opensvh.io.image import read_film
from opensvh.io.ra2 import read_ra2
from opensvh.io.tables import check_dataset, read_dataset
from opensvh.simulation import cohort
from opensvh.simulation.patients.patient import Grades, PatientTraits
from opensvh.simulation.radiograph import SimulatedFilm
from opensvh.workflows.simulate import SimulationSettings, simulate

OPERATED = {(Limb.HAND, Side.LEFT): {"MCP2": Status.SURGICALLY_ALTERED}}
"""What the stand-in's patients all had done."""


def quick_film(
    limb: Limb,
    side: Side,
    grades: Grades,
    seed: np.random.SeedSequence,
    patient: PatientTraits,
    anatomy: np.random.SeedSequence,
) -> SimulatedFilm:
    """A stand-in for the simulator: noise, with points that lie on the film at a height that the anatomy sets."""
    pixels = np.random.default_rng(seed).integers(0, 255, (80, 70), dtype=np.uint8)
    height = float(np.random.default_rng(anatomy).uniform(1, 38))
    points = {name: Point(3.0 + number, height) for number, name in enumerate(POINTS[limb])}
    return SimulatedFilm(pixels, points, {POINTS[limb][0]: 1.5}, 0.2, status=OPERATED.get((limb, side), {}))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort, "simulate_film", quick_film)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every visible file."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".progress" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.usefixtures("quick")
def test_the_folder_is_a_whole_dataset_with_its_truth(tmp_path: Path) -> None:
    assert simulate(tmp_path, SimulationSettings(patients=2, seed=1)) == 2
    assert check_dataset(tmp_path) == []
    dataset = read_dataset(tmp_path)
    assert [film.path.name for film in dataset.films[:2]] == ["SIM0001-LF.png", "SIM0001-LH.png"]
    assert all(set(film.points) == set(POINTS[film.limb]) for film in dataset.films)
    gaps = pd.read_csv(tmp_path / "gaps.csv")
    assert list(gaps.columns) == ["patient", "film", "site", "gap_mm"]
    assert len(gaps) == 8
    assert set(gaps.gap_mm) == {1.5}
    made_with = json.loads((tmp_path / "simulation.json").read_text())
    assert (made_with["patients"], made_with["seed"], made_with["severity"]) == (2, 1, "training")


@pytest.mark.usefixtures("quick")
def test_truth_and_readings_differ_a_little_and_totals_are_sums(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=6))
    truth, first, second = (read_ra2(tmp_path / name) for name in ("truth.csv", "training.csv", "reader2.csv"))
    for one, other in ((truth, first), (truth, second), (first, second)):
        assert 0 < (one - other).abs().to_numpy()[one.notna().to_numpy()].mean() < 0.6
    table = pd.read_csv(tmp_path / "truth.csv")
    assert tuple(table.columns) == RA2_COLUMNS
    assert (table["Overall_Tol"] == table[list(RA2_SITE_COLUMNS)].sum(axis=1)).all()


@pytest.mark.usefixtures("quick")
def test_an_operated_site_has_a_status_and_no_score(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=2))
    operated = ["LH_mcp_E__2", "LH_mcp_J__2"]
    for name in ("truth.csv", "training.csv", "reader2.csv"):
        table = read_ra2(tmp_path / name)
        assert table[operated].isna().all(axis=None)
        assert table.drop(columns=operated).notna().all(axis=None)
    status = pd.read_csv(tmp_path / "status.csv")
    assert status.to_numpy().tolist() == [
        [patient, "LH", "MCP2", "surgically altered"] for patient in ("SIM0001", "SIM0002")
    ]


@pytest.mark.usefixtures("quick")
def test_second_visits_are_film_sets_of_their_own_with_known_change(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=40, visits=2, severity="reference"))
    assert check_dataset(tmp_path) == []
    assert read_dataset(tmp_path).patients[:3] == ("SIM0001", "SIM0001V2", "SIM0002")
    visits = pd.read_csv(tmp_path / "visits.csv").set_index("patient")
    assert visits.loc["SIM0001V2", ["person", "visit"]].tolist() == ["SIM0001", 2]
    assert visits.loc["SIM0001", "months"] == 0
    assert set(visits.months) == {0, 12, 24}
    truth, change = read_ra2(tmp_path / "truth.csv"), read_ra2(tmp_path / "change.csv")
    assert list(change.index[:2]) == ["SIM0001V2", "SIM0002V2"]
    gained = (
        truth.loc[[f"{name}V2" for name in truth.index if "V" not in name]].to_numpy()
        - truth.loc[[name for name in truth.index if "V" not in name]].to_numpy()
    )
    assert np.array_equal(change.to_numpy(), gained, equal_nan=True)
    points = np.nansum(gained, axis=1)
    assert 0.4 < np.mean(points == 0) < 0.85
    assert points.max() >= 5


@pytest.mark.usefixtures("quick")
def test_a_later_visit_shows_the_same_bones_on_another_film(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=1, visits=2))
    first, second = (
        {(film.limb, film.side): film for film in read_dataset(tmp_path).films if film.patient == name}
        for name in ("SIM0001", "SIM0001V2")
    )
    assert {key: film.points for key, film in first.items()} == {key: film.points for key, film in second.items()}
    assert len({film.points["IP1"] for film in first.values()}) == 4
    assert all(first[key].path.read_bytes() != second[key].path.read_bytes() for key in first)


@pytest.mark.usefixtures("quick")
def test_the_first_visit_does_not_depend_on_the_number_of_visits(tmp_path: Path) -> None:
    simulate(tmp_path / "one", SimulationSettings(patients=2))
    simulate(tmp_path / "two", SimulationSettings(patients=2, visits=2))
    images = {path: digest for path, digest in digests(tmp_path / "one").items() if path.startswith("images")}
    assert images.items() <= digests(tmp_path / "two").items()
    for name in ("truth.csv", "training.csv", "reader2.csv"):
        first, both = (read_ra2(tmp_path / folder / name) for folder in ("one", "two"))
        pd.testing.assert_frame_equal(first, both.loc[first.index])


@pytest.mark.usefixtures("quick")
def test_films_as_dicom_hold_the_same_picture_and_say_whose_they_are(tmp_path: Path) -> None:
    simulate(tmp_path / "png", SimulationSettings(patients=3))
    simulate(tmp_path / "dicom", SimulationSettings(patients=3, film_format="dicom"))
    assert check_dataset(tmp_path / "dicom") == []
    pairs = zip(*(read_dataset(tmp_path / name).films for name in ("png", "dicom")), strict=True)
    for png, dicom in pairs:
        assert dicom.path.suffix == ".dcm"
        assert np.allclose(read_film(dicom.path).pixels, read_film(png.path).pixels, atol=1e-2)
        read = read_film(dicom.path)
        assert (read.patient, read.limb, read.side, read.spacing_mm) == (png.patient, png.limb, png.side, 0.2)


@pytest.mark.usefixtures("quick")
def test_who_the_patients_are_is_written(tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=2))
    patients = pd.read_csv(tmp_path / "patients.csv")
    assert {"patient", "sex", "age", "size", "bone_density", "severity", "child"} <= set(patients.columns)
    assert patients.age.between(5, 90).all()


@pytest.mark.usefixtures("quick")
def test_a_larger_number_of_patients_extends_the_folder(tmp_path: Path) -> None:
    simulate(tmp_path / "grown", SimulationSettings(patients=1))
    assert simulate(tmp_path / "grown", SimulationSettings(patients=3)) == 2
    simulate(tmp_path / "whole", SimulationSettings(patients=3))
    assert digests(tmp_path / "grown") == digests(tmp_path / "whole")


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films = []

    def stops_at_the_seventh_film(*arguments: object, **more: object) -> SimulatedFilm:
        films.append(arguments)
        if len(films) == 7:
            raise KeyboardInterrupt
        return quick_film(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(cohort, "simulate_film", stops_at_the_seventh_film)
    settings = SimulationSettings(patients=3, visits=1)
    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "stopped", settings)
    told: list[int] = []
    assert simulate(tmp_path / "stopped", settings, on_patient=told.append) == 2
    assert told == [1, 2, 3]
    monkeypatch.setattr(cohort, "simulate_film", quick_film)
    simulate(tmp_path / "whole", settings)
    assert digests(tmp_path / "stopped") == digests(tmp_path / "whole")


@pytest.mark.usefixtures("quick")
def test_a_deleted_film_is_made_again(tmp_path: Path) -> None:
    settings = SimulationSettings(patients=2)
    simulate(tmp_path, settings)
    before = digests(tmp_path)
    (tmp_path / "images" / "SIM0002-RF.png").unlink()
    assert simulate(tmp_path, settings) == 1
    assert digests(tmp_path) == before


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "other",
    [
        SimulationSettings(patients=2, seed=1),
        SimulationSettings(patients=2, severity="reference"),
        SimulationSettings(patients=2, visits=2),
        SimulationSettings(patients=2, film_format="dicom"),
        SimulationSettings(patients=1),
    ],
)
def test_a_folder_made_otherwise_is_refused_and_left_alone(tmp_path: Path, other: SimulationSettings) -> None:
    simulate(tmp_path, SimulationSettings(patients=2))
    before = digests(tmp_path)
    with pytest.raises(OutputConflict, match="choose another folder"):
        simulate(tmp_path, other)
    assert digests(tmp_path) == before


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ["notes.txt", "training.csv", "images/P1-LH.png"])
def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputConflict):
        simulate(tmp_path, SimulationSettings(patients=1))
    assert digests(tmp_path) == {name: hashlib.sha256(b"mine").hexdigest()}
    assert not (tmp_path / ".progress").exists()


@pytest.mark.usefixtures("quick")
def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputConflict, match="is a file"):
        simulate(tmp_path / "out", SimulationSettings(patients=1))


@pytest.mark.slow
def test_real_films_are_the_same_bytes_in_one_process_and_in_two(simulated_patients: Path, tmp_path: Path) -> None:
    simulate(tmp_path, SimulationSettings(patients=2, seed=11), jobs=2)
    assert digests(tmp_path) == digests(simulated_patients)
    assert check_dataset(tmp_path) == []
