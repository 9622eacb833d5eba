"""An evaluation reads each film once, keeps what it read, and counts a refused film as missed."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, POINTS, RA2_COLUMNS, Kind, Limb, Side, sites_of
from opensvh.domain.errors import DatasetInvalid, LimbNotFound, OutputConflict
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints
from opensvh.workflows.evaluate import EvaluatedModel, evaluate, read_films
from opensvh.workflows.known_films import known_films

IDENTITY = ModelIdentity("stand-in", "1", "0" * 64)


@dataclass
class StandIn:
    """Reads every site as `expected` and every point where it is marked; refuses the films it is told to."""

    expected: float = 1.0
    refused: str = "none"
    seen: list[str] = field(default_factory=list)

    def read(self, film: FilmTruth) -> FilmReading:
        self.seen.append(film.film)
        if self.refused in film.film:
            raise LimbNotFound(f"{film.path}: no {film.limb} to be seen; give a film of one")
        sites = tuple(
            SiteReading(site, kind, Status.SCORED, self.expected) for kind in Kind for site in sites_of(film.limb, kind)
        )
        points = dict(film.points)
        return FilmReading(film.patient, str(film.path), film.limb, film.side, sites, Box(0, 0, 50, 90), points)

    def model(self, digest: str = "a", run_by: tuple[str, ...] = ()) -> EvaluatedModel:
        return EvaluatedModel(self.read, (IDENTITY,), digest, dict.fromkeys(site_columns(), 0.5), run_by)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two patients with four films each: grade 1 everywhere for A, 2 for B."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    for patient in "AB":
        for code in FILM_CODES:
            cv2.imwrite(str(folder / "images" / f"{patient}-{code}.png"), np.zeros((90, 50), np.uint8))
    write_ra2(folder / "training.csv", {p: dict.fromkeys(site_columns(), g) for p, g in (("A", 1.0), ("B", 2.0))})
    points = {
        (patient, code): {name: Point(5 + i, 6 + 2 * i) for i, name in enumerate(POINTS[limb])}
        for patient in "AB"
        for code, (limb, _) in FILM_CODES.items()
    }
    write_joints(folder / "joints.csv", points)
    return folder


def marked_folder(folder: Path) -> Path:
    record = {
        "file": "films/hand.png", "limb": "hand", "side": "R", "rotate_cw": 180, "view": "PA", "age": "child",
        "bbox": [0, 0, 50, 90], "points": {"MCP2": [10, 20], "CNL": [30, 40]}, "uncertain": ["CNL"],
    }  # fmt: skip
    (folder / "films").mkdir()
    cv2.imwrite(str(folder / "films" / "hand.png"), np.zeros((90, 50), np.uint8))
    (folder / "joints.json").write_text(json.dumps([record]))
    return folder


def test_a_native_dataset_is_measured_and_written(dataset: Path, tmp_path: Path) -> None:
    figures = evaluate(StandIn(1.0).model(), dataset, tmp_path / "out")
    assert figures["scores"]["model"]["pooled_rmse"]["erosion"]["all"] == pytest.approx(np.sqrt(0.5))
    assert figures["localization"]["groups"]["fingers"]["median_px"] == 0
    with (tmp_path / "out" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == RA2_COLUMNS
    assert [(row["Patient_ID"], float(row["RF_mtp_J__5"]), float(row["Overall_Tol"])) for row in rows] == [
        ("A", 1, 86),
        ("B", 1, 86),
    ]
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written["scores"] == figures["scores"]
    assert written["models"][0]["name"] == "stand-in"
    assert (
        written["statistics"]["measures"]["sc1_all"]["value"] == figures["scores"]["model"]["challenge"]["all"]["sc1"]
    )
    assert "change" not in written["statistics"]
    assert "Statistics with intervals" in (tmp_path / "out" / "report.html").read_text()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "metrics.json", "sites.csv", "predictions.csv", "readings.csv", "report.html", "patients",
    }  # fmt: skip


def test_figures_say_what_ran_the_networks(dataset: Path, tmp_path: Path) -> None:
    evaluate(StandIn().model(run_by=("openvino bf16", "openvino bf16")), dataset, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["run_by"] == ["openvino bf16", "openvino bf16"]
    assert "networks run by openvino bf16" in (tmp_path / "out" / "report.html").read_text()


def test_visits_of_the_data_set_make_one_person_of_two_patients(dataset: Path, tmp_path: Path) -> None:
    (dataset / "visits.csv").write_text("patient,person,visit,months\nA,A,1,0\nB,A,2,12\n")
    statistics = evaluate(StandIn().model(), dataset, tmp_path / "out")["statistics"]
    assert (statistics["film_sets"], statistics["persons"]) == (2, 1)
    assert statistics["measures"]["rmse_total"]["low"] is None


def test_a_second_run_reads_nothing_again(dataset: Path, tmp_path: Path) -> None:
    reader, films = StandIn(), known_films(dataset)
    first = read_films(reader.model(), films, tmp_path / "out")
    assert len(reader.seen) == 8
    assert read_films(reader.model(), films, tmp_path / "out") == first
    assert len(reader.seen) == 8


def test_a_run_that_was_killed_goes_on_where_it_stopped(dataset: Path, tmp_path: Path) -> None:
    reader, films = StandIn(), known_films(dataset)

    def killed_after_five(film: str) -> None:
        if len(reader.seen) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_films(reader.model(), films, tmp_path / "out", killed_after_five)
    read_films(reader.model(), films, tmp_path / "out")
    # The patient that was under way is read again, the finished one is not.
    assert reader.seen.count("A-LH.png") == 1
    assert reader.seen.count("B-RF.png") == 1
    assert len(reader.seen) == 9


def test_another_model_or_another_film_is_read_anew(dataset: Path, tmp_path: Path) -> None:
    reader, films = StandIn(), known_films(dataset)
    read_films(reader.model("a"), films, tmp_path / "out")
    read_films(reader.model("b"), films, tmp_path / "out")
    assert len(reader.seen) == 16
    cv2.imwrite(str(dataset / "images" / "A-LH.png"), np.ones((90, 50), np.uint8))
    read_films(reader.model("b"), films, tmp_path / "out")
    assert len(reader.seen) == 20


def test_a_refused_film_is_reported_and_the_others_are_measured(dataset: Path, tmp_path: Path) -> None:
    figures = evaluate(StandIn(refused="B-RH").model(), dataset, tmp_path / "out")
    [refused] = figures["refused"]
    assert refused["film"] == "B-RH.png"
    assert "no hand to be seen" in refused["reason"]
    assert figures["scores"]["missing_sites"] == 31
    assert figures["localization"]["groups"]["wrist"]["missed"] == 11


def test_hand_marked_films_are_measured_without_scores(tmp_path: Path) -> None:
    folder = marked_folder(tmp_path)
    [film] = known_films(folder)
    assert (film.side, film.limb, film.quarter_turns_cw, film.height_px) == (Side.RIGHT, Limb.HAND, 2, 90)
    figures = evaluate(StandIn(0.25).model(), folder, tmp_path / "out")
    assert "scores" not in figures
    assert figures["mean_predicted"]["hand"]["narrowing"]["mean"] == 0.25
    assert list(figures["localization"]["groups"]) == ["fingers"]
    assert list(figures["localization"]["with_uncertain"]) == ["fingers", "wrist"]
    assert list(figures["localization"]["by_age"]) == ["child"]


def test_a_folder_of_something_else_is_left_alone(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="holds no evaluation"):
        read_films(StandIn().model(), known_films(dataset), out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid):
        known_films(tmp_path)
