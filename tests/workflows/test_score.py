"""A run writes a folder a patient and the tables of all, goes on where another stopped, and keeps models apart."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pydicom
import pytest
import torch

from opensvh.domain.anatomy import FILM_CODES, POINTS, RA2_COLUMNS, RA2_SITE_COLUMNS, Kind, Limb, Side, sites_of
from opensvh.domain.backends import Choice
from opensvh.domain.errors import BundleInvalid, ConfigInvalid, LimbNotFound, OutputConflict
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status, StudyReading
from opensvh.inference.bundle import BundleConfig, BundleContents, write_bundle
from opensvh.inference.film_reader import FilmOutcome
from opensvh.inference.predictor import FilmMaps, FilmPrediction
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.io.identity import FilmClaims, KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.reporting.study_file import read_study
from opensvh.reporting.tables import SITES_COLUMNS
from opensvh.workflows import results
from opensvh.workflows import score as workflow
from opensvh.workflows.films import FilmHints
from opensvh.workflows.results import Wanted
from opensvh.workflows.score import Scored, score
from opensvh.workflows.visits import folder_name

MEANS = dict.fromkeys(RA2_SITE_COLUMNS, 0.5)
NO_HINTS = FilmHints()


@dataclass
class StandIn:
    """Models by name, each reading every site as grade 1; films named in `lost` show no limb to them.

    `seen`: the films read, by name; `killed_at`: the film at which the program is interrupted.
    """

    digests: dict[str, str] = field(default_factory=dict)
    means: dict[str, Mapping[str, float]] = field(default_factory=dict)
    lost: str = "none"
    killed_at: str = "none"
    seen: list[str] = field(default_factory=list)

    def load(self, folder: Path) -> SimpleNamespace:
        name = folder.name
        return SimpleNamespace(
            folder=folder,
            identity=ModelIdentity(name, "1", name.ljust(64, "0")),
            digest=self.digests.get(name, name),
            training_means=self.means.get(name, MEANS),
        )

    def predictor(self, bundles: Sequence[SimpleNamespace]) -> SimpleNamespace:
        return SimpleNamespace(bundles=bundles, engines=("stand-in fp32",))

    def reader(self, predictor: SimpleNamespace, analyser: object) -> SimpleNamespace:
        return SimpleNamespace(predictor=predictor, read=self.read)

    def read(self, radiograph: Radiograph, known: KnownFilm) -> FilmOutcome:
        name = Path(radiograph.path).name
        if name == self.killed_at:
            raise KeyboardInterrupt
        self.seen.append(name)
        if name == self.lost:
            raise LimbNotFound(f"{radiograph.path}: no {known.limb} can be made out; give a film of one")
        limb, side = known.limb or Limb.HAND, known.side or Side.LEFT
        pose = Pose(90.0 * (known.quarter_turns_cw or 0))
        points = {point: Point(10 + i, 20 + 2 * i) for i, point in enumerate(POINTS[limb])}
        sites = tuple(
            SiteReading(site, kind, Status.SCORED, 1.0, point=points[site.point], confidence=0.9)
            for kind in Kind
            for site in sites_of(limb, kind)
        )
        reading = FilmReading(
            known.patient, radiograph.path, limb, side, sites, Box(5, 5, 75, 95), points,
            dict.fromkeys(points, 0.9), pose,
        )  # fmt: skip
        grey = np.zeros((50, 40), np.float32)
        maps = FilmMaps(Frame.of(Size(40, 50)), grey.astype(np.uint8), grey, grey, grey)
        return FilmOutcome((FilmPrediction(reading, maps),), ())


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(workflow, "find_bundle", Path)
    monkeypatch.setattr(workflow, "load_models", lambda folder, backend, at_once: [stand_in.load(folder)])
    monkeypatch.setattr(workflow, "Predictor", stand_in.predictor)
    monkeypatch.setattr(workflow, "FilmReader", stand_in.reader)
    monkeypatch.setattr(workflow, "FilmAnalyser", lambda networks: object())
    monkeypatch.setattr(workflow, "could_be_faster", lambda folder, backend: folder.name == "slow")
    monkeypatch.setattr(workflow, "load_networks", lambda backend, at_once: None)
    monkeypatch.setattr(workflow, "films_at_once", lambda films: 1)  # what was seen is told in order
    return stand_in


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """All four films of A, the left hand of B."""
    folder = tmp_path / "films"
    for name in (*(f"A-{code}.png" for code in FILM_CODES), "B-LH.png"):
        write_film(folder / name)
    return folder


def write_film(path: Path, level: int = 200) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.zeros((100, 80), np.uint8)
    picture[20:, 20:60] = level
    cv2.imwrite(str(path), picture)
    return path


def scored(
    films: Path,
    *,
    out: Path | None = None,
    models: Sequence[str] = ("m",),
    hints: FilmHints = NO_HINTS,
    complete: bool = False,
    formats: Sequence[str] = (),
    previous: Path | None = None,
    progress: Callable[[str], None] = lambda film: None,
) -> Scored:
    wanted = Wanted(tuple(formats), complete, previous)
    return score([films], out or films.parent / "out", models, hints, wanted, progress)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_patient_gets_a_folder_and_all_share_the_tables(model: StandIn, films: Path, tmp_path: Path) -> None:
    result = scored(films)
    assert names(tmp_path / "out") == {"A", "B", "scores.csv", "sites.csv", "refused.csv"}
    assert names(tmp_path / "out" / "A") == {
        "study.json", "report.html", "LH.png", "RH.png", "LF.png", "RF.png",
    }  # fmt: skip
    assert names(tmp_path / "out" / "B") == {"study.json", "report.html", "LH.png"}
    assert [study.patient for study in result.studies] == ["A", "B"]
    assert (result.continued, result.refused) == (0, ())
    assert cv2.imread(str(tmp_path / "out" / "A" / "LH.png")).shape[:2] == (100, 80)


def test_a_run_says_what_ran_its_networks(
    model: StandIn, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def load(folder: Path, choice: Choice, at_once: int) -> list[SimpleNamespace]:
        asked.append(choice)
        return [model.load(folder)]

    monkeypatch.setattr(workflow, "load_models", load)
    wanted = Wanted(backend=Choice.OPENVINO)
    result = score([films], tmp_path / "out", ["model"], NO_HINTS, wanted)
    assert asked == [Choice.OPENVINO]
    assert result.engines == ("stand-in fp32",)
    assert result.could_be_faster == ()
    assert score([films], tmp_path / "other", ["slow"], NO_HINTS).could_be_faster == ("slow",)


def test_scores_are_written_in_the_90_columns(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films)
    whole, part = table(tmp_path / "out" / "scores.csv")
    assert tuple(whole) == RA2_COLUMNS
    assert len(whole) == 90
    assert whole["Patient_ID"] == "A"
    assert {float(whole[column]) for column in RA2_SITE_COLUMNS} == {1}
    assert [float(whole[total]) for total in RA2_COLUMNS[1:4]] == [86, 44, 42]
    # B has one film: what is on no film is empty, and so is every sum.
    assert {column for column in RA2_SITE_COLUMNS if part[column]} == {
        column for column in RA2_SITE_COLUMNS if column.startswith("LH")
    }
    assert [part[total] for total in RA2_COLUMNS[1:4]] == ["", "", ""]


def test_every_site_of_every_film_is_written(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films)
    rows = table(tmp_path / "out" / "sites.csv")
    assert tuple(rows[0]) == SITES_COLUMNS
    assert len(rows) == 86 + 31
    assert {row["patient"] for row in rows} == {"A", "B"}


def test_a_second_run_reads_nothing_again(model: StandIn, films: Path, tmp_path: Path) -> None:
    told: list[list[str]] = [[], []]
    first = scored(films, progress=told[0].append)
    assert sorted(model.seen) == sorted(path.name for path in films.iterdir())
    model.seen.clear()
    second = scored(films, progress=told[1].append)
    assert model.seen == []
    assert (second.studies, second.continued) == (first.studies, 2)
    assert told[0] == told[1]
    assert len(told[0]) == 5


def test_a_run_that_was_killed_goes_on_where_it_stopped(model: StandIn, films: Path, tmp_path: Path) -> None:
    model.killed_at = "B-LH.png"
    with pytest.raises(KeyboardInterrupt):
        scored(films)
    assert [row["Patient_ID"] for row in table(tmp_path / "out" / "scores.csv")] == ["A"]
    model.killed_at = "none"
    model.seen.clear()
    assert scored(films).continued == 1
    assert model.seen == ["B-LH.png"]
    assert [row["Patient_ID"] for row in table(tmp_path / "out" / "scores.csv")] == ["A", "B"]


def test_a_patient_under_way_when_the_run_was_killed_is_read_again(model: StandIn, films: Path) -> None:
    model.killed_at = "A-RF.png"
    with pytest.raises(KeyboardInterrupt):
        scored(films)
    model.killed_at = "none"
    model.seen.clear()
    assert scored(films).continued == 0
    assert len(model.seen) == 5


@pytest.mark.parametrize("lost", ["report.html", "study.json"])
def test_a_patient_without_report_or_study_is_not_done(model: StandIn, films: Path, tmp_path: Path, lost: str) -> None:
    scored(films)
    (tmp_path / "out" / "B" / lost).unlink()
    model.seen.clear()
    assert scored(films).continued == 1
    assert model.seen == ["B-LH.png"]
    assert (tmp_path / "out" / "B" / lost).is_file()


def test_another_model_in_the_same_folder_is_refused_by_name(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films, models=["first"])
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    model.seen.clear()
    for others in (["second"], ["first", "second"]):
        with pytest.raises(OutputConflict, match=r"holds results of first 1 \(first0000000\)"):
            scored(films, models=others)
    assert model.seen == []
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_model_read_with_other_settings_reads_anew(model: StandIn, films: Path) -> None:
    scored(films)
    model.digests["m"] = "the same weights, another threshold"
    model.seen.clear()
    assert scored(films).continued == 0
    assert len(model.seen) == 5


def test_a_changed_film_is_read_anew_and_no_other_patient(model: StandIn, films: Path) -> None:
    scored(films)
    write_film(films / "B-LH.png", level=100)
    model.seen.clear()
    assert scored(films).continued == 1
    assert model.seen == ["B-LH.png"]


def test_films_that_lie_otherwise_than_said_before_are_read_anew(model: StandIn, films: Path) -> None:
    scored(films)
    model.seen.clear()
    result = scored(films, hints=FilmHints(FilmClaims(quarter_turns_cw=2)))
    assert len(model.seen) == 5
    assert {film.quarter_turns_cw for study in result.studies for film in study.films} == {2}


def test_patients_of_earlier_runs_stay_in_the_tables(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films)
    write_film(tmp_path / "later" / "C-LH.png")
    result = scored(tmp_path / "later")
    assert [study.patient for study in result.studies] == ["C"]
    assert [row["Patient_ID"] for row in table(tmp_path / "out" / "scores.csv")] == ["A", "B", "C"]


def test_a_film_that_cannot_be_read_is_refused_and_the_others_are_scored(
    model: StandIn, films: Path, tmp_path: Path
) -> None:
    (films / "A-RH.png").write_bytes(b"torn")
    (films / "unknown.png").write_bytes(b"of nobody")
    model.lost = "B-LH.png"
    told: list[str] = []
    result = scored(films, progress=told.append)
    assert sorted(told) == sorted(str(path) for path in films.iterdir())
    a, b = result.studies
    assert [film.film for film in a.films] == [str(films / f"A-{code}.png") for code in ("LF", "LH", "RF")]
    assert (len(b.films), len(b.refused)) == (0, 1)
    reasons = {row["film"]: row["reason"] for row in table(tmp_path / "out" / "refused.csv")}
    assert set(reasons) == {str(films / name) for name in ("unknown.png", "A-RH.png", "B-LH.png")}
    assert "is no whole picture" in reasons[str(films / "A-RH.png")]
    assert "no hand can be made out" in reasons[str(films / "B-LH.png")]
    assert "unknown.png" in reasons[str(films / "unknown.png")]
    assert not (tmp_path / "out" / "unknown").exists()
    assert "A-RH.png" in (tmp_path / "out" / "A" / "report.html").read_text(encoding="utf-8")
    assert {row["patient"] for row in table(tmp_path / "out" / "sites.csv")} == {"A"}


def test_a_second_film_of_a_limb_and_side_is_refused(model: StandIn, films: Path, tmp_path: Path) -> None:
    second = write_film(films / "again" / "B-LH.png")
    [_, study] = scored(films).studies
    assert [film.film for film in study.films] == [str(films / "B-LH.png")]
    [row] = table(tmp_path / "out" / "refused.csv")
    assert row["film"] == str(second)
    assert "a second LH film of patient B" in row["reason"]


def test_gaps_are_filled_with_the_training_means(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films, complete=True)
    whole, part = table(tmp_path / "out" / "scores.csv")
    assert {float(whole[column]) for column in RA2_SITE_COLUMNS} == {1}
    assert all(float(part[column]) == (1 if column.startswith("LH") else 0.5) for column in RA2_SITE_COLUMNS)
    assert float(part["Overall_Tol"]) == 31 + 0.5 * 55


def test_gaps_are_filled_in_a_second_run_without_reading_again(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films)
    model.seen.clear()
    scored(films, complete=True)
    assert model.seen == []
    assert table(tmp_path / "out" / "scores.csv")[1]["RF_mtp_J__5"] == "0.5000"
    scored(films)
    assert table(tmp_path / "out" / "scores.csv")[1]["RF_mtp_J__5"] == ""


def test_several_models_fill_gaps_with_the_mean_of_their_means(model: StandIn, films: Path, tmp_path: Path) -> None:
    model.means = {"x": dict.fromkeys(MEANS, 0.25), "y": {}, "z": dict.fromkeys(MEANS, 0.75)}
    scored(films, models=["y", "x", "z"], complete=True)
    assert table(tmp_path / "out" / "scores.csv")[1]["RF_mtp_J__5"] == "0.5000"


def test_a_column_that_one_model_has_no_mean_of_is_filled_by_the_other(
    model: StandIn, films: Path, tmp_path: Path
) -> None:
    """A film set without any score in a column leaves it out of the means."""
    model.means = {"x": MEANS, "y": {column: 0.5 for column in MEANS if column != "RF_mtp_J__5"}}
    for out, models in (("xy", ["x", "y"]), ("yx", ["y", "x"])):
        scored(films, out=tmp_path / out, models=models, complete=True)
        assert table(tmp_path / out / "scores.csv")[1]["RF_mtp_J__5"] == "0.5000"


def test_without_training_means_nothing_is_filled_nor_read(model: StandIn, films: Path, tmp_path: Path) -> None:
    model.means["m"] = {}
    with pytest.raises(BundleInvalid, match=r"^m: has no training means.*without --complete"):
        scored(films, complete=True)
    assert model.seen == []
    assert not (tmp_path / "out").exists()


def test_films_that_name_no_patient_are_patients_of_their_own(model: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    for name in ("monday/scan.png", "tuesday/scan.png", "other.png"):
        write_film(folder / name)
    result = scored(folder, hints=FilmHints(FilmClaims(limb=Limb.FOOT, side=Side.RIGHT)))
    assert sorted(study.patient for study in result.studies) == sorted(
        ["other", str(folder / "monday/scan.png"), str(folder / "tuesday/scan.png")]
    )
    assert all((len(study.films), study.refused) == (1, ()) for study in result.studies)
    assert len([path for path in (tmp_path / "out").iterdir() if path.is_dir()]) == 3


def test_films_and_output_may_share_a_folder(model: StandIn, films: Path) -> None:
    first = scored(films, out=films / "out")
    second = scored(films, out=films / "out")
    # The pictures that the first run wrote are no films.
    assert second.studies == first.studies
    assert (second.continued, second.refused) == (2, ())


def test_a_file_in_place_of_the_output_folder_is_left_alone(model: StandIn, films: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputConflict, match="is a file"):
        scored(films)
    assert (tmp_path / "out").read_text() == "mine"
    assert model.seen == []


def test_patients_of_strange_names_do_not_leave_the_output(model: StandIn, films: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    strange = ["../../etc", "scores.csv", "a/b", "a_b", "Ünal"]
    lines = [f"{path.name},{name}\n" for path, name in zip(sorted(films.iterdir()), strange, strict=True)]
    manifest.write_text("film,patient\n" + "".join(lines), encoding="utf-8")
    result = scored(films, hints=FilmHints(manifest=manifest))
    assert {study.patient for study in result.studies} == set(strange)
    assert names(tmp_path) == {"films", "manifest.csv", "out"}
    assert len(list((tmp_path / "out").glob("*/study.json"))) == 5
    assert {row["Patient_ID"] for row in table(tmp_path / "out" / "scores.csv")} == set(strange)


ALL_FORMATS = ("dicom", "pdf", "fhir", "fhir-r5", "xlsx", "parquet", "sdtm")
OF_PATIENTS = {"dicom", "report.pdf", "fhir.json", "fhir-r5.json"}
OF_RUNS = {"scores.xlsx", "sites.parquet", "mk.csv", "mk.define.json"}


def all_files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_every_format_is_written_where_it_belongs(model: StandIn, tmp_path: Path) -> None:
    write_film(tmp_path / "films" / "B-LH.png")
    scored(tmp_path / "films", formats=ALL_FORMATS)
    assert names(tmp_path / "out") == {"B", "scores.csv", "sites.csv", "refused.csv"} | OF_RUNS
    assert names(tmp_path / "out" / "B") == {"study.json", "report.html", "LH.png"} | OF_PATIENTS
    assert len(list((tmp_path / "out" / "B" / "dicom").glob("*.dcm"))) > 4


@pytest.mark.slow
def test_formats_asked_for_later_are_written_without_reading_again(model: StandIn, tmp_path: Path) -> None:
    for name in ("A-RF.png", "B-LH.png"):
        write_film(tmp_path / "films" / name)
    scored(tmp_path / "films")
    before = all_files(tmp_path / "out")
    model.seen.clear()
    assert scored(tmp_path / "films", formats=ALL_FORMATS).continued == 2
    assert model.seen == []
    after = all_files(tmp_path / "out")
    assert {path: after[path] for path in before} == before
    assert names(tmp_path / "out" / "A") >= OF_PATIENTS
    assert names(tmp_path / "out") >= OF_RUNS


def test_a_format_that_is_there_is_not_written_again(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films, formats=["fhir"])
    fhir = tmp_path / "out" / "A" / "fhir.json"
    fhir.write_text("kept")
    scored(films, formats=["fhir", "fhir-r5"])
    assert fhir.read_text() == "kept"


def test_forms_of_a_former_reading_do_not_stay(model: StandIn, films: Path, tmp_path: Path) -> None:
    scored(films, formats=["fhir", "sdtm"])
    write_film(films / "B-LH.png", level=100)
    for name in ("A", "B"):
        (tmp_path / "out" / name / "fhir.json").write_text("of a former reading")
    (tmp_path / "out" / "mk.csv").write_text("of a former reading")
    scored(films)
    assert (tmp_path / "out" / "A" / "fhir.json").read_text() == "of a former reading"  # A was not read again
    assert json.loads((tmp_path / "out" / "B" / "fhir.json").read_text())["resourceType"] == "Bundle"
    assert len(table(tmp_path / "out" / "mk.csv")) == 2 * 89


def test_an_unknown_format_is_refused_before_anything_is_read(model: StandIn, films: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="docx"):
        scored(films, formats=["fhir", "docx"])
    assert (model.seen, (tmp_path / "out").exists()) == ([], False)


def test_a_run_killed_while_it_writes_goes_on_with_whole_files(
    model: StandIn, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each of the writings in turn: what is there is whole, and the next run makes the rest."""
    scored(films, out=tmp_path / "whole", formats=["fhir", "sdtm"])
    writing = results.write_format
    for kill in range(4):
        count = iter(range(100))

        def killed(*args: object, kill: int = kill, count: Iterator[int] = count) -> None:
            if next(count) == kill:
                raise KeyboardInterrupt
            writing(*args)

        out = tmp_path / f"killed {kill}"
        monkeypatch.setattr(workflow, "write_format", killed)
        with pytest.raises(KeyboardInterrupt):
            scored(films, out=out, formats=["fhir", "sdtm"])
        monkeypatch.setattr(workflow, "write_format", writing)
        scored(films, out=out, formats=["fhir", "sdtm"])
        whole = {
            path.relative_to(tmp_path / "whole"): content for path, content in all_files(tmp_path / "whole").items()
        }
        assert {path.relative_to(out): content for path, content in all_files(out).items()} == whole


