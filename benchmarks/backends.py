"""How fast each backend runs a bundle, and how far its scores lie from PyTorch's: `python benchmarks/backends.py`.

Simulated films, or those of a film set in the native layout (`--data`), are read by every backend in turn, film by
film, so that a busy machine slows all alike; what counts are the ratios of the medians. `eager` is the plain forward of
the same network as PyTorch installs it: no channels last, no pooling. Writes benchmarks/results.json.
"""

import argparse
import copy
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median

import numpy as np
import torch
from timed_engine import TimedEngine

from opensvh.cli.options import tune_malloc
from opensvh.domain.anatomy import FILM_CODES
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends import TorchEngine
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.export import Target, compared
from opensvh.inference.export_bundle import ExportedModel, load_export
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.image import read_film
from opensvh.workflows.export import DrawnFilm, ExportSettings, drawn_films, export

RESULTS = Path(__file__).parent / "results.json"
TARGETS = (
    Target(Backend.OPENVINO, Precision.FP32),
    Target(Backend.OPENVINO, Precision.BF16),
    Target(Backend.OPENVINO, Precision.INT8),
    Target(Backend.ONNX, Precision.FP32),
    Target(Backend.ONNX, Precision.INT8),
)
FIRST_SEED = 1000


def main() -> None:
    """Export what is not there yet, measure all, print the table, write the figures."""
    asked = _arguments()
    tune_malloc()
    torch.set_num_threads(asked.threads)
    bundle = load_bundle(find_bundle(asked.model))
    engine = TimedEngine(TorchEngine(bundle.network, bundle.config))
    torch_model = ExportedModel(bundle.folder, bundle.identity, bundle.digest, bundle.config, engine, {}, {})
    wanted = [target for target in TARGETS if asked.targets is None or _name(target) in asked.targets]
    models = [torch_model, *(_timed(_exported(asked, target)) for target in wanted)]
    eager: list[float] = []
    readings: list[list[FilmReading]] = [[] for _ in models]
    plain = copy.deepcopy(bundle.network).to(memory_format=torch.contiguous_format)
    for film in _films(asked):
        identity = FilmIdentity("benchmark", film.limb, film.side, 0, "benchmark")
        for model, read in zip(models, readings, strict=True):
            read.append(Predictor([model]).read(film.radiograph, identity).reading)
        eager.append(_eager_seconds(plain, bundle))
        apart = [compared(zip(readings[0], read, strict=True)).largest for read in readings[1:]]
        print(len(eager), "films, largest differences", *apart, flush=True)
    _report(models, readings, eager)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="reference")
    parser.add_argument("--data", type=Path, help="film set in the native layout (default: simulated films)")
    parser.add_argument("--films", type=int, default=16)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--targets", nargs="*", help=f"of {', '.join(map(_name, TARGETS))} (default: all)")
    parser.add_argument("--exported", type=Path, default=Path("runs/backends"), help="folder of the exported bundles")
    return parser.parse_args()


def _exported(asked: argparse.Namespace, target: Target) -> ExportedModel:
    folder = asked.exported / _name(target)
    if not folder.exists():
        export([asked.model], folder, ExportSettings(target, checked_films=0))
    [model] = load_export(folder)
    return model


def _name(target: Target) -> str:
    return f"{target.backend}-{target.precision}"


def _timed(model: ExportedModel) -> ExportedModel:
    return replace(model, engine=TimedEngine(model.engine))


def _films(asked: argparse.Namespace) -> Iterator[DrawnFilm]:
    if asked.data is None:
        yield from drawn_films(asked.films, FIRST_SEED)
        return
    for path in sorted((asked.data / "images").iterdir())[: asked.films]:
        yield DrawnFilm(read_film(path), *FILM_CODES[path.stem[-2:]])


def _eager_seconds(network: torch.nn.Module, bundle: Bundle) -> float:
    shape = bundle.config.preprocessing
    picture = torch.rand(1, 1, shape.height, shape.width)
    start = time.perf_counter()
    with torch.inference_mode():
        network(picture)
    return time.perf_counter() - start


def _report(models: list[ExportedModel], readings: list[list[FilmReading]], eager: list[float]) -> None:
    slowest = median(eager)
    print(f"{len(eager)} films; eager {slowest:.3f} s a picture")
    figures: dict[str, object] = {"films": len(eager), "eager_seconds": round(slowest, 4)}
    for model, read in zip(models, readings, strict=True):
        assert isinstance(model.engine, TimedEngine)
        seconds = median(model.engine.seconds)
        found = compared(zip(readings[0], read, strict=True))
        rms = _rms(readings[0], read)
        print(
            f"{model.engine.name:14} {seconds:.3f} s, {slowest / seconds:5.2f} times faster than eager; {found.sites} "
            f"sites, largest difference {found.largest:.4f}, 99 % within {found.share_99:.4f}, root mean square "
            f"{rms:.4f}, {found.lost} lost"
        )
        figures[model.engine.name] = {
            "speedup_vs_eager": round(slowest / seconds, 2),
            "seconds": round(seconds, 4),
            **found.model_dump(),
        }
    figures["peak_rss_mb"] = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory of all in one process: {figures['peak_rss_mb']} MB")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, "backends": figures}, indent=2) + "\n")


def _rms(reference: list[FilmReading], other: list[FilmReading]) -> float:
    apart = [
        one.expected - two.expected
        for first, second in zip(reference, other, strict=True)
        for one, two in zip(first.sites, second.sites, strict=True)
        if one.expected is not None and two.expected is not None
    ]
    return float(np.sqrt(np.mean(np.square(apart))))


if __name__ == "__main__":
    main()
