"""Whether a graph scores films as PyTorch does: `python benchmarks/equality.py FILMSET -o OUT --precision bf16`.

Whole patients of a film set in the native layout are read by PyTorch and by the graph (exported into OUT where it is
not there). Readings are kept patient by patient: a run that was stopped goes on. Wanted: no site's expectation further
than 0.05 of a grade from PyTorch's (fp32: 0.001), none scored by one only, and the challenge's scores within half a
percent. Prints that, the worst films, and writes it into benchmarks/results.json under `equality`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from opensvh.cli.options import tune_malloc
from opensvh.cli.progress import counting
from opensvh.domain.backends import Backend, Choice, Precision
from opensvh.domain.reading import FilmReading
from opensvh.evaluation.figures import Evaluation
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.export import Target, compared
from opensvh.inference.threads import use_threads
from opensvh.workflows.evaluate import EvaluatedModel, beside_truth, evaluated_model, read_films
from opensvh.workflows.export import ExportSettings, export
from opensvh.workflows.known_films import known_films

RESULTS = Path(__file__).parent / "results.json"
WANTED = {Precision.FP32: 0.001, Precision.BF16: 0.05, Precision.INT8: 0.05}
"""Largest difference of a site's expectation, in grades (`cli.export` warns from there on)."""
WANTED_SHARE = 0.005
CHALLENGE = ("sc1", "sc2", "sc3")
WORST = 8


def main() -> None:
    """Export, read twice, compare, write."""
    asked = _arguments()
    tune_malloc()
    if asked.threads:
        use_threads(asked.threads)
    target = Target(Backend(asked.backend), Precision(asked.precision))
    name = f"{target.backend}-{target.precision}"
    if not (asked.out / name).exists():
        export([asked.model], asked.out / name, ExportSettings(target, checked_films=0))
    films = _whole_patients(known_films(asked.films_set), asked.films)
    models = {
        "torch": evaluated_model([asked.model], Choice.TORCH),
        name: evaluated_model([str(asked.out / name)], Choice(asked.backend)),
    }
    evaluations = {each: _read(model, films, asked.out / f"read-{each}") for each, model in models.items()}
    figures = _figures(evaluations["torch"], evaluations[name])
    figures |= {"wanted": WANTED[target.precision], "run_by": list(models[name].run_by)}
    _tell(name, figures)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["equality"] = {**results.get("equality", {}), name: figures}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films_set", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--model", default="reference")
    parser.add_argument("--films", type=int, default=200)
    parser.add_argument("--backend", choices=["openvino", "onnx"], default="openvino")
    parser.add_argument("--precision", choices=[str(each) for each in Precision], default="bf16")
    parser.add_argument("--threads", type=int)
    return parser.parse_args()


def _whole_patients(films: Sequence[FilmTruth], wanted: int) -> list[FilmTruth]:
    """The first patients, as many as make at least so many films."""
    taken: list[FilmTruth] = []
    for film in films:
        if len(taken) >= wanted and film.patient != taken[-1].patient:
            break
        taken.append(film)
    return taken


def _read(model: EvaluatedModel, films: Sequence[FilmTruth], out: Path) -> Evaluation:
    with counting(f"Reading by {', '.join(model.run_by)}", len(films)) as advance:
        studies = read_films(model, films, out, advance)
    return Evaluation(tuple(beside_truth(films, studies)), model.means)


def _figures(reference: Evaluation, other: Evaluation) -> dict[str, Any]:
    pairs = [
        (one.reading, two.reading)
        for one, two in zip(reference.reads, other.reads, strict=True)
        if one.reading is not None and two.reading is not None
    ]
    unread = [
        (one.reading is None) != (two.reading is None) for one, two in zip(reference.reads, other.reads, strict=True)
    ]
    apart = {Path(one.film).stem: _differences(one, two) for one, two in pairs}
    every = np.concatenate(list(apart.values()))
    worst = sorted(apart, key=lambda film: -apart[film].max(initial=0))[:WORST]
    return {
        **compared(pairs).model_dump(),
        "read_by_one_only": sum(unread),
        "root_mean_square": round(float(np.sqrt(np.mean(every**2))), 5),
        "films_above_wanted": sum(bool(each.max(initial=0) > WANTED[Precision.BF16]) for each in apart.values()),
        "worst_films": {film: round(float(apart[film].max(initial=0)), 4) for film in worst},
        "challenge": _challenge(reference, other),
    }


def _differences(one: FilmReading, two: FilmReading) -> np.ndarray:
    return np.array(
        [
            abs(first.expected - second.expected)
            for first, second in zip(one.sites, two.sites, strict=True)
            if first.expected is not None and second.expected is not None
        ]
    )


def _challenge(reference: Evaluation, other: Evaluation) -> dict[str, dict[str, float]]:
    """Each score of the challenge by both, and how far they lie apart as a share."""
    one, two = (
        each.figures().get("scores", {}).get("model", {}).get("challenge", {}).get("all") for each in (reference, other)
    )
    if not one or not two:
        return {}
    return {
        score: {"torch": one[score], "graph": two[score], "apart": abs(two[score] - one[score]) / abs(one[score])}
        for score in CHALLENGE
    }


def _tell(name: str, figures: dict[str, Any]) -> None:
    is_equal = figures["largest"] <= figures["wanted"] and not figures["lost"] and not figures["read_by_one_only"]
    is_equal &= all(each["apart"] <= WANTED_SHARE for each in figures["challenge"].values())
    print(f"{name} against PyTorch: {'EQUAL' if is_equal else 'NOT EQUAL'}")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