def dated(films: Path, days: Mapping[str, str]) -> FilmHints:
    """A manifest that says the patient `P` and the day of each film, by name."""
    lines = ["film,patient,limb,side,date"]
    for name, day in days.items():
        limb, side = FILM_CODES[Path(name).stem[-2:]]
        lines.append(f"{name},P,{limb},{side},{day}")
    manifest = films.parent / "days.csv"
    manifest.write_text("\n".join(lines) + "\n")
    return FilmHints(manifest=manifest)


def test_films_of_two_days_are_two_visits_and_the_later_is_compared(
    model: StandIn, films: Path, tmp_path: Path
) -> None:
    days = {"B-LH.png": "2024-05-01", "A-LH.png": "2023-05-01", "A-RH.png": "2023-05-01", "A-LF.png": "2023-05-01",
            "A-RF.png": "2023-05-01"}  # fmt: skip
    result = scored(films, hints=dated(films, days), formats=["sdtm"])
    assert [(study.patient, study.date, len(study.films)) for study in result.studies] == [
        ("P", "2023-05-01", 4), ("P", "2024-05-01", 1),
    ]  # fmt: skip
    assert result.studies[1].refused == ()
    assert names(tmp_path / "out" / "P") == {"2023-05-01", "2024-05-01"}
    rows = table(tmp_path / "out" / "scores.csv")
    assert [(row["Patient_ID"], row["date"]) for row in rows] == [("P", "2023-05-01"), ("P", "2024-05-01")]
    assert {row["MKDTC"] for row in table(tmp_path / "out" / "mk.csv")} == {"2023-05-01", "2024-05-01"}
    first, second = (read_study(tmp_path / "out" / "P" / day / "study.json") for day in ("2023-05-01", "2024-05-01"))
    assert (first.previous, second.previous) == ("", first.key)
    model.seen.clear()
    assert scored(films, hints=dated(films, days)).continued == 2
    assert model.seen == []


