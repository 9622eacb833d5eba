"""The fixed benchmark: film sets by seed, resumable, known by a digest, and a ledger of uses of the test truth."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import DatasetInvalid, OutputConflict
from opensvh.domain.geometry import Point
from opensvh.domain.reading import ModelIdentity
from opensvh.io.ra2 import read_ra2
from opensvh.io.tables import check_dataset, read_dataset
from opensvh.simulation import cohort, radiograph
from opensvh.simulation.patients.patient import Grades, PatientTraits
from opensvh.simulation.radiograph import SimulatedFilm
from opensvh.workflows import benchmark as subject
from opensvh.workflows import benchmark_films
from opensvh.workflows.benchmark import CHALLENGE, SIZES, check, make
from opensvh.workflows.benchmark_films import coarser_detectors
from opensvh.workflows.benchmark_ledger import note_use, read_ledger
from opensvh.workflows.evaluate import EvaluatedModel, evaluate


def quick_film(
    limb: Limb,
    side: Side,
    grades: Grades,
    seed: np.random.SeedSequence,
    patient: PatientTraits,
    anatomy: np.random.SeedSequence,
) -> SimulatedFilm:
    """A stand-in for the simulator: noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (80, 72), dtype=np.uint8)
    points = {name: Point(3.0 + number, 40.0) for number, name in enumerate(POINTS[limb])}
    return SimulatedFilm(pixels, points, {POINTS[limb][0]: 1.5}, 0.2)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort, "simulate_film", quick_film)


@pytest.fixture(scope="module")
def once_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "bench"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cohort, "simulate_film", quick_film)
        make(folder, "tiny")
    return folder


@pytest.fixture
def made(once_made: Path, tmp_path: Path, quick: None) -> Path:
    """A benchmark of 22 patients to be changed at will."""
    return shutil.copytree(once_made, tmp_path / "bench")


def test_there_are_as_many_patients_as_in_the_challenge() -> None:
    assert CHALLENGE == {"training": 367, "development": 119, "test": 188}
    assert SIZES["paper"].patients == SIZES["small"].patients == CHALLENGE


def test_each_part_is_a_film_set_and_every_third_patient_comes_twice(made: Path) -> None:
    for name, number in SIZES["tiny"].patients.items():
        assert check_dataset(made / name) == []
        dataset = read_dataset(made / name)
        persons = {film.person for film in dataset.films}
        assert len(persons) == number
        assert len(dataset.patients) == number + number // 3
        changes = read_ra2(made / name / "change.csv")
        assert len(changes) == number // 3
        assert changes.min(axis=None) >= 0


def test_no_patient_is_in_two_parts(made: Path) -> None:
    names = [set(read_dataset(made / name).patients) for name in SIZES["tiny"].patients]
    assert not names[0] & names[1] | names[0] & names[2] | names[1] & names[2]
    gold = [read_ra2(made / name / "truth.csv") for name in SIZES["tiny"].patients]
    assert not np.array_equal(gold[1].to_numpy()[:4], gold[2].to_numpy()[:4])


def test_gold_is_a_reader_who_errs_and_another_reads_otherwise(made: Path) -> None:
    first, second, truth = (read_ra2(made / "training" / name) for name in ("training.csv", "reader2.csv", "truth.csv"))
    for one, other in ((first, truth), (second, truth), (first, second)):
        assert (one != other).to_numpy().any()


@pytest.mark.usefixtures("quick")
def test_a_stopped_run_goes_on_and_gives_the_same_benchmark(made: Path, tmp_path: Path) -> None:
    whole = check(made)
    broken = tmp_path / "broken"
    make(broken, "tiny")
    (broken / "training" / "images" / "TRN0003V2-LF.png").unlink()
    (broken / "test" / ".progress" / "TST0002.json").unlink()
    with pytest.raises(DatasetInvalid, match="1 of 12 patients"):
        check(broken)
    again = make(broken, "tiny")
    assert again.added == 2
    assert again.digest == whole.digest


