"""ONNX Runtime: the portable backend, in fp32 and int8; its CPU kernels know no bf16."""

from pathlib import Path

import numpy as np

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.backends import Pooled, Values, refuse_missing
from opensvh.inference.threads import threads

QUIET = 3
"""Errors only."""


class OnnxEngine:
    """An .onnx graph on the CPU, on the threads that networks may take, parted among the films looked at at once."""

    def __init__(self, graph: Path, precision: Precision, map_stride: int, at_once: int = 1) -> None:
        refuse_missing("onnxruntime", "this model")
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(threads() // at_once, 1)
        options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        try:
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors share no base but this
            fact = str(error).strip().splitlines()[-1]
            raise BundleInvalid(f"{graph}: ONNX Runtime cannot run it ({fact}); export the bundle anew") from error
        self.name, self.map_stride = f"{Backend.ONNX} {precision}", map_stride

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        [given] = self._session.get_inputs()
        picture = np.ascontiguousarray(image, np.float32)[None, None]
        return Pooled(*(np.asarray(each) for each in self._session.run(None, {given.name: picture})))
