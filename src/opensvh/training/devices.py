"""One model on several devices: Lightning's DDP, dealt so that the result is that of one device.

Each step's `accumulate` batches are shared; gradients are averaged by DDP. Statistics of batch normalisation are joined
here as if one device had seen all batches in their order: DDP would keep those of the first device alone.
"""

from typing import Any

import torch
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


def is_leader() -> bool:
    """Whether this process is the one that writes; true of every process that trains alone."""
    return int(getattr(rank_zero_only, "rank", 0) or 0) == 0


def strategy_of(devices: int) -> Any:
    """Lightning's strategy: DDP for several devices, over gloo where they are CPU processes."""
    if devices == 1:
        return "auto"
    backend = None if torch.cuda.is_available() else "gloo"
    return DDPStrategy(process_group_backend=backend, broadcast_buffers=False)


class JoinedStatistics:
    """Running means and variances of a network, made the same on all devices after each step.

    With momentum m one batch moves a statistic r to (1 - m) r + m s. A device that saw `batches` of a step holds
    q r + (what they added), q = (1 - m) ** batches; added up in the devices' order they are what one device would hold.
    """

    def __init__(self, network: nn.Module, batches: int) -> None:
        self._layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
        self._batches = batches
        self._before = self._stored()

    def join(self) -> None:
        """After a step, on all devices at once."""
        now = self._stored()
        of_all = [torch.empty_like(now) for _ in range(distributed.get_world_size())]
        distributed.all_gather(of_all, now)
        kept = self._kept()
        joined = self._before
        for each in of_all:
            joined = kept * joined + (each - kept * self._before)
        self._restore(joined)
        self._before = joined
        for layer in self._layers:
            assert layer.num_batches_tracked is not None
            layer.num_batches_tracked += (len(of_all) - 1) * self._batches

    def _kept(self) -> Tensor:
        """What is left of each statistic after a device's batches of a step."""
        shares = [
            torch.full_like(each, (1 - _momentum(layer)) ** self._batches)
            for layer in self._layers
            for each in _of(layer)
        ]
        return torch.cat([each.flatten() for each in shares])

    def _stored(self) -> Tensor:
        return torch.cat([each.detach().flatten() for layer in self._layers for each in _of(layer)])

    def _restore(self, joined: Tensor) -> None:
        place = 0
        with torch.no_grad():
            for layer in self._layers:
                for each in _of(layer):
                    each.copy_(joined[place : place + each.numel()].view_as(each))
                    place += each.numel()


def _momentum(layer: _BatchNorm) -> float:
    if layer.momentum is None:
        raise ValueError("a layer of batch normalisation averages without momentum")
    return layer.momentum


def _of(layer: _BatchNorm) -> tuple[Tensor, Tensor]:
    assert layer.running_mean is not None
    assert layer.running_var is not None
    return layer.running_mean, layer.running_var
