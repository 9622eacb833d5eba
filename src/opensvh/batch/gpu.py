"""A network on the worker's own GPU, channels last; in fp32 unless asked, as the CPU's PyTorch engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import ConfigInvalid
from opensvh.inference.backends import MAP_STRIDE, Pooled, Values, map_stride, pooling_plan
from opensvh.inference.bundle import Bundle, BundleConfig
from opensvh.inference.export_bundle import ExportedModel, Model
from opensvh.model.pooled_network import PooledNetwork


@dataclass(frozen=True)
class DeviceEngine:
    """A trained network with its pooling on a device; only what was pooled comes back."""

    network: PooledNetwork
    config: BundleConfig
    device: torch.device
    precision: Precision

    @property
    def name(self) -> str:
        """Backend, device and precision."""
        return f"{Backend.TORCH} {self.device.type} {self.precision}"

    @property
    def map_stride(self) -> int:
        """Pixels of the picture to one of the maps for people."""
        return map_stride(self.config, MAP_STRIDE)

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        picture = torch.from_numpy(np.ascontiguousarray(image))[None, None]
        picture = picture.to(self.device, memory_format=torch.channels_last)
        is_bf16 = self.precision is Precision.BF16
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, enabled=is_bf16):
            return Pooled(*(each.float().cpu().numpy() for each in self.network(picture)))


def on_device(models: Sequence[Model], device: str, precision: Precision = Precision.FP32) -> list[Model]:
    """The trained models, run there; raises ConfigInvalid where there is no such device or a model has no weights."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigInvalid(
            "--gpu: PyTorch sees no GPU in the worker; install its CUDA build there, or leave --gpu out"
        )
    if precision is Precision.FP32:
        torch.backends.cudnn.allow_tf32 = False  # PyTorch's own choice would round convolutions to ten bits
    return [_moved(model, torch.device(device), precision) for model in models]


def _moved(model: Model, device: torch.device, precision: Precision) -> Model:
    if not isinstance(model, Bundle):
        raise ConfigInvalid(f"{model.folder}: is exported for CPUs; give --gpu the bundle it was exported from")
    network = PooledNetwork(model.network.to(device), pooling_plan(model.config, MAP_STRIDE)).eval()
    engine = DeviceEngine(network, model.config, device, precision)
    return ExportedModel(
        folder=model.folder,
        identity=model.identity,
        digest=model.digest,
        config=model.config,
        engine=engine,
        metrics=model.metrics,
        training_means=model.training_means,
    )
