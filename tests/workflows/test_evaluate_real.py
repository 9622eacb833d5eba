"""An evaluation on real films reads each film and each edited copy once, keeps what it read, and writes a page."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.errors import DatasetInvalid, LimbNotFound, OutputConflict
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status
from opensvh.evaluation import real_intervals
from opensvh.evaluation.real_split import Half
from opensvh.evaluation.truth import FilmTruth
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.evaluate_real import RealTrial, evaluate_real, read_trial
from opensvh.workflows.evaluate_real_edits import EditedCopy, PlannedDamage, planned_copies
from opensvh.workflows.evaluate_real_films import marked_real_films
from opensvh.workflows.evaluate_real_readers import RealReader

IDENTITY = ModelIdentity("stand-in", "1", "0" * 64)
BOX = Box(20, 20, 180, 280)
FILMS = {
    "IMG0000032": (Limb.HAND, "PA", "adult"),
    "IMG0000035": (Limb.HAND, "PA", "adult"),
    "artrite-reumatoide-rx-maos": (Limb.HAND, "PA", "adult"),
    "IMG0000047": (Limb.FOOT, "DP", "adult"),
    "IMG0000185": (Limb.FOOT, "oblique", "adult"),
    "IMG0000111": (Limb.HAND, "PA", "child"),
}
"""Groups of the package's split: two tuning hands, one of a child, and so on."""


def places(limb: Limb) -> dict[str, Point]:
    return {name: Point(40.0 + 6 * index, 50.0 + 10 * index) for index, name in enumerate(POINTS[limb])}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real_intervals, "DRAWS", 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Black films with marks; an edit makes a pixel at the edited joint as bright as a tenth of its grade."""
    folder, records = tmp_path / "real", []
    folder.mkdir()
    for group, (limb, view, age) in FILMS.items():
        cv2.imwrite(str(folder / f"{group}.png"), np.eye(300, 200, dtype=np.uint8))
        points = {name: list(point) for name, point in places(limb).items()}
        records.append(
            {"file": f"{group}.png", "limb": limb, "side": "L", "bbox": [20, 20, 180, 280], "points": points}
            | {"group": group, "age": age, "view": view, "uncertain": ["MTP5"] if limb is Limb.FOOT else ["CMC5"]}
        )
    (folder / "joints.json").write_text(json.dumps(records))
    return folder


@dataclass
class StandIn:
    """Reads at each joint ten times the level of its pixel, for each kind; refuses the film it is told to."""

    refused: str = "none"
    seen: list[str] = field(default_factory=list)

    def read_limb(self, radiograph: Radiograph, limb: Limb, placement: LimbPlacement | None) -> FilmReading:
        self.seen.append(Path(radiograph.path).stem)
        if self.refused in radiograph.path:
            raise LimbNotFound(f"{radiograph.path}: no limb to be seen; give a film of one")
        sites = tuple(
            SiteReading(site, kind, Status.SCORED, min(_level(radiograph, limb, site.point), site.maximum(kind) or 0))
            for kind in Kind
            for site in sites_of(limb, kind)
        )
        return FilmReading("", radiograph.path, limb, Side.LEFT, sites, BOX, places(limb), placement=placement)

    def reader(self, digest: str = "a", told: bool = True) -> RealReader:
        def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[FilmReading, ...]:
            if told:
                assert film is not None
                return (self.read_limb(radiograph, film.limb, None),)
            limb = FILMS.get(Path(radiograph.path).stem, (Limb.FOOT,))[0]
            return (self.read_limb(radiograph, limb, LimbPlacement(limb, Side.LEFT, 5.0, BOX)),)

        return RealReader(read, (IDENTITY,), digest, told, ("openvino fp32",))


@dataclass(frozen=True)
class Bright:
    """Damage is the level of a joint's pixel; erosions of the wrist cannot be edited."""

    digest: str = "bright"

    def edit(
        self, pixels: NDArray[np.float32], film: FilmTruth, damages: Sequence[PlannedDamage], rng: np.random.Generator
    ) -> EditedCopy:
        copy, given = pixels.copy(), {}
        for each in damages:
            if each.kind is Kind.NARROWING or each.site.digit is not None:
                copy[_at(film.limb, each.site.point)] = each.grade / 10
                given[each.key] = each.grade
        return EditedCopy(copy, film.points, given)


