"""An experiment's runs as tasks of a Ray cluster; what a run is, and that it goes on after a kill, is `workflows`'.

All machines see the benchmark and the runs under the same path (a shared file system); results are written by the
caller once the tasks are through.
"""

import time
from collections.abc import Sequence
from typing import Any

from opensvh.batch.cluster import CPUS_A_RUN, cluster, gpus_a_run
from opensvh.workflows.reproduce import Outcome, ReproduceRequest, can_begin, evidence_of
from opensvh.workflows.reproduce_config import Run, planned_runs
from opensvh.workflows.reproduce_results import write_results
from opensvh.workflows.reproduce_runs import Bench, finish, is_finished

POLL_S = 5.0


def spread_experiment(request: ReproduceRequest, address: str | None = None) -> Outcome:
    """Do what is left of an experiment on the cluster at `address`, or on one begun here where that is None.

    Raises ConfigInvalid where Ray is not installed, and what the first run that failed raised.
    """
    evidence = evidence_of(request)
    runs = planned_runs(evidence.experiment, evidence.base, request.waves)
    everywhere = Bench(evidence.bench.folder.resolve(), evidence.bench.runs.resolve(), request.out.resolve())
    with cluster(address) as ray:
        _run_all(ray, everywhere, runs, request.budget_minutes)
    out = request.out / evidence.experiment.name
    write_results(evidence, out, request.test)
    return Outcome(out, sum(is_finished(evidence.bench, run) for run in runs), len(runs))


def run_one(bench: Bench, run: Run, threads: int) -> bool:
    """One run in a worker, on so many threads; True when it is finished."""
    import torch

    torch.set_num_threads(threads)
    return finish(bench, run)


def _run_all(ray: Any, bench: Bench, runs: Sequence[Run], budget_minutes: float | None) -> None:
    """Hands out every run as soon as what it needs is there; none after the time allowed."""
    task = ray.remote(run_one).options(num_cpus=CPUS_A_RUN, num_gpus=gpus_a_run(ray), max_retries=3)
    until = None if budget_minutes is None else time.monotonic() + 60 * budget_minutes
    under_way: list[Any] = []
    waiting = [run for run in runs if not is_finished(bench, run)]
    while waiting or under_way:
        if until is not None and time.monotonic() > until:
            waiting = []
        ready = [run for run in waiting if can_begin(bench, run)]
        under_way += [task.remote(bench, run, int(CPUS_A_RUN)) for run in ready]
        waiting = [run for run in waiting if run not in ready]
        if not under_way:
            return
        done, under_way = ray.wait(under_way, timeout=POLL_S)
        for each in done:
            ray.get(each)
