"""What the finished runs of an experiment show: figures with intervals, differences, whether the claim held; files.

docs/results/NAME/: `results.json`, `table.md`, `figure.png`, `log.txt`, made of what finished runs read
(`reproduce_kept`) and of score tables alone. How they look is `reporting`'s, the statistics are `evaluation.arms`'.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from opensvh import __version__
from opensvh.evaluation.arms import ARM_MEASURES, Arm, arm_differences, arm_figures, best_arm
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.evaluation.site_distributions import mean_of
from opensvh.io.ra2 import read_ra2
from opensvh.io.score_table import read_visits
from opensvh.io.tables import SCORES, VISITS
from opensvh.io.whole_file import write_whole
from opensvh.reporting.experiment_plot import experiment_plot
from opensvh.reporting.experiment_table import experiment_table
from opensvh.targets.smoothing import Smoothing
from opensvh.training.config import Preset
from opensvh.workflows.benchmark import DEVELOPMENT, TEST
from opensvh.workflows.benchmark_ledger import note_use, open_ledger, read_ledger
from opensvh.workflows.reproduce_config import ArmConfig, Experiment, Replicates, Run, planned_runs, replicates
from opensvh.workflows.reproduce_kept import (
    TRUTH,
    Bench,
    exchange,
    is_finished,
    keep_tables,
    read_record,
    strangers,
)
from opensvh.workflows.reproduce_reading import read_distributions
from opensvh.workflows.reproduce_readout import Gold, Read, crossed_readout, fitted_readout, plain_readout

RESULTS, TABLE, PICTURE, LOG = "results.json", "table.md", "figure.png", "log.txt"
GOLDS = {"reader": SCORES, "exact": TRUTH}
"""What is predicted is held against: the reader's grades, as in the challenge, and the exact ones."""
TOLD = ("run", "seed", "steps", "seconds_of_steps", "finished", "sites_not_read", "software", "machine")
"""What the log says of a run; the rest is in its `run.json`."""
Figures = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """An experiment, what its runs share, and where they lie."""

    experiment: Experiment
    base: Preset
    bench: Bench

    def finished(self, arm: ArmConfig, part: str = DEVELOPMENT) -> Replicates:
        """The arm's repetitions all of whose runs have read the part."""
        return tuple(
            each
            for each in replicates(self.experiment, arm, self.base)
            if all(is_finished(self.bench, run, part) for run in each)
        )


def write_results(evidence: Evidence, out: Path, test: bool) -> Figures:
    """Write what can be said by now; with `test`, and once all runs are done, the test patients are read too."""
    experiment = evidence.experiment
    runs = planned_runs(experiment, evidence.base)
    exchange(evidence.bench, runs)
    keep_tables(evidence.bench, DEVELOPMENT)
    done = [run for run in runs if is_finished(evidence.bench, run)]
    figures: Figures = _facts(evidence) | {
        "runs": {"planned": len(runs), "finished": len(done)},
        DEVELOPMENT: _part_figures(evidence, experiment.arms, DEVELOPMENT),
    }
    if test and len(done) == len(runs) and _has_gold(evidence.bench, TEST):
        figures[TEST] = _test_figures(evidence, figures[DEVELOPMENT]["best"], out)
    write_whole(out / RESULTS, json.dumps(figures, indent=1, allow_nan=False) + "\n")
    write_whole(out / TABLE, experiment_table(figures))
    write_whole(out / LOG, _log(evidence))
    if figures[DEVELOPMENT]["arms"]:
        write_whole(out / PICTURE, experiment_plot(figures))
    return figures


def _facts(evidence: Evidence) -> Figures:
    experiment, picture, config = evidence.experiment, evidence.base.preprocessing, evidence.base.training
    told = experiment.model_dump(include={"name", "title", "purpose", "claim", "command", "expected", "axis", "than"})
    return told | {
        "decides": list(experiment.decides),
        "software": f"OpenSvH {__version__}",
        "size": evidence.bench.size,
        "configuration": f"EfficientNet-{evidence.base.model.encoder.upper()}, picture {picture.width} x "
        f"{picture.height}, {config.steps} steps of {config.batch_size * config.accumulate} films",
        "benchmark": evidence.bench.digest,
        "seeds": list(experiment.seeds),
        "measures": {name: each.label for name, each in ARM_MEASURES.items()},
    }


