"""What the finished runs of an experiment show: figures with intervals, differences, whether the claim held; files.

docs/results/NAME/: `results.json`, `table.md`, `figure.png`, `log.txt`. How they look is `reporting`'s, the statistics
are `evaluation.arms`'.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from opensvh import __version__
from opensvh.evaluation.arms import ARM_MEASURES, Arm, arm_differences, arm_figures, best_arm
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.io.ra2 import read_ra2
from opensvh.io.score_table import read_visits
from opensvh.io.tables import SCORES, VISITS
from opensvh.io.whole_file import write_whole
from opensvh.reporting.experiment_plot import experiment_plot
from opensvh.reporting.experiment_table import experiment_table
from opensvh.training.config import Preset
from opensvh.workflows.benchmark import DEVELOPMENT, TEST
from opensvh.workflows.benchmark_ledger import note_use, read_ledger
from opensvh.workflows.reproduce_config import ArmConfig, Experiment, Replicates, planned_runs, replicates
from opensvh.workflows.reproduce_runs import RECORD, Bench, bundle_digest, is_finished, read_scores, read_test

RESULTS, TABLE, PICTURE, LOG = "results.json", "table.md", "figure.png", "log.txt"
TRUTH = "truth.csv"
GOLDS = {"reader": SCORES, "exact": TRUTH}
"""What is predicted is held against: the reader's grades, as in the challenge, and the exact ones."""
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
    done = [run for run in runs if is_finished(evidence.bench, run)]
    figures: Figures = _facts(evidence) | {
        "runs": {"planned": len(runs), "finished": len(done)},
        DEVELOPMENT: _part_figures(evidence, experiment.arms, DEVELOPMENT),
    }
    if test and len(done) == len(runs):
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
    read = {config.name: _read_by(evidence, config, part) for config in arms}
    built = {gold: _arms(evidence.bench, read, part, file) for gold, file in GOLDS.items()}
    rows: Figures = {}
    for config in arms:
        if not read[config.name]:
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


def _arms(bench: Bench, read: Mapping[str, list[pd.DataFrame]], part: str, gold_file: str) -> dict[str, Arm]:
    """Each arm's tables beside that gold, over the same samples of persons."""
    gold = read_ra2(bench.folder / part / gold_file)
    whose = {name: person for name, (person, _) in read_visits(bench.folder / part / VISITS).items()}
    resamples, standard = Resamples([whose[str(name)] for name in gold.index]), ScoreSet("gold", gold)
    return {
        name: Arm(name, [Pairing(standard, ScoreSet(name, table.loc[gold.index]), resamples) for table in tables])
        for name, tables in read.items()
        if tables
    }


def _read_by(evidence: Evidence, arm: ArmConfig, part: str) -> list[pd.DataFrame]:
    """What each repetition read: of an ensemble the mean of its members' expectations, that of their mean."""
    repetitions = []
    for members in evidence.finished(arm, part):
        tables = [read_scores(evidence.bench, run, part) for run in members]
        repetitions.append(sum(tables[1:], tables[0]) / len(tables))
    return repetitions


def _test_figures(evidence: Evidence, best: str, out: Path) -> Figures:
    """The arm that won on the development patients and the one it is held against, and nothing else, on test."""
    arms = (evidence.experiment.arm(best), evidence.experiment.arm(evidence.experiment.than))
    runs = [run for arm in arms for each in evidence.finished(arm) for run in each]
    digests = [bundle_digest(evidence.bench, run) for run in runs]
    digest = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    test = evidence.bench.folder / TEST
    note_use(test, f"{evidence.experiment.name}: {arms[0].name}, {arms[1].name}", digest, out)
    for run in runs:
        read_test(evidence.bench, run)
    uses = [use for use in read_ledger(test) if use["digest"] == digest and use["results"] == out.name]
    return _part_figures(evidence, arms, TEST) | {"ledger": [_public(use) for use in uses]}


def _public(use: Mapping[str, str]) -> dict[str, str]:
    """A line of the ledger without the name of a person's account."""
    return {key: value for key, value in use.items() if key != "who"}


def _log(evidence: Evidence) -> str:
    lines = [f"{evidence.experiment.name}, size {evidence.bench.size}; {evidence.experiment.command}", ""]
    for run in planned_runs(evidence.experiment, evidence.base):
        path = evidence.bench.place(run) / RECORD
        if not path.is_file():
            lines.append(f"{evidence.bench.place(run).name}: not finished")
            continue
        told = json.loads(path.read_text(encoding="utf-8"))
        lines.append(", ".join(f"{key} {value}" for key, value in told.items()))
    return "\n".join(lines) + "\n"