def test_dicom_films_are_dated_by_their_study_and_traced_to_it(model: StandIn, tmp_path: Path) -> None:
    pixels = np.tile(np.arange(80, dtype=np.uint8), (100, 1))
    for visit, day in ((1, "20230501"), (2, "20240501")):
        path = tmp_path / "films" / f"{visit}.dcm"
        write_dicom(path, pixels, FilmTags(Limb.HAND, Side.LEFT, "P", 0.1, visit=visit))
        header = pydicom.dcmread(path)
        header.StudyDate = day
        header.save_as(path)
    result = scored(tmp_path / "films", formats=["fhir"])
    assert [(study.patient, study.date, len(study.films)) for study in result.studies] == [
        ("P", "2023-05-01", 1), ("P", "2024-05-01", 1),
    ]  # fmt: skip
    bundle = json.loads((tmp_path / "out" / "P" / "2024-05-01" / "fhir.json").read_text())
    uids = {
        each["resource"]["derivedFrom"][0]["identifier"]["value"]
        for each in bundle["entry"]
        if each["resource"]["resourceType"] == "Observation"
    }
    assert uids == {f"urn:oid:{header.StudyInstanceUID}"}


def test_a_report_is_given_the_visit_before(
    model: StandIn, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str | None, str | None]] = []

    def report(path: Path, study: StudyReading, pictures: object, previous: StudyReading | None) -> None:
        given.append((study.date, None if previous is None else previous.date))
        path.write_text("page")

    monkeypatch.setattr(results, "write_report", report)
    days = {"A-LH.png": "2022-05-01", "A-RH.png": "2023-05-01", "A-LF.png": "2024-05-01", "A-RF.png": "2024-05-01"}
    (films / "B-LH.png").unlink()
    scored(films, hints=dated(films, days))
    assert given == [("2022-05-01", None), ("2023-05-01", "2022-05-01"), ("2024-05-01", "2023-05-01")]
    # Of a day that was not there before: its own report is new, and so is that of the visit after it.
    given.clear()
    model.seen.clear()
    write_film(films / "B-LH.png")
    result = scored(films, hints=dated(films, {**days, "B-LH.png": "2022-11-01"}))
    assert given == [("2022-11-01", "2022-05-01"), ("2023-05-01", "2022-11-01")]
    assert model.seen == ["B-LH.png", "A-RH.png"]
    assert result.continued == 2