def test_another_encoder_keeps_the_digest_and_another_level_does_not(made: Path) -> None:
    before = check(made).digest
    film = made / "test" / "images" / "TST0001-LH.png"
    pixels = cv2.imread(str(film), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    encoded = film.read_bytes()
    cv2.imwrite(str(film), pixels, [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH])
    assert film.read_bytes() != encoded
    assert check(made).digest == before
    pixels[3, 4] ^= 1
    cv2.imwrite(str(film), pixels)
    with pytest.raises(DatasetInvalid, match="test: films or tables were changed"):
        check(made)


def test_a_changed_grade_changes_the_digest(made: Path) -> None:
    path = made / "development" / "training.csv"
    table = pd.read_csv(path)
    table.loc[0, "LH_mcp_E__1"] = (table.loc[0, "LH_mcp_E__1"] + 1) % 5
    table.to_csv(path, index=False)
    with pytest.raises(DatasetInvalid, match="development"):
        check(made)


def test_a_digest_other_than_the_published_one_is_refused(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(subject.DIGESTS, "tiny", "0" * 64)
    with pytest.raises(DatasetInvalid, match="its digest is"):
        check(made)
    monkeypatch.setitem(subject.DIGESTS, "tiny", make(made, "tiny").digest)
    assert check(made).as_expected is True


@pytest.mark.usefixtures("quick")
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="holds no benchmark"):
        make(tmp_path, "tiny")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_of_another_size_is_left_alone(made: Path) -> None:
    with pytest.raises(OutputConflict, match="size tiny, not small"):
        make(made, "small")


def test_coarser_detectors_film_the_same_in_larger_pixels_and_only_for_a_while() -> None:
    patients = cohort.Cohort(7, "reference")
    visit = cohort.visits_of(patients, 2)[0]
    usual = radiograph.PIXEL_MM[Limb.FOOT], radiograph.PLATE_PIXEL_MM
    with coarser_detectors(4):
        film = cohort.film_of(patients, 2, visit, "LF")
    again = cohort.film_of(patients, 2, visit, "LF")
    assert (radiograph.PIXEL_MM[Limb.FOOT], radiograph.PLATE_PIXEL_MM) == usual
    assert film.pixel_mm == pytest.approx(4 * again.pixel_mm)
    for name, point in film.points.items():
        assert (4 * point.x, 4 * point.y) == pytest.approx(again.points[name], abs=1e-6)


def test_every_result_on_test_patients_is_one_line_of_the_ledger(made: Path) -> None:
    test = made / "test"
    assert note_use(test, "compact", "d1", Path("out/first")) == 1
    assert note_use(test, "compact", "d1", Path("out/first")) == 1  # taken up again
    assert note_use(test, "compact, other", "d2", Path("out/second")) == 2
    assert [(use["models"], use["digest"], use["results"]) for use in read_ledger(test)] == [
        ("compact", "d1", "first"),
        ("compact, other", "d2", "second"),
    ]
    assert all(use["when"].endswith("+00:00") and use["who"] for use in read_ledger(test))


class Stopped(Exception):
    """Stands for whatever ends an evaluation."""


@pytest.mark.parametrize(("part", "uses"), [("test", 1), ("development", 0)])
def test_evaluating_writes_it_down_before_a_film_is_read(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, uses: int
) -> None:
    def stop(*told: object) -> None:
        raise Stopped

    monkeypatch.setattr("opensvh.workflows.evaluate.read_films", stop)
    model = EvaluatedModel(pytest.fail, (ModelIdentity("compact", "1", "s"),), "digest", {})  # type: ignore[arg-type]
    with pytest.raises(Stopped):
        evaluate(model, made / part, tmp_path / "out")
    told = [(use["models"], use["digest"], use["results"]) for use in read_ledger(made / part)]
    assert told == [("compact", "digest", "out")] * uses


def test_other_film_sets_keep_no_ledger(made: Path) -> None:
    assert note_use(made / "development", "compact", "d1", Path("out")) == 0
    assert read_ledger(made / "development") == []


def test_the_ledger_survives_a_second_making(made: Path) -> None:
    note_use(made / "test", "compact", "d1", Path("out"))
    make(made, "tiny")
    assert len(read_ledger(made / "test")) == 1


def test_names_of_second_visits() -> None:
    part = benchmark_films.Part("test", "TST", 1, 6, 1.0)
    assert part.film_sets(2) == ("TST0002",)
    assert part.film_sets(3) == ("TST0003", "TST0003V2")
