"""An experiment from its file to its results, on a small benchmark of tables: stopped, shared, carried elsewhere."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.domain.errors import ConfigInvalid, DatasetInvalid
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.site_distributions import Distributions
from opensvh.io.ra2 import write_ra2
from opensvh.workflows import reproduce as subject
from opensvh.workflows.benchmark import DEVELOPMENT, TEST
from opensvh.workflows.benchmark_ledger import open_ledger, read_ledger
from opensvh.workflows.reproduce import ReproduceRequest, reproduce
from opensvh.workflows.reproduce_config import Run, load_experiment, planned_runs, size_preset
from opensvh.workflows.reproduce_kept import keep
from opensvh.workflows.reproduce_reading import write_distributions
from opensvh.workflows.reproduce_runs import Bench, claimed, is_finished

ERRORS = {"classification": 0.4, "regression": 0.7}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Tables without films: what reads them is a stand-in."""
    return made_bench(tmp_path / "bench")


def made_bench(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for part, count in ((DEVELOPMENT, 12), (TEST, 15)):
        names = [f"{part}{number}" for number in range(count)]
        rows = {name: {column: int(grade) for column, grade in zip(site_columns(), rng.integers(0, 5, 86), strict=True)}
                for name in names}  # fmt: skip
        (folder / part / "images").mkdir(parents=True)
        for table in ("training.csv", "truth.csv"):
            write_ra2(folder / part / table, rows)
        visits = pd.DataFrame({"patient": names, "person": names, "visit": 1, "months": 0})
        visits.to_csv(folder / part / "visits.csv", index=False)
    open_ledger(folder / TEST)
    facts = {"benchmark": "OpenSvH-Sim v1", "size": "tiny", "digest": "d" * 64, "simulator": "2"}
    (folder / "benchmark.json").write_text(json.dumps(facts))
    return folder


class StandIn:
    """In place of training and reading: gold with errors of the arm's size. Counts what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained: list[str] = []
        self.stops_after = 99
        monkeypatch.setattr(subject, "finish", self.finish)

    def finish(self, bench: Bench, run: Run, tell: object) -> bool:
        if len(self.trained) == self.stops_after:
            raise KeyboardInterrupt
        self.trained.append(bench.place(run).name)
        bench.place(run).mkdir(parents=True, exist_ok=True)
        record = {"run": bench.place(run).name, "settings": run.settings, "benchmark": bench.digest, "model": "m",
                  "training_means": {}}  # fmt: skip
        (bench.place(run) / "run.json").write_text(json.dumps(record))
        for part in (TEST, DEVELOPMENT):
            write_distributions(bench.place(run) / f"{part}.csv", self._read(bench, run, part))
        keep(bench, run)
        return True

    def _read(self, bench: Bench, run: Run, part: str) -> Distributions:
        """All probability on the two grades about a noisy one."""
        gold = pd.read_csv(bench.folder / part / "training.csv", index_col="Patient_ID")[site_columns()]
        rng = np.random.default_rng(run.preset.training.seed)
        by_column = {}
        for column in RA2_SITE_COLUMNS:
            _, site, kind = RA2_SITE_COLUMNS[column]
            highest = site.maximum(kind) or 0
            classes = np.linspace(0, highest, 5 if highest == 4 else 6)
            read = np.clip(gold[column] + rng.normal(0, ERRORS[run.preset.model.damage], len(gold)), 0, 4)
            by_column[column] = np.stack([np.interp(read, classes, row) for row in np.eye(len(classes))], axis=1)
        return Distributions(tuple(map(str, gold.index)), by_column)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(monkeypatch)


def request(bench: Path, tmp_path: Path, budget: float | None = None, test: bool = True) -> ReproduceRequest:
    return ReproduceRequest(
        "classification-vs-regression", bench, tmp_path / "runs", tmp_path / "results", budget, test
    )


def test_a_finished_experiment_has_table_figure_figures_and_log(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    outcome = reproduce(request(bench, tmp_path))
    assert (outcome.finished, outcome.planned) == (6, 6)
    names = sorted(path.name for path in outcome.results.iterdir())
    assert names == ["figure.png", "log.txt", "results.json", "table.md"]
    figures = json.loads((outcome.results / "results.json").read_text())
    share = figures[TEST]["arms"]["classification"]["reader_difference"]["rmse"]["share"]
    assert share["high"] < 0
    assert "the claim's order holds" in (outcome.results / "table.md").read_text()


def test_what_was_stopped_goes_on_and_repeats_nothing(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    stand_in.stops_after = 2
    with pytest.raises(KeyboardInterrupt):
        reproduce(request(bench, tmp_path))
    stand_in.stops_after = 99
    reproduce(request(bench, tmp_path))
    assert len(stand_in.trained) == len(set(stand_in.trained)) == 6


def test_no_run_is_begun_after_the_time_allowed_and_results_are_provisional(
    bench: Path, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 6000, 60))
    monkeypatch.setattr(subject.time, "monotonic", lambda: float(next(clock)))
    outcome = reproduce(request(bench, tmp_path, budget=2.5))
    assert outcome.finished == 2
    assert "provisional" in (outcome.results / "table.md").read_text()
    assert read_ledger(bench / TEST) == []


def test_test_patients_are_read_once_and_it_is_written_down(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path))
    reproduce(request(bench, tmp_path))
    [use] = read_ledger(bench / TEST)
    assert use["models"] == "classification-vs-regression, size tiny: classification, regression"
    figures = json.loads((tmp_path / "results" / "classification-vs-regression" / "results.json").read_text())
    assert [each["digest"] for each in figures[TEST]["ledger"]] == [use["digest"]]


def test_test_patients_can_be_left_unread(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path, test=False))
    assert read_ledger(bench / TEST) == []


def test_a_run_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path / "run") as first, claimed(tmp_path / "run") as second:
        assert (first, second) == (True, False)
    with claimed(tmp_path / "run") as again:
        assert again


def test_a_benchmark_that_is_not_whole_is_refused(bench: Path, tmp_path: Path) -> None:
    (bench / "benchmark.json").write_text(json.dumps({"benchmark": "OpenSvH-Sim v1", "size": "tiny"}))
    with pytest.raises(DatasetInvalid, match="is not whole"):
        reproduce(request(bench, tmp_path))
    with pytest.raises(ConfigInvalid, match="--benchmark"):
        reproduce(ReproduceRequest("smoothing", None, tmp_path, tmp_path))


def test_another_machine_takes_over_what_was_finished(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    stand_in.stops_after = 4
    with pytest.raises(KeyboardInterrupt):
        reproduce(request(bench, tmp_path))
    elsewhere = made_bench(tmp_path / "elsewhere")
    stand_in.stops_after = 99
    outcome = reproduce(
        ReproduceRequest("classification-vs-regression", elsewhere, tmp_path / "other runs", tmp_path / "results")
    )
    assert outcome.finished == 6
    assert len(stand_in.trained) == len(set(stand_in.trained)) == 6


def test_tables_are_made_anew_from_what_travels_alone(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path))
    results = tmp_path / "results" / "classification-vs-regression" / "results.json"
    before = results.read_text()
    shutil.rmtree(bench)
    results.unlink()
    asked = ReproduceRequest("classification-vs-regression", None, tmp_path / "new runs", tmp_path / "results")
    assert reproduce(asked).finished == 6
    assert results.read_text() == before
    assert len(stand_in.trained) == 6


def test_what_travels_is_small_and_holds_no_model(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path))
    [folder, *_] = sorted((tmp_path / "results" / "runs" / "tiny").iterdir())
    assert sorted(path.name for path in folder.iterdir()) == ["development.csv.xz", "run.json", "test.csv.xz"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"benchmark": "e" * 64}, "its benchmark is eeeeeeeeeeeeeeee, not dddd"),
        (
            {"settings": {"design": "two-stage", "patients": None, "fold": None, "preset": {}}},
            "its design is two-stage",
        ),
        ({"settings": {"design": "single", "patients": None, "fold": None, "preset": {}}}, "its preset differs"),
    ],
)
def test_a_kept_run_that_is_not_what_it_is_called_is_refused(
    bench: Path, tmp_path: Path, stand_in: StandIn, change: dict[str, object], words: str
) -> None:
    reproduce(request(bench, tmp_path))
    record = next((tmp_path / "results" / "runs" / "tiny").glob("*/run.json"))
    record.write_text(json.dumps(json.loads(record.read_text()) | change))
    shutil.rmtree(tmp_path / "runs")
    with pytest.raises(DatasetInvalid, match=words):
        reproduce(request(bench, tmp_path))


def test_a_kept_run_without_what_it_read_is_refused(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path, test=False))
    next((tmp_path / "results" / "runs" / "tiny").glob("*/test.csv.xz")).unlink()
    shutil.rmtree(tmp_path / "runs")
    with pytest.raises(DatasetInvalid, match=r"lacks test\.csv\.xz"):
        reproduce(request(bench, tmp_path))


def test_runs_on_another_benchmark_are_named_and_not_used(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    reproduce(request(bench, tmp_path))
    facts = json.loads((bench / "benchmark.json").read_text()) | {"digest": "f" * 64}
    (bench / "benchmark.json").write_text(json.dumps(facts))
    reproduce(request(bench, tmp_path, test=False))
    assert len(stand_in.trained) == 12
    log = (tmp_path / "results" / "classification-vs-regression" / "log.txt").read_text()
    assert log.count("was run on a benchmark with digest dddddddddddddddd") == 6


def test_the_use_of_the_test_truth_is_written_down_beside_the_results(
    bench: Path, tmp_path: Path, stand_in: StandIn
) -> None:
    reproduce(request(bench, tmp_path, test=False))
    assert read_ledger(tmp_path / "results") == []
    assert not (tmp_path / "results" / "benchmark" / "tiny" / TEST).exists()
    reproduce(request(bench, tmp_path))
    reproduce(request(bench, tmp_path))
    [use] = read_ledger(tmp_path / "results")
    assert use["who"] == ""
    assert use["models"] == "classification-vs-regression, size tiny: classification, regression"
    assert (tmp_path / "results" / "benchmark" / "tiny" / TEST / "training.csv").is_file()


def test_an_ensembles_reading_is_the_mean_of_its_members(bench: Path, tmp_path: Path, stand_in: StandIn) -> None:
    asked = ReproduceRequest("ensemble", bench, tmp_path / "runs", tmp_path / "results", test=False)
    outcome = reproduce(asked)
    assert outcome.planned == 16  # eight seeds on all patients, eight folds
    arms = json.loads((outcome.results / "results.json").read_text())[DEVELOPMENT]["arms"]
    errors = [arms[f"{members} on all"]["reader"]["rmse"]["value"] for members in (1, 2, 4, 8)]
    assert errors == sorted(errors, reverse=True)
    assert errors[3] < 0.6 * errors[0]  # not 8**-0.5: what is cut at the ends of the range does not average out
    assert [len(arms[name]["reader"]["rmse"]["runs"]) for name in arms] == [8, 4, 2, 1, 1]


def test_a_two_stage_run_waits_for_its_localiser(bench: Path, tmp_path: Path) -> None:
    runs = planned_runs(load_experiment("single-vs-two-stage"), size_preset("tiny"))
    place = Bench(bench, tmp_path / "runs")
    peer = next(run for run in runs if run.design == "two-stage")
    assert not subject.can_begin(place, peer)
    folder = place.place(peer.localiser)
    folder.mkdir(parents=True)
    (folder / "development.csv").write_text("")
    assert is_finished(place, peer.localiser)
    assert subject.can_begin(place, peer)