def test_results_of_an_earlier_run_are_compared_with(
    model: StandIn, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(films, out=tmp_path / "before")
    given: list[tuple[str, str]] = []

    def report(path: Path, study: StudyReading, pictures: object, previous: StudyReading | None) -> None:
        given.append((study.patient, "" if previous is None else previous.films[0].film))
        path.write_text("page")

    monkeypatch.setattr(results, "write_report", report)
    later = tmp_path / "later"
    for name in ("B-LH.png", "C-LH.png"):
        write_film(later / name)
    scored(later, out=tmp_path / "after", previous=tmp_path / "before")
    assert given == [("B", str(films / "B-LH.png")), ("C", "")]
    given.clear()
    assert scored(later, out=tmp_path / "after", previous=tmp_path / "before").continued == 2
    assert given == []
    # Without the earlier results the report would still compare with them: it is made anew.
    assert scored(later, out=tmp_path / "after").continued == 1
    assert given == [("B", "")]


def test_a_study_whose_films_are_dated_later_moves_and_does_not_count_twice(
    model: StandIn, films: Path, tmp_path: Path
) -> None:
    for path in films.glob("A-*"):
        path.unlink()
    scored(films, hints=dated(films, {"B-LH.png": ""}), formats=["fhir"])
    assert names(tmp_path / "out" / "P") == {"study.json", "report.html", "LH.png", "fhir.json"}
    (tmp_path / "out" / "P" / "notes.txt").write_text("the user's own")
    scored(films, hints=dated(films, {"B-LH.png": "2024-05-01"}))
    assert names(tmp_path / "out" / "P") == {"2024-05-01", "notes.txt"}
    assert [row["date"] for row in table(tmp_path / "out" / "scores.csv")] == ["2024-05-01"]


def test_a_model_that_finds_no_joint_leaves_gaps_and_not_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way with a real bundle: a network of random weights is sure of nothing."""
    monkeypatch.setattr(workflow, "FilmAnalyser", lambda networks: SimpleNamespace(analyse=lambda pixels: ()))
    torch.manual_seed(1)
    config = ModelConfig(encoder="b0", decoder=(8, 8, 8), output_stride=4, radius_px=6, outer_radius_px=8)
    picture = PreprocessingConfig(width=64, height=64)
    contents = BundleContents(
        "random", "1", BundleConfig(model=config, preprocessing=picture), SvHNet(config).state_dict()
    )
    bundle = write_bundle(tmp_path / "bundle", contents)
    film = np.full((420, 340), 25, np.uint8)
    cv2.fillPoly(
        film, [np.array([(70, 60), (270, 60), (270, 300), (215, 330), (215, 419), (125, 419), (125, 330)])], 120
    )
    (tmp_path / "films").mkdir()
    cv2.imwrite(str(tmp_path / "films" / "P-LH.png"), cv2.GaussianBlur(film, (0, 0), 1.5))
    told = FilmHints(FilmClaims(limb=Limb.HAND, side=Side.LEFT, quarter_turns_cw=0))
    [study] = scored(tmp_path / "films", models=[str(bundle)], hints=told).studies
    assert (len(study.films), study.refused) == (1, ())
    rows = table(tmp_path / "out" / "sites.csv")
    assert {(row["status"], row["score"], row["expected"], row["x"]) for row in rows} == {
        ("not assessable", "", "", "")
    }
    [row] = table(tmp_path / "out" / "scores.csv")
    assert [value for value in row.values() if value] == ["P"]
    totals = json.loads((tmp_path / "out" / "P" / "study.json").read_text())["totals"]["total"]
    assert (totals["assessed"], totals["maximum_assessed"]) == (0, 0)


UNSAFE = [
    "", ".", "..", "...", "con/..", "../x", "/etc/passwd", "a/b", "a\\b", "a:b", "a b", " a", "a ", "a.", "_a", ".a",
    "a\0b", "a\nb", "Müller", "患者", "x" * 300, "é" * 300, "scores.csv", "SITES.CSV", "a*", "a?", "-" * 81,
]  # fmt: skip


@pytest.mark.parametrize("patient", ["UAB001", "a-b_c.d", "7", "x" * 80, "P.1", "-a"])
def test_a_safe_name_is_the_folder_s(patient: str) -> None:
    assert folder_name(patient) == patient


@pytest.mark.parametrize("patient", UNSAFE)
def test_an_unsafe_name_is_cleaned(patient: str) -> None:
    name = folder_name(patient)
    assert name != patient
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert len(name) <= 100
    assert name[0] not in "._"
    assert name[-1] not in "._"
    assert not name.lower().endswith(".csv")


@pytest.mark.parametrize("patient", ["con", "NUL", "com1", "Aux.1"])
def test_a_name_that_windows_keeps_for_itself_is_changed(patient: str) -> None:
    assert folder_name(patient).partition(".")[0].lower() not in {"con", "nul", "com1", "aux"}


def test_names_that_clean_to_the_same_stay_apart() -> None:
    alike = ["a b", "a_b", "a/b", "a\\b", "_a_b", "a__b", "a_b.", "Ünal", "Önal", "", "patient", "x" * 80, "x" * 81]
    alike += ["x" * 300, "x" * 299, "..", "...", "scores.csv", "scores_csv"]
    assert len({folder_name(patient) for patient in alike}) == len(alike)


def test_a_name_has_the_same_folder_in_every_run() -> None:
    assert folder_name("a b") == "a_b-c8687a08"
