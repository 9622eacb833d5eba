"""All speed figures in one run: `make bench`, or `python benchmarks/run.py`.

Ratios count: repeats are interleaved, so that a busy machine slows all alike. Prints a table and writes
benchmarks/results.json; what is not measured on this machine is null there, with the reason in the table.
"""

import argparse
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import torch
from matrix_rate import matrix_rate
from paper_network import Timing, measured
from rich.console import Console
from rich.table import Table

from opensvh.cli.options import tune_malloc
from opensvh.domain.anatomy import film_code
from opensvh.inference.export_films import drawn_films

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
MODEL = "reference"
SIZES = (0.5, 1.0, 2.0)
"""Sides of the films, in those of a simulated one."""


def main() -> None:
    """Measure, print, write."""
    asked = _arguments()
    tune_malloc()
    torch.set_num_threads(asked.threads)
    folder: Path = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    rates = {"bf16": matrix_rate(torch.bfloat16), "fp32": matrix_rate(torch.float32)}
    timing = measured(folder, asked.repeats)
    films = _films(folder / "films")
    studies = {size: _study([_resized(film, size) for film in films]) for size in SIZES}
    figures = _figures(rates, timing, studies)
    _print(figures)
    RESULTS.write_text(json.dumps({**_former(), **figures}, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("runs/bench"), help="exported bundles and films, kept")
    return parser.parse_args()


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


def _study(films: list[Path]) -> dict[str, object]:
    """In a program of its own, the second run of two: the first may export the bundle."""
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, str(HERE / "study.py"), MODEL, *map(str, films)],
            capture_output=True,
            text=True,
            check=True,
        )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _figures(rates: dict[str, float], timing: Timing, studies: dict[float, dict[str, object]]) -> dict[str, object]:
    eager, best = timing.seconds["eager"], timing.seconds.get("openvino bf16")
    rate = {name: round(each / 1e12, 3) for name, each in rates.items()}
    study = studies[1.0]
    return {
        "threads": torch.get_num_threads(),
        "speedup_vs_eager": None if best is None else round(eager / best, 2),
        "share_of_matrix_peak": None if best is None else round(timing.flops / best / rates["bf16"], 3),
        "study_seconds": study["study_seconds"],
        "first_score_seconds": study["first_score_seconds"],
        "peak_rss_mb": study["peak_rss_mb"],
        "batch_efficiency": _former().get("batch_efficiency"),
        "segmentation_models_pytorch": None,
        "matrix_rate_tflops": rate,
        "network_gflop": round(timing.flops / 1e9, 1),
        "network_seconds": {name: round(each, 4) for name, each in timing.seconds.items()},
        "study_stages": study["stages"],
        "study_run_by": study["run_by"],
        "study_seconds_by_size": {f"{size:g}": each["study_seconds"] for size, each in studies.items()},
    }


def _former() -> dict[str, object]:
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def _print(figures: dict[str, object]) -> None:
    table = Table("figure", "value", title=f"{figures['threads']} threads")
    for name, value in figures.items():
        if isinstance(value, dict):
            for part, each in value.items():
                table.add_row(f"{name}: {part}", str(each))
        else:
            table.add_row(name, "not measured" if value is None else str(value))
    console = Console()
    console.print(table)
    if find_spec("segmentation_models_pytorch") is None:
        console.print(
            "segmentation-models-pytorch: not installed; it needs torchvision, of which the package index has"
        )
        console.print("no build that runs beside a CPU torch.")


if __name__ == "__main__":
    main()
