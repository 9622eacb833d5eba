"""OpenVINO: the fastest backend on CPUs from Intel and AMD, and the only one with bf16 matrix units.

Its usage reports are switched off before it is imported: nothing here calls out.
"""

import sys
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
    """A graph (.xml or .onnx) on the CPU, one film at a time, on as many threads as PyTorch would take."""

    def __init__(self, graph: Path, precision: Precision, map_stride: int) -> None:
        self.graph, self.precision, self.map_stride = graph, precision, map_stride
        library = openvino()
        settings = {
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
        }
        try:
            self._compiled: Any = library.Core().compile_model(str(graph), "CPU", settings)
        except RuntimeError as error:
            fact = str(error).strip().splitlines()[-1]
            raise BundleInvalid(f"{graph}: OpenVINO cannot run it ({fact}); export the bundle anew") from error
        self._request: Any = self._compiled.create_infer_request()

    @cached_property
    def name(self) -> str:
        """Backend and precision: that which the machine really reckons in."""
        hint = self._compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        reckoned = self.precision if self.precision is Precision.INT8 else SPOKEN.get(hint, self.precision)
        return f"{Backend.OPENVINO} {reckoned}"

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        self._request.infer([np.ascontiguousarray(image, np.float32)[None, None]])
        outputs = range(len(self._compiled.outputs))
        return Pooled(*(self._request.get_output_tensor(index).data.copy() for index in outputs))
