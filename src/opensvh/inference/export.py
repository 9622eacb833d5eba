"""From loaded bundles to one exported bundle: graphs, int8 where wanted, and how far the scores then differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends import GRAPH_MAP_STRIDE, Values, map_stride, refuse_missing
from opensvh.inference.backends_onnx import OnnxEngine
from opensvh.inference.backends_openvino import OpenVinoEngine
from opensvh.inference.bundle import EXPORT, Bundle
from opensvh.inference.bundle_folder import write_sealed
from opensvh.inference.export_bundle import Calibration, Equality, ExportedModel, ExportHeader, write_members
from opensvh.inference.export_graph import write_graph
from opensvh.inference.export_parts import planned, write_parts
from opensvh.inference.export_quantised import quantise
from opensvh.inference.export_rounded import rounded_to_bf16
from opensvh.preprocessing.config import PreprocessingConfig

ENGINES: Mapping[Backend, type[OpenVinoEngine] | type[OnnxEngine]] = {
    Backend.OPENVINO: OpenVinoEngine,
    Backend.ONNX: OnnxEngine,
}
NEEDED = {Backend.OPENVINO: ("openvino", "onnx"), Backend.ONNX: ("onnxruntime", "onnx")}
"""PyTorch's exporter asks for onnx."""


IN_FP32 = (0, 1, 2)
"""Blocks of the encoder, counted through, that stay in fp32 where the rest is in bf16. Even areas of a film, background
above all, are rounded alike in the first, so that no mean over pixels takes it away; of the largest difference that is
then left, the two after it make more than half (docs/export.md has the figures)."""


@dataclass(frozen=True)
class Target:
    """What a bundle is exported for."""

    backend: Backend
    precision: Precision

    def check(self) -> None:
        """Raise ConfigInvalid where there is no such export, or a library that it needs is not installed."""
        if self.backend is Backend.TORCH:
            raise ConfigInvalid("--backend torch: a bundle runs in PyTorch as it is; name openvino or onnx")
        if self.backend is Backend.ONNX and self.precision is Precision.BF16:
            raise ConfigInvalid("--precision bf16: ONNX Runtime knows no bf16 on CPUs; name fp32 or int8, or openvino")
        for module in self.needed:
            refuse_missing(module, f"--backend {self.backend} --precision {self.precision}")

    @property
    def needed(self) -> tuple[str, ...]:
        """The modules that make the graph, beside torch."""
        return (*NEEDED[self.backend], *(["nncf"] if self.precision is Precision.INT8 else []))

    @property
    def libraries(self) -> dict[str, str]:
        """Versions of what makes the graph."""
        return {name: version(name) for name in ("torch", *self.needed)}


@dataclass(frozen=True)
class CalibrationFilms:
    """Canonical films for a model's preprocessing, and how they came about."""

    pictures: Callable[[PreprocessingConfig], Sequence[Values]]
    record: Calibration


Check = Callable[[Sequence[Bundle], Sequence[ExportedModel]], Equality | None]


def export_bundles(
    out: Path,
    bundles: Sequence[Bundle],
    target: Target,
    calibration: CalibrationFilms | None = None,
    check: Check = lambda bundles, exported: None,
) -> ExportHeader:
    """Write the models as one exported bundle, whole or not at all; `calibration` is what int8 cannot do without, and
    bf16 comes nearer with.

    `check` is given the models before and after, and says how far they differ. Raises ConfigInvalid, OutputConflict.
    """
    target.check()
    headers: list[ExportHeader] = []

    def fill(folder: Path) -> None:
        graphs = [_graph(folder / f"{number}", bundle, target, calibration) for number, bundle in enumerate(bundles, 1)]
        header = ExportHeader(
            backend=target.backend,
            precision=target.precision,
            members=write_members(folder, bundles, graphs),
            libraries=target.libraries,
            calibration=None if calibration is None else calibration.record,
            equality=check(bundles, [_runnable(*each, target) for each in zip(bundles, graphs, strict=True)]),
        )
        (folder / EXPORT).write_text(header.model_dump_json(indent=2) + "\n", encoding="utf-8")
        headers.append(header)

    write_sealed(out, fill)
    return headers[0]


def compared(films: Iterable[tuple[FilmReading, FilmReading]]) -> Equality:
    """How far expectations lie apart over pairs of readings of the same films, the reference first."""
    count, lost, apart = 0, 0, [0.0]
    for reference, other in films:
        count += 1
        for one, two in zip(reference.sites, other.sites, strict=True):
            if one.expected is None or two.expected is None:
                lost += one.expected is not two.expected
            else:
                apart.append(abs(one.expected - two.expected))
    return Equality(
        films=count,
        sites=len(apart) - 1,
        largest=round(max(apart), 5),
        share_99=round(float(np.quantile(apart, 0.99)), 5),
        lost=lost,
    )


def _graph(folder: Path, bundle: Bundle, target: Target, calibration: CalibrationFilms | None) -> Path:
    folder.mkdir()
    pictures = None if calibration is None else calibration.pictures(bundle.config.preprocessing)
    if target.precision is Precision.BF16 and pictures is not None:
        bundle = replace(bundle, network=rounded_to_bf16(bundle.network, pictures))
    graph = write_graph(folder, bundle, target.backend, exact=target.precision is Precision.FP32)
    if target.precision is Precision.BF16:
        write_parts(graph, planned(graph, IN_FP32, Precision.BF16))
    if target.precision is Precision.INT8:
        if pictures is None:
            raise ValueError("int8 wants films to take ranges from")
        quantise(graph, target.backend, pictures)
    return graph


def _runnable(bundle: Bundle, graph: Path, target: Target) -> ExportedModel:
    """The exported model before its folder is sealed, to be compared."""
    engine = ENGINES[target.backend](graph, target.precision, map_stride(bundle.config, GRAPH_MAP_STRIDE))
    return ExportedModel(
        bundle.folder, bundle.identity, bundle.digest, bundle.config, engine, bundle.metrics, bundle.training_means
    )
