"""A patient's four films from files to the written report, in a program of its own: seconds a stage, memory, start.

`python benchmarks/study.py MODEL FILM...` prints one line of JSON. `first_score_seconds` runs from the program's start
to the first film's report, `study_seconds` from files to report once all is loaded. Stages are timed by wrapping what
does them; under several films at once they add up to more than the clock.

`--sized-as EXPORT` times another network in the model's place, that of an exported bundle with drawn weights: its
answers would send the reading elsewhere, so that it looks at a picture of its own while the model's answer of a former
reading of the same film is given.
"""

import time

START = time.perf_counter()

import argparse  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import tempfile  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from resource import RUSAGE_SELF, getrusage  # noqa: E402
from typing import Any  # noqa: E402

STAGES = (
    ("decode", "opensvh.workflows.visit_reading", "read_film"),
    ("find limbs", "opensvh.inference.film_analysis", "FilmAnalyser.analyse"),
    ("letters", "opensvh.inference.film_reader", "find_side_markers"),
    ("network", "opensvh.inference.backends_openvino", "OpenVinoEngine.look"),
    ("network", "opensvh.inference.backends", "TorchEngine.look"),
    ("cut and scale", "opensvh.inference.predictor", "canonical_film"),
    ("cut and scale", "opensvh.inference.predictor", "canonical_film_of_area"),
    ("quality", "opensvh.inference.film_reader", "judge"),
    ("growth plates", "opensvh.inference.film_reader", "with_plates"),
    ("pictures", "opensvh.workflows.visit_reading", "picture_of"),
    ("overlay", "opensvh.workflows.score", "drawn_overlay"),
    ("report", "opensvh.workflows.score", "write_format"),
)


def main() -> None:
    """Load, read one film, read the study."""
    asked = _arguments()
    from opensvh.workflows.score import films_at_once

    at_once = films_at_once(len(asked.films))
    reader, engines = _reader(asked.model, at_once)
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as out:
        _score(reader, asked.films[:1], Path(out) / "first", 1)
        first = time.perf_counter() - START
        if asked.sized_as:
            engines = _in_its_place(asked.sized_as, at_once)
            _score(reader, asked.films, Path(out) / "answers", at_once)
        for stage, module, name in STAGES:
            _time(stage, module, name, seconds)
        begun = time.perf_counter()
        _score(reader, asked.films, Path(out) / "study", at_once)
        study = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "first_score_seconds": round(first, 3),
                "study_seconds": round(study, 3),
                "stages": {stage: round(taken, 3) for stage, taken in seconds.most_common()},
                "run_by": list(engines),
                "films_at_once": at_once,
                "peak_rss_mb": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--sized-as", type=Path)
    return parser.parse_args()


def _reader(model: str, at_once: int) -> tuple[Any, tuple[str, ...]]:
    """As `opensvh score` loads it."""
    from opensvh.domain.backends import Choice
    from opensvh.inference.backends_choice import load_models
    from opensvh.inference.bundle import find_bundle
    from opensvh.inference.film_analyser_graphs import load_networks
    from opensvh.inference.film_analysis import FilmAnalyser
    from opensvh.inference.film_reader import FilmReader
    from opensvh.inference.predictor import Predictor

    predictor = Predictor(load_models(find_bundle(model), Choice.AUTO, at_once))
    return FilmReader(predictor, FilmAnalyser(load_networks(Choice.AUTO, at_once))), predictor.engines


def _score(reader: Any, films: list[Path], out: Path, at_once: int) -> None:
    from opensvh.workflows.films import FilmHints, find_films, group_films
    from opensvh.workflows.score import Run

    run = Run(out, reader, lambda film: None, at_once=at_once)
    run.claim()
    patients, _ = group_films(find_films(films, apart_from=out), FilmHints())
    for patient in patients:
        for _ in run.patient(patient):
            pass


def _in_its_place(export: Path, at_once: int) -> tuple[str, ...]:
    """Let the network of that bundle look wherever the model has looked before; returns what runs it."""
    import numpy as np

    from opensvh.inference.backends_openvino import OpenVinoEngine
    from opensvh.inference.export_bundle import load_export

    [other] = load_export(export, at_once=at_once)
    shape = other.config.preprocessing
    picture = np.random.default_rng(0).random((shape.height, shape.width), dtype=np.float32)
    own, answers = OpenVinoEngine.look, {}

    def look(engine: Any, image: Any) -> Any:
        key = hashlib.blake2b(np.ascontiguousarray(image)).digest()
        if key in answers:
            own(other.engine, picture)  # type: ignore[arg-type]
        else:
            answers[key] = own(engine, image)
        return answers[key]

    OpenVinoEngine.look = look  # type: ignore[method-assign]
    return (other.engine.name,)


def _time(stage: str, module: str, name: str, seconds: Counter[str]) -> None:
    """Put a clock round a function or method; one that another version does not have is passed over."""
    from importlib import import_module

    try:
        *path, last = name.split(".")
        owner: Any = import_module(module)
        for part in path:
            owner = getattr(owner, part)
        timed = getattr(owner, last)
    except (ImportError, AttributeError):
        return
    setattr(owner, last, _clocked(stage, timed, seconds))


def _clocked(stage: str, timed: Callable[..., Any], seconds: Counter[str]) -> Callable[..., Any]:
    def run(*given: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return timed(*given, **named)
        finally:
            seconds[stage] += time.perf_counter() - start

    return run


if __name__ == "__main__":
    main()
