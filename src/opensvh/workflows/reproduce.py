"""Test a claim of the paper: its runs one after the other, as far as the time allowed, and what they show by then.

Killed at any moment and begun again, it goes on. Configs are `reproduce_config`'s, a single run `reproduce_runs`',
what is made of them `reproduce_results`'.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.errors import ConfigInvalid, DatasetInvalid
from opensvh.training.callbacks import Tell
from opensvh.workflows.benchmark import read_benchmark
from opensvh.workflows.reproduce_config import Experiment, Run, load_experiment, planned_runs, size_preset
from opensvh.workflows.reproduce_kept import Bench, exchange, is_finished, kept_benchmark
from opensvh.workflows.reproduce_results import Evidence, write_results
from opensvh.workflows.reproduce_runs import finish


@dataclass(frozen=True)
class ReproduceRequest:
    """Which experiment, on which benchmark, where runs are kept and where results go.

    Without a benchmark nothing is trained: results are made of the finished runs and score tables that lie in `out`.
    `budget_minutes`: no run is begun after so long. `test`: use the test patients' truth once all runs are done.
    `waves`: train only arms of the first so many waves.
    """

    name: str
    benchmark: Path | None
    runs: Path
    out: Path
    budget_minutes: float | None = None
    test: bool = True
    waves: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What was done: the folder of the results, runs finished by now, and runs planned."""

    results: Path
    finished: int
    planned: int


@dataclass(frozen=True)
class Watch:
    """Who is told: before each run (it, how many are done, of how many), and of steps."""

    run: Callable[[Run, int, int], None] = lambda run, done, of: None
    step: Tell = lambda step, figures: None


def reproduce(request: ReproduceRequest, watch: Watch | None = None) -> Outcome:
    """Do what is left of the experiment, within the time allowed, and write its results.

    Raises ConfigInvalid, DatasetInvalid where the benchmark is not whole, or what training raises.
    """
    experiment = load_experiment(request.name)
    out = request.out / experiment.name
    if experiment.kind == "figure":
        from opensvh.workflows.reproduce_figure import draw_figure

        draw_figure(experiment, out)
        return Outcome(out, 1, 1)
    evidence = _evidence(experiment, request)
    runs = planned_runs(experiment, evidence.base)
    exchange(evidence.bench, runs)
    if evidence.bench.has_films:
        asked = planned_runs(experiment, evidence.base, request.waves)
        _run_all(evidence.bench, asked, request.budget_minutes, watch or Watch())
    write_results(evidence, out, request.test)
    return Outcome(out, _finished(evidence.bench, runs), len(runs))


def evidence_of(request: ReproduceRequest) -> Evidence:
    """An experiment with its benchmark, finished runs taken over, for those who spread the rest; raises as
    `reproduce`."""
    evidence = _evidence(load_experiment(request.name), request)
    exchange(evidence.bench, planned_runs(evidence.experiment, evidence.base))
    return evidence


def _evidence(experiment: Experiment, request: ReproduceRequest) -> Evidence:
    folder = request.benchmark or kept_benchmark(request.out)
    if folder is None:
        raise ConfigInvalid(
            f"{experiment.name}: needs the benchmark; give --benchmark FOLDER (`opensvh benchmark make -o FOLDER`)"
        )
    facts = read_benchmark(folder)
    if "digest" not in facts:
        raise DatasetInvalid(
            f"{folder}: is not whole; complete it with `opensvh benchmark make -o {folder} --size {facts['size']}`"
        )
    return Evidence(experiment, size_preset(facts["size"]), Bench(folder, request.runs, request.out))


def _run_all(bench: Bench, runs: Sequence[Run], budget_minutes: float | None, watch: Watch) -> None:
    """Each run that is not done; one that another process has is passed over, and so is what needs it."""
    begun = time.monotonic()
    for run in runs:
        if is_finished(bench, run) or not can_begin(bench, run):
            continue
        if budget_minutes is not None and time.monotonic() - begun > 60 * budget_minutes:
            return
        watch.run(run, _finished(bench, runs), len(runs))
        finish(bench, run, _telling(watch))


def can_begin(bench: Bench, run: Run) -> bool:
    """Whether what the run needs is there: a two-stage run waits for the one that finds its joints."""
    return run.design == "single" or is_finished(bench, run.localiser)


def _finished(bench: Bench, runs: Sequence[Run]) -> int:
    return sum(is_finished(bench, run) for run in runs)


def _telling(watch: Watch) -> Tell:
    def tell(step: int, figures: Mapping[str, float]) -> None:
        if "loss" in figures:
            watch.step(step, figures)

    return tell
