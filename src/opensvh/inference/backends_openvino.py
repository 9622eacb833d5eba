"""OpenVINO: the fastest backend on CPUs from Intel and AMD, and the only one with bf16 matrix units.

Its usage reports are switched off before it is imported: nothing here calls out.
"""

import sys
import threading
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.backends import Pooled, Values, refuse_missing

HINTS = {Precision.FP32: "f32", Precision.BF16: "bf16", Precision.INT8: "f32"}
"""What is not quantised in an int8 graph stays in fp32."""
BEGINNING = "beginning.xml"
"""Beside a graph in bf16: the encoder's first block, which stays in fp32. Large even areas of a film are rounded alike
there, and what is so lost no mean over pixels brings back (a third of the difference in scores)."""
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


class OpenVinoEngine:
    """A graph (.xml or .onnx) on the CPU, on as many threads as PyTorch would take; several threads may ask at once."""

    def __init__(self, graph: Path, precision: Precision, map_stride: int, at_once: int = 1) -> None:
        self.precision, self.map_stride = precision, map_stride
        beginning = graph.with_name(BEGINNING)
        steps = [(beginning, "f32")] if beginning.is_file() else []
        self._steps = [_compiled(path, hint, at_once) for path, hint in (*steps, (graph, HINTS[precision]))]
        self._own = threading.local()

    @cached_property
    def name(self) -> str:
        """Backend and precision: that which the machine really reckons in."""
        hint = self._steps[-1].get_property("INFERENCE_PRECISION_HINT").to_string()
        reckoned = self.precision if self.precision is Precision.INT8 else SPOKEN.get(hint, self.precision)
        return f"{Backend.OPENVINO} {reckoned}"

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        given: Any = np.ascontiguousarray(image, np.float32)[None, None]
        for request in self._requests():
            request.infer([given])
            given = request.get_output_tensor(0)
        outputs = range(len(self._steps[-1].outputs))
        return Pooled(*(request.get_output_tensor(index).data.copy() for index in outputs))

    def _requests(self) -> list[Any]:
        """The calling thread's own."""
        if not hasattr(self._own, "requests"):
            self._own.requests = [step.create_infer_request() for step in self._steps]
        return list(self._own.requests)


def reckons_in_bf16() -> bool:
    """Whether this machine has bf16 units, so that bf16 is worth its rounding."""
    return "BF16" in openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _compiled(graph: Path, hint: str, at_once: int) -> Any:
    settings = {
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "INFERENCE_PRECISION_HINT": hint,
        "NUM_STREAMS": at_once,
    }
    try:
        return openvino().Core().compile_model(str(graph), "CPU", settings)
    except RuntimeError as error:
        fact = str(error).strip().splitlines()[-1]
        raise BundleInvalid(f"{graph}: OpenVINO cannot run it ({fact}); export the bundle anew") from error
