"""All speed figures in one run: `make bench`, or `python benchmarks/run.py`.

Ratios count: repeats are interleaved, so that a busy machine slows all alike. Prints a table and writes
benchmarks/results.json part by part, so that a run that was stopped leaves what it had; what is not measured on this
machine is null there, with the reason in the table. `--only` names single parts.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import torch
from matrix_rate import matrix_rate
from paper_network import measured
from rich.console import Console
from rich.table import Table

from opensvh.cli.options import tune_malloc
from opensvh.domain.anatomy import film_code
from opensvh.inference.export_films import drawn_films
from opensvh.inference.threads import use_threads

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
MODEL, PAPER = "reference", "paper-openvino-bf16"
"""The shipped bundle, and the paper's network with drawn weights as `paper_network` exports it."""
SIZES = (0.5, 1.0, 2.0)
"""Sides of the films, in those of a simulated one."""
HEADLINES = ("speedup_vs_eager", "share_of_matrix_peak", "study_seconds", "peak_rss_mb", "batch_efficiency")
"""Null where a part was left out or could not be measured."""
Figures = dict[str, Any]


def main() -> None:
    """Measure, write, print."""
    asked = _arguments()
    tune_malloc()
    use_threads(asked.threads)
    asked.folder.mkdir(parents=True, exist_ok=True)
    _keep({name: None for name in HEADLINES if name not in _former()})
    _keep({"threads": asked.threads, "segmentation_models_pytorch": None})
    console = Console()
    for name in asked.only:
        start = time.perf_counter()
        try:
            _keep(PARTS[name](asked))
        except subprocess.CalledProcessError as failure:
            console.print(f"{name}: not measured: {_last_line(failure.stderr)}", markup=False)
        console.print(f"{name}: {time.perf_counter() - start:.0f} s")
    _print(console, _former())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sizes", type=float, nargs="*", default=SIZES, help="of the study's films")
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--folder", type=Path, default=Path("runs/bench"), help="exported bundles and films, kept")
    return parser.parse_args()


def _network(asked: argparse.Namespace) -> Figures:
    """The paper's network, beside what the matrix units do at best."""
    rates = {"bf16": matrix_rate(torch.bfloat16), "fp32": matrix_rate(torch.float32)}
    timing = measured(asked.folder, asked.repeats)
    eager, best = timing.seconds["eager"], timing.seconds.get("openvino bf16")
    return {
        "speedup_vs_eager": None if best is None else round(eager / best, 2),
        "share_of_matrix_peak": None if best is None else round(timing.flops / best / rates["bf16"], 3),
        "matrix_rate_tflops": {name: round(each / 1e12, 3) for name, each in rates.items()},
        "network_gflop": round(timing.flops / 1e9, 1),
        "network_seconds": {name: round(each, 4) for name, each in timing.seconds.items()},
    }


def _study(asked: argparse.Namespace) -> Figures:
    """A patient's films of several sizes, with the shipped bundle."""
    films = _films(asked.folder / "films")
    studies = {size: _told([_resized(film, size) for film in films], ()) for size in asked.sizes}
    usual = studies.get(1.0) or next(iter(studies.values()))
    return {
        **{name: usual[name] for name in ("study_seconds", "first_score_seconds", "peak_rss_mb")},
        "study_stages": usual["stages"],
        "study_run_by": usual["run_by"],
        "study_seconds_by_size": {f"{size:g}": each["study_seconds"] for size, each in studies.items()},
    }


def _paper_study(asked: argparse.Namespace) -> Figures:
    """The same films, the paper's network in the place of the shipped bundle's."""
    if not (asked.folder / PAPER).exists():
        measured(asked.folder, 1)
    study = _told(_films(asked.folder / "films"), ("--sized-as", str(asked.folder / PAPER)))
    return {f"paper_{name}": study[name] for name in ("study_seconds", "peak_rss_mb", "stages", "run_by")}


def _batch(asked: argparse.Namespace) -> Figures:
    """`batch.py` over the study's films; it writes its own figures."""
    _films(asked.folder / "films")
    return _by_itself("batch.py", str(asked.folder / "films"), "--repeats", str(min(asked.repeats, 3)))


def _masks(asked: argparse.Namespace) -> Figures:
    return _by_itself("masks.py")


def _training_step(asked: argparse.Namespace) -> Figures:
    return _by_itself("training_step.py")


PARTS: Mapping[str, Callable[[argparse.Namespace], Figures]] = {
    "network": _network,
    "study": _study,
    "paper_study": _paper_study,
    "batch": _batch,
    "masks": _masks,
    "training_step": _training_step,
}


def _by_itself(program: str, *options: str) -> Figures:
    subprocess.run([sys.executable, str(HERE / program), *options], capture_output=True, text=True, check=True)
    return {}


def _told(films: list[Path], options: tuple[str, ...]) -> Figures:
    """What `study.py` says, the second run of two: the first may export the bundle."""
    command = [sys.executable, str(HERE / "study.py"), MODEL, *map(str, films), *options]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _films(folder: Path) -> list[Path]:
    """The four films of a simulated patient."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"BENCH-{code}.png" for code in ("LH", "RH", "LF", "RF")]
    if not all(path.exists() for path in paths):
        for film in drawn_films(4, seed=2000):
            path = folder / f"BENCH-{film_code(film.limb, film.side)}.png"
            cv2.imwrite(str(path), (film.radiograph.pixels * 255).round().astype("uint8"))
    return paths


def _resized(film: Path, size: float) -> Path:
    path = film.parent / f"{size:g}" / film.name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        pixels = cv2.imread(str(film), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(path), cv2.resize(pixels, None, fx=size, fy=size, interpolation=cv2.INTER_AREA))
    return path


def _former() -> Figures:
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def _keep(figures: Figures) -> None:
    RESULTS.write_text(json.dumps({**_former(), **figures}, indent=2) + "\n")


def _last_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[-1] if (text or "").strip() else "no reason given"


def _print(console: Console, figures: Figures) -> None:
    table = Table("figure", "value", title=f"{figures['threads']} threads")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, each in value.items():
                table.add_row(f"{name}: {part}", str(each))
        else:
            table.add_row(name, "not measured" if value is None else str(value))
    console.print(table)
    if find_spec("segmentation_models_pytorch") is None:
        console.print(
            "segmentation-models-pytorch: not installed; it needs torchvision, of which the package index has"
        )
        console.print("no build that runs beside a CPU torch.")


if __name__ == "__main__":
    main()