def _level(radiograph: Radiograph, limb: Limb, point: str) -> float:
    return float(np.round(10 * radiograph.pixels[_at(limb, point)], 3))


def _at(limb: Limb, point: str) -> tuple[int, int]:
    x, y = places(limb)[point]
    return int(y), int(x)


def test_figures_tables_and_page_are_written(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    figures = evaluate_real(StandIn().reader(), RealTrial(folder, editor=Bright()), out)
    assert {path.name for path in out.iterdir()} == {
        "real_metrics.json", "real_report.html", "points.csv", "films.csv", "sites.csv", "edits.csv", "wanted.csv",
        "films", "edited", "not_limbs",
    }  # fmt: skip
    written = json.loads((out / "real_metrics.json").read_text())
    assert written["halves"] == figures["halves"]
    assert written["models"][0]["name"] == "stand-in"
    assert written["run_by"] == ["openvino fp32"]
    assert {name: half["films"] for name, half in figures["halves"].items()} == {"measuring": 3, "tuning": 3, "both": 6}
    fingers = figures["halves"]["tuning"]["points"]["fingers"]
    assert (fingers["films"], fingers["median_percent"]["value"]) == (1, 0)
    page = (out / "real_report.html").read_text()
    assert "Limb, side and turn were told" in page
    assert "networks run by openvino fp32" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_damage_that_is_read_as_it_was_edited_has_slope_1(folder: Path, tmp_path: Path) -> None:
    figures = evaluate_real(StandIn().reader(), RealTrial(folder, editor=Bright()), tmp_path / "out")
    whole = figures["halves"]["both"]["sensitivity"]
    assert whole["narrowing"]["hands"]["slope"]["value"] == pytest.approx(1, abs=0.01)
    assert whole["erosion"]["MTP"]["auc_grade_2"]["value"] == 1
    assert set(whole["erosion"]) == {"hands", "feet", "hand IP", "PIP", "MCP", "wrist", "foot IP", "MTP"}
    assert whole["erosion"]["wrist"]["edits"] == 2  # the first metacarpal, whose digit can be edited
    # Children, oblique views and the severe hand are not edited.
    with (tmp_path / "out" / "edits.csv").open() as file:
        assert {row["film"] for row in csv.DictReader(file)} == {"IMG0000032.png", "IMG0000035.png", "IMG0000047.png"}


def test_every_site_plain_to_see_is_edited_once_for_each_kind(folder: Path) -> None:
    hand = next(film.truth for film in marked_real_films(folder) if film.person == "IMG0000032")
    copies = planned_copies(hand, np.random.default_rng(0))
    planned = [damage.key for copy in copies for damage in copy]
    wanted = [(s.name, kind) for kind in Kind for s in sites_of(Limb.HAND, kind) if s.point != "CMC5"]
    assert sorted(planned) == sorted(wanted)
    assert all(len({damage.site.digit for damage in copy}) == len(copy) <= 2 for copy in copies)
    grades = [damage.grade for copy in copies for damage in copy if damage.kind is Kind.NARROWING]
    assert {grades.count(grade) for grade in (1, 2, 3, 4)} <= {3, 4}


def test_a_second_run_reads_nothing_again(folder: Path, tmp_path: Path) -> None:
    reader, trial = StandIn(), RealTrial(folder, editor=Bright())
    first = read_trial(reader.reader(), trial, tmp_path / "out")
    read = len(reader.seen)
    assert read > len(FILMS)
    assert read_trial(reader.reader(), trial, tmp_path / "out") == first
    assert len(reader.seen) == read


def test_another_model_reads_all_anew_and_another_editor_the_copies(folder: Path, tmp_path: Path) -> None:
    reader = StandIn()
    read_trial(reader.reader("a"), RealTrial(folder), tmp_path / "out")
    read_trial(reader.reader("b"), RealTrial(folder), tmp_path / "out")
    assert len(reader.seen) == 2 * len(FILMS)
    read_trial(reader.reader("b"), RealTrial(folder, editor=Bright()), tmp_path / "out")
    copies = len(reader.seen) - 2 * len(FILMS)
    read_trial(reader.reader("b"), RealTrial(folder, editor=Bright("other")), tmp_path / "out")
    assert len(reader.seen) == 2 * len(FILMS) + 2 * copies


def test_progress_counts_films_and_edited_films(folder: Path, tmp_path: Path) -> None:
    done: list[str] = []
    trial = RealTrial(folder, editor=Bright())
    read_trial(StandIn().reader(), trial, tmp_path / "out", done.append)
    assert len(done) == trial.steps() == len(FILMS) + 3


def test_a_film_given_alone_is_judged_by_what_was_found_out(folder: Path, tmp_path: Path) -> None:
    figures = evaluate_real(StandIn("IMG0000047").reader(told=False), RealTrial(folder), tmp_path / "out")
    right = figures["halves"]["both"]["placement"]["all"]["right"]
    assert right["turn"]["value"] == pytest.approx(5 / 6)
    assert right["projection"]["value"] == pytest.approx(4 / 6)
    [refused] = figures["refused"]
    assert refused["film"] == "IMG0000047.png"
    assert "no limb to be seen" in (tmp_path / "out" / "real_report.html").read_text()


def test_images_of_no_limb_should_be_refused(folder: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    for name in ("cat", "IMG0000032"):
        cv2.imwrite(str(others / f"{name}.png"), np.eye(300, 200, dtype=np.uint8))
    trial = RealTrial(folder, not_limbs=others)
    figures = evaluate_real(StandIn("cat").reader(told=False), trial, tmp_path / "out")
    assert figures["halves"]["both"]["not_limbs"] == {
        "images": 2, "read": 1, "taken_for": {"IMG0000032.png": ["hand"]},
    }  # fmt: skip
    line = next(each for each in figures["wanted"] if each["name"].startswith("images of no hand"))
    assert line["halves"]["both"]["met"] is False
    page = " ".join((tmp_path / "out" / "real_report.html").read_text().split())
    assert "Of 2 images without a hand or foot 1 were refused. IMG0000032.png was taken for a hand." in page
    with pytest.raises(DatasetInvalid, match="no pictures"):
        RealTrial(folder, not_limbs=tmp_path).steps()


def test_one_half_alone_can_be_measured(folder: Path, tmp_path: Path) -> None:
    reader = StandIn()
    figures = evaluate_real(reader.reader(), RealTrial(folder, Half.TUNING), tmp_path / "out")
    assert list(figures["halves"]) == ["tuning"]
    assert sorted(reader.seen) == ["IMG0000035", "IMG0000111", "IMG0000185"]


def test_unknown_films_measure(folder: Path) -> None:
    records = json.loads((folder / "joints.json").read_text())
    (folder / "joints.json").write_text(json.dumps([records[0] | {"group": "stranger"}]))
    assert [film.half for film in marked_real_films(folder)] == [Half.MEASURING]
    with pytest.raises(DatasetInvalid, match="none of its 1 films"):
        marked_real_films(folder, Half.TUNING)


def test_a_folder_without_marks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match=r"joints\.json"):
        marked_real_films(tmp_path)


def test_a_folder_of_something_else_is_left_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="no evaluation on real films"):
        read_trial(StandIn().reader(), RealTrial(folder), out)
