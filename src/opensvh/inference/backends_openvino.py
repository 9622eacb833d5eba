"""OpenVINO: the fastest backend on CPUs from Intel and AMD, and the only one with bf16 matrix units.

Its usage reports are switched off before it is imported: nothing here calls out.
"""

import sys
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.backends import Pooled, Values, refuse_missing
from opensvh.inference.threads import threads

HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16", Precision.INT8: "f32"}
"""What is not quantised in an int8 graph stays in fp32."""
IMAGE = "image"
"""What a network's graph takes."""
PART = "part{number}-{precision}.xml"
"""Beside a graph: what of the network runs before it, each in its own precision (`export_parts`)."""
SPOKEN = {"float": Precision.FP32, "f32": Precision.FP32, "bfloat16": Precision.BF16, "bf16": Precision.BF16}


def openvino() -> ModuleType:
    """The library, imported without its telemetry; raises ConfigInvalid where it is not installed."""
    silence_telemetry()
    refuse_missing("openvino", "this model")
    return import_module("openvino")


def silence_telemetry() -> None:
    """Keep OpenVINO and NNCF from reporting their use: both do without the module that reports where it is missing.

    An entry of None makes Python take a module for missing.
    """
    if "openvino_telemetry" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]


class OpenVinoGraph:
    """A graph (.xml or .onnx) on the CPU, on the threads that networks may take, parted among the films looked at at
    once; several threads may ask at the same time. Raises BundleInvalid where the library cannot run it."""

    def __init__(self, path: Path, precision: Precision, at_once: int = 1) -> None:
        settings = {
            "INFERENCE_NUM_THREADS": threads(),
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "NUM_STREAMS": at_once,
        }
        library = openvino()
        try:
            self._compiled = library.Core().compile_model(str(path), "CPU", settings)
        except RuntimeError as error:
            fact = str(error).strip().splitlines()[-1]
            raise BundleInvalid(f"{path}: OpenVINO cannot run it ({fact}); export the bundle anew") from error
        self.takes, self.gives = (
            tuple(each.get_any_name() for each in ends) for ends in (self._compiled.inputs, self._compiled.outputs)
        )
        self._own = threading.local()

    @property
    def reckons_in(self) -> str:
        """The numbers that the machine really reckons in, as the library names them."""
        return str(self._compiled.get_property("INFERENCE_PRECISION_HINT").to_string())

    def run(self, given: Sequence[Any]) -> list[Any]:
        """From inputs to outputs, arrays or the library's tensors; these are the calling thread's, and stand until it
        asks again."""
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        request = self._own.request
        request.infer(list(given))
        return [request.get_output_tensor(index) for index in range(len(self.gives))]


class OpenVinoEngine:
    """A network as one graph, or as parts that run one after the other."""

    def __init__(self, graph: Path, precision: Precision, map_stride: int, at_once: int = 1) -> None:
        self.precision, self.map_stride = precision, map_stride
        self._parts = [OpenVinoGraph(path, each, at_once) for path, each in (*parts_of(graph), (graph, precision))]
        if self._parts[0].takes != (IMAGE,):
            raise BundleInvalid(f"{graph}: takes something else than a film; export the bundle anew")

    @cached_property
    def name(self) -> str:
        """Backend and precision: that which the machine really reckons in."""
        reckoned = SPOKEN.get(self._parts[-1].reckons_in, self.precision)
        return f"{Backend.OPENVINO} {self.precision if self.precision is Precision.INT8 else reckoned}"

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        first, *others = self._parts
        known = dict(zip(first.gives, first.run([np.ascontiguousarray(image, np.float32)[None, None]]), strict=True))
        for part in others:
            known |= zip(part.gives, part.run([known[name] for name in part.takes]), strict=True)
        return Pooled(*(known[name].data.copy() for name in self._parts[-1].gives))


def parts_of(graph: Path) -> list[tuple[Path, Precision]]:
    """What runs before a graph, in order."""
    found: list[tuple[Path, Precision]] = []
    while here := [each for each in Precision if _part(graph, len(found), each).is_file()]:
        found.append((_part(graph, len(found), here[0]), here[0]))
    return found


def _part(graph: Path, index: int, precision: Precision) -> Path:
    return graph.with_name(PART.format(number=index + 1, precision=precision))


def reckons_in_bf16() -> bool:
    """Whether this machine has bf16 units, so that bf16 is worth its rounding."""
    return "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
