"""What runs a network, and what every engine gives back.

PyTorch is the reference; the others run a graph made from it (`export_graph`) and must give the same scores. Which one
a machine uses is `backends_choice`'s. PyTorch, whose import takes seconds, is imported only where it runs something.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb, joint_class
from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Point, Size
from opensvh.inference.bundle import BundleConfig
from opensvh.targets.decode import LEAST_PIXELS, FoundJoint, MaskRadii, placed_joints, reach_px

if TYPE_CHECKING:
    import torch

    from opensvh.model.pooled_network import PoolingPlan

MAP_STRIDE = 2
"""Maps for people have at most half the picture's resolution ..."""
GRAPH_MAP_STRIDE = 4
"""... and a quarter of it where they leave a graph."""
LARGE_DISC_PX = 24.0
"""Radius of a joint's disc in pixels of the maps from which on pixels may be left out."""
Values = NDArray[np.float32]


LIBRARIES = {Backend.TORCH: "torch", Backend.OPENVINO: "openvino", Backend.ONNX: "onnxruntime"}
"""The module that each backend cannot do without."""


@dataclass(frozen=True)
class Pooled:
    """What is left of a film's maps, as arrays; see `model.pooled_network.PooledMaps`."""

    peaks: Values
    areas: Values
    middles: Values
    narrowing: Values
    erosion: Values
    maps: Values

    def joints(self, limb: Limb, config: BundleConfig) -> dict[str, FoundJoint]:
        """The limb's joints by point name, in pixels of the network's maps."""
        stride = config.model.output_stride
        size = Size(config.preprocessing.width // stride, config.preprocessing.height // stride)
        peaks = dict(enumerate(self.peaks.tolist()))
        places = enumerate(zip(self.areas.tolist(), self.middles.tolist(), strict=True))
        middles = {joint: Point(*middle) for joint, (area, middle) in places if area >= LEAST_PIXELS}
        return placed_joints(limb, peaks, middles, size, MaskRadii(*config.model.map_radii_px))

    def damage(self, limb: Limb, point: str) -> dict[Kind, NDArray[np.float64]]:
        """The distribution over the head's classes at a joint, by kind."""
        row = joint_class(limb, point)
        heads = {Kind.NARROWING: self.narrowing, Kind.EROSION: self.erosion}
        return {kind: rows[row].astype(np.float64) for kind, rows in heads.items()}


class Engine(Protocol):
    """A network ready to run, with pooling inside."""

    @property
    def name(self) -> str:
        """Backend and precision, as `openvino bf16`."""

    @property
    def map_stride(self) -> int:
        """Pixels of the picture to one of the maps for people."""

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""


@dataclass(frozen=True)
class TorchEngine:
    """PyTorch, the reference; `autocast` runs the network in bfloat16."""

    network: "torch.nn.Module"
    config: BundleConfig
    autocast: bool = False

    @property
    def name(self) -> str:
        """Backend and precision."""
        return f"{Backend.TORCH} {Precision.BF16 if self.autocast else Precision.FP32}"

    @property
    def map_stride(self) -> int:
        """Pixels of the picture to one of the maps for people."""
        return map_stride(self.config, MAP_STRIDE)

    def look(self, image: Values) -> Pooled:
        """One canonical film, float32 [height, width] in [0, 1]."""
        import torch

        from opensvh.model.pooled_network import PooledNetwork

        picture = torch.from_numpy(np.ascontiguousarray(image))[None, None].contiguous(
            memory_format=torch.channels_last
        )
        network = PooledNetwork(self.network, pooling_plan(self.config, MAP_STRIDE))
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            return Pooled(*(each.float().numpy() for each in network(picture)))


def pooling_plan(config: BundleConfig, wanted_stride: int, exact: bool = True) -> "PoolingPlan":
    """How the maps of such a model are pooled, those for people at that stride or the network's own.

    Not `exact`: of discs that are large in pixels every second one in each direction tells enough.
    """
    from opensvh.model.pooled_network import PoolingPlan

    every = map_stride(config, wanted_stride) // config.model.output_stride
    is_large = config.model.map_radii_px[0] >= LARGE_DISC_PX and every > 1 and not config.reading.mirrored_pair
    return PoolingPlan(
        mirrored_pair=config.reading.mirrored_pair,
        reach_px=reach_px(MaskRadii(*config.model.map_radii_px)),
        every=every,
        sampled=1 if exact or not is_large else 2,
    )


def map_stride(config: BundleConfig, wanted: int) -> int:
    """Pixels of the picture to one of the maps for people: as wanted, or the network's where that is coarser."""
    return max(wanted, config.model.output_stride)


def is_installed(backend: Backend) -> bool:
    """Whether this machine has the backend's library; nothing is imported for it."""
    return find_spec(LIBRARIES[backend]) is not None


def refuse_missing(module: str, purpose: str) -> None:
    """Raise ConfigInvalid, with what installs it, where a module is not there."""
    if find_spec(module) is None:
        raise ConfigInvalid(f"{purpose}: needs {module}, which is not installed; pip install 'opensvh[fast]'")
