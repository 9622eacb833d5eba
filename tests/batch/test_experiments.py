"""Runs handed out to a cluster: each once, a two-stage run after its localiser, none after the time allowed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from opensvh.batch import experiments as subject
from opensvh.workflows.reproduce_config import Run, load_experiment, planned_runs, size_preset
from opensvh.workflows.reproduce_runs import Bench

BENCHMARK = '{"benchmark": "OpenSvH-Sim v1", "size": "tiny", "digest": "d"}'


class Cluster:
    """Stands for Ray: tasks are done when they are waited for, one at a time."""

    def __init__(self) -> None:
        self.most_at_once = 0

    def remote(self, task: Callable[..., bool]) -> "Cluster":
        self._task = task
        return self

    def options(self, **resources: float) -> Any:
        cluster = self

        class Handle:
            def remote(self, *arguments: Any) -> Callable[[], bool]:
                return lambda: cluster._task(*arguments)

        return Handle()

    def wait(self, tasks: Sequence[Callable[[], bool]], timeout: float) -> tuple[list[Any], list[Any]]:
        self.most_at_once = max(self.most_at_once, len(tasks))
        return list(tasks[:1]), list(tasks[1:])

    def get(self, task: Callable[[], bool]) -> bool:
        return task()

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "benchmark.json").write_text(BENCHMARK)
    return Bench(tmp_path / "bench", tmp_path / "runs")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs that were finished, in their order."""
    finished: list[Run] = []

    def finish(bench: Bench, run: Run, threads: int) -> bool:
        finished.append(run)
        bench.place(run).mkdir(parents=True)
        (bench.place(run) / "development.csv").write_text("")
        return True

    monkeypatch.setattr(subject, "run_one", finish)
    return finished


def test_every_run_is_done_once_and_the_peer_after_its_localiser(bench: Bench, done: list[Run]) -> None:
    runs = planned_runs(load_experiment("single-vs-two-stage"), size_preset("tiny"))
    cluster = Cluster()
    subject._run_all(cluster, bench, runs, None)
    assert sorted(map(repr, done)) == sorted(map(repr, runs))
    assert cluster.most_at_once >= 3
    for place, run in enumerate(done):
        assert run.design == "single" or run.localiser in done[:place]


def test_what_is_finished_is_not_handed_out_again(bench: Bench, done: list[Run]) -> None:
    runs = planned_runs(load_experiment("coordconv"), size_preset("tiny"))
    subject._run_all(Cluster(), bench, runs[:4], None)
    subject._run_all(Cluster(), bench, runs, None)
    assert len(done) == len(runs)


def test_nothing_is_handed_out_after_the_time_allowed(bench: Bench, done: list[Run]) -> None:
    runs = planned_runs(load_experiment("coordconv"), size_preset("tiny"))
    subject._run_all(Cluster(), bench, runs, 0.0)
    assert done == []
