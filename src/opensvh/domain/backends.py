"""The names of what runs a network, and in which numbers. How it is run is `inference.backends`'."""

from enum import StrEnum


class Backend(StrEnum):
    """Libraries that run networks; PyTorch is the reference, which the others must equal."""

    TORCH = "torch"
    OPENVINO = "openvino"
    ONNX = "onnx"


class Precision(StrEnum):
    """In which numbers a network is reckoned."""

    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"


class Choice(StrEnum):
    """What a user may ask for: one of the backends, or the fastest that the machine runs."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"
    ONNX = "onnx"

    @property
    def backend(self) -> Backend | None:
        """The backend named; None where the choice is the machine's."""
        return None if self is Choice.AUTO else Backend(self.value)