def _part_figures(evidence: Evidence, arms: tuple[ArmConfig, ...], part: str) -> Figures:
    """Of each arm with a finished run: its figures, and its difference from the arm that the claim measures from."""
    experiment = evidence.experiment
    read = {config.name: scores for config in arms if (scores := _read_by(evidence, config, part))}
    built = {gold: _arms(evidence.bench, read, part, file) for gold, file in GOLDS.items()}
    rows: Figures = {}
    for config in arms:
        if config.name not in read:
            continue
        rows[config.name] = {"x": config.x, "radius": config.radius, "design": config.design}
        for gold, by_name in built.items():
            own, base = by_name[config.name], by_name.get(experiment.than)
            rows[config.name][gold] = arm_figures(own)
            if base is not None and config.name != experiment.than:
                rows[config.name][f"{gold}_difference"] = arm_differences(own, base)
    found = list(built["reader"].values())
    others = [arm for arm in found if arm.name != experiment.than]
    best = (experiment.better or best_arm(others).name) if others else None
    return {"arms": rows, "best": best, "lowest": best_arm(found).name if found else None}


def _arms(bench: Bench, read: Mapping[str, list[ScoreSet]], part: str, gold_file: str) -> dict[str, Arm]:
    """Each arm's scores beside that gold, over the same samples of persons."""
    gold = _gold(bench, part, gold_file)
    resamples = Resamples(list(gold.persons))
    standard = ScoreSet("gold", gold.table, gold.table.sum(axis=1))
    return {
        name: Arm(name, [Pairing(standard, scores, resamples) for scores in repetitions])
        for name, repetitions in read.items()
    }


def _gold(bench: Bench, part: str, file: str = SCORES) -> Gold:
    path = bench.folder / part / file
    return _read_gold(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read_gold(path: Path, changed: int) -> Gold:
    """A table is asked for by every run; `changed` is when it was written."""
    table = read_ra2(path)
    whose = {name: person for name, (person, _) in read_visits(path.parent / VISITS).items()}
    return Gold(table, [whose[str(name)] for name in table.index])


def _has_gold(bench: Bench, part: str) -> bool:
    return (bench.folder / part / SCORES).is_file()


def _read_by(evidence: Evidence, arm: ArmConfig, part: str) -> list[ScoreSet]:
    """The scores of each repetition: of an ensemble those of the mean of its members' distributions."""
    return [_scores(evidence.bench, arm, members, part) for members in evidence.finished(arm, part)]


def _scores(bench: Bench, arm: ArmConfig, members: tuple[Run, ...], part: str) -> ScoreSet:
    """What is fitted learns from what the same runs read of the development patients."""
    read, config = _read(bench, members, part), arm.readout
    if not config.is_fitted:
        return plain_readout(arm.name, read, config)
    known = _gold(bench, DEVELOPMENT)
    if part == DEVELOPMENT:
        return crossed_readout(arm.name, read, config, known)
    return fitted_readout(arm.name, read, config, _read(bench, members, DEVELOPMENT), known)


def _read(bench: Bench, members: tuple[Run, ...], part: str) -> Read:
    """In the order of the part's gold scores."""
    order = [str(name) for name in _gold(bench, part).table.index]
    read = mean_of([read_distributions(bench.place(run) / f"{part}.csv").of(order) for run in members])
    means = read_record(bench, members[0])["training_means"]
    model = members[0].preset.model
    return Read(read, Smoothing(model.label_smoothing, model.label_shape), means)


def _test_figures(evidence: Evidence, best: str, out: Path) -> Figures:
    """The arm that won on the development patients and the one it is held against, and nothing else, on test.

    That their truth was looked at is written down where the benchmark lies and beside the results.
    """
    bench, experiment = evidence.bench, evidence.experiment
    arms = (experiment.arm(best), experiment.arm(experiment.than))
    runs = [run for arm in arms for each in evidence.finished(arm, TEST) for run in each]
    models = "\n".join(str(read_record(bench, run)["model"]) for run in runs)
    digest = hashlib.sha256(f"{bench.digest}\n{arms}\n{models}".encode()).hexdigest()
    named = f"{experiment.name}, size {bench.size}: {arms[0].name}, {arms[1].name}"
    open_ledger(out.parent)
    note_use(out.parent, named, digest, out, who="")
    if bench.has_films:
        note_use(bench.folder / TEST, named, digest, out)
    keep_tables(bench, TEST)
    uses = [use for use in read_ledger(out.parent) if use["digest"] == digest and use["results"] == out.name]
    return _part_figures(evidence, arms, TEST) | {"ledger": [_public(use) for use in uses]}


def _public(use: Mapping[str, str]) -> dict[str, str]:
    """A line of the ledger without the name of a person's account."""
    return {key: value for key, value in use.items() if key != "who"}


def _log(evidence: Evidence) -> str:
    bench = evidence.bench
    lines = [f"{evidence.experiment.name}, size {bench.size}; {evidence.experiment.command}", ""]
    for run in planned_runs(evidence.experiment, evidence.base):
        if not is_finished(bench, run):
            lines.append(f"{bench.place(run).name}: not finished")
            continue
        told = read_record(bench, run)
        lines.append(", ".join(f"{key} {told[key]}" for key in TOLD if key in told))
    return "\n".join([*lines, *strangers(bench)]) + "\n"
