"""A patient's four films from files to the written report, in a program of its own: seconds a stage, memory, start.

`python benchmarks/study.py MODEL FILM...` prints one line of JSON. Stages are timed by wrapping what does them; under
several films at once they add up to more than the clock.
"""

import time

START = time.perf_counter()

import json  # noqa: E402
import sys  # noqa: E402
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
    model, *films = sys.argv[1:]
    from opensvh.domain.backends import Choice
    from opensvh.workflows.films import FilmHints
    from opensvh.workflows.results import Wanted
    from opensvh.workflows.score import score

    seconds: Counter[str] = Counter()
    for stage, module, name in STAGES:
        _time(stage, module, name, seconds)
    hints, wanted = FilmHints(), Wanted(backend=Choice.AUTO)
    with tempfile.TemporaryDirectory() as out:
        score([Path(films[0])], Path(out) / "first", [model], hints, wanted)
        first = time.perf_counter() - START
        seconds.clear()
        begun = time.perf_counter()
        scored = score([Path(film) for film in films], Path(out) / "study", [model], hints, wanted)
        study = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "first_score_seconds": round(first, 3),
                "study_seconds": round(study, 3),
                "stages": {stage: round(taken, 3) for stage, taken in seconds.most_common()},
                "run_by": list(scored.engines),
                "peak_rss_mb": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


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
