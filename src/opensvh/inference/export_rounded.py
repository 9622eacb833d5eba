"""Weights rounded to bf16 so that the network gives what it gave: the rounding is chosen, not only the nearest.

Rounded each to its nearest, weights were three quarters of bf16's difference: they err alike at every pixel, and no
mean over a joint's disc takes that away. Here each weight's error is made good by those that are rounded after it, as
far as their inputs go together on calibration films (Frantar et al. 2023, GPTQ, on bf16's numbers), and what is left of
the mean by the bias. It costs nothing when the network runs.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from opensvh.inference.backends import Values
from opensvh.model.network import SvHNet

SAMPLED_PIXELS = 1024
"""So many places of each picture tell how a layer's inputs go together."""
DAMPED = 0.01
"""Added to the inputs' variances, of their mean: what keeps rare inputs from being taken for none."""
FEW_INPUTS = 49
"""Depthwise convolutions, whose rounding made nearly all of the difference, and the first have so few inputs an output;
with more of them the nearest is near enough, and the bias mends its mean."""


def rounded_to_bf16(network: SvHNet, pictures: Iterable[Values]) -> SvHNet:
    """A copy whose convolutions have normalisation inside and weights that bf16 can hold; `pictures` are canonical
    films [height, width] that it is calibrated on."""
    own = folded(network)
    inputs = _seen(own, pictures)
    for convolution, seen in inputs.items():
        _round(convolution, seen)
    return own


def folded(network: SvHNet) -> SvHNet:
    """A copy with each batch normalisation in the weights of the convolution before it: the same function."""
    own = copy.deepcopy(network).eval()
    for parent, convolution, norm in _pairs(own):
        fused = fuse_conv_bn_eval(getattr(parent, convolution), getattr(parent, norm))
        setattr(parent, convolution, fused)
        setattr(parent, norm, nn.Identity())
    return own


def _pairs(network: nn.Module) -> Iterator[tuple[nn.Module, str, str]]:
    """Where a convolution's output goes to a normalisation alone: by the order in which modules were made."""
    for parent in network.modules():
        names = [name for name, child in parent.named_children() if isinstance(child, nn.Conv2d | nn.BatchNorm2d)]
        kinds = [isinstance(getattr(parent, name), nn.Conv2d) for name in names]
        for (first, is_convolution), (second, is_second) in zip(
            zip(names, kinds, strict=True), list(zip(names, kinds, strict=True))[1:], strict=False
        ):
            if is_convolution and not is_second:
                yield parent, first, second


@dataclass
class _Inputs:
    """What a convolution was given, summed: how often, each input [groups, inputs], and products of those that go to
    one output [groups, inputs, inputs] where there are few."""

    count: int
    sums: NDArray[np.float64]
    products: NDArray[np.float64] | None

    @classmethod
    def none_yet(cls, convolution: nn.Conv2d) -> "_Inputs":
        groups, inputs = convolution.groups, convolution.weight[0].numel()
        return cls(0, np.zeros((groups, inputs)), np.zeros((groups, inputs, inputs)) if inputs <= FEW_INPUTS else None)

    def add(self, seen: NDArray[np.float32]) -> None:
        """[groups, places, inputs]."""
        self.count += seen.shape[1]
        self.sums += seen.sum(axis=1, dtype=np.float64)
        if self.products is not None:
            self.products += seen.transpose(0, 2, 1) @ seen

    @property
    def means(self) -> NDArray[np.float64]:
        return self.sums / self.count

    def variances(self, group: int) -> NDArray[np.float64] | None:
        """How the inputs of a group vary together; None where that was not looked at, or they do not vary."""
        if self.products is None:
            return None
        mean = self.means[group]
        found = self.products[group] / self.count - np.outer(mean, mean)
        spread = float(np.diag(found).mean())
        return found + DAMPED * spread * np.eye(len(mean)) if spread > 0 else None


def _seen(network: SvHNet, pictures: Iterable[Values]) -> dict[nn.Conv2d, _Inputs]:
    """Inputs of every convolution but transposed ones, at places drawn evenly."""
    rng = np.random.default_rng(0)
    found = {module: _Inputs.none_yet(module) for module in network.modules() if isinstance(module, nn.Conv2d)}

    def look(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        if isinstance(module, nn.Conv2d):
            found[module].add(_sample(module, given[0], rng))

    hooks = [module.register_forward_pre_hook(look) for module in found]
    with torch.inference_mode():
        for picture in pictures:
            network(torch.from_numpy(np.ascontiguousarray(picture))[None, None])
    for hook in hooks:
        hook.remove()
    return found


def _sample(convolution: nn.Conv2d, given: Tensor, rng: np.random.Generator) -> NDArray[np.float32]:
    """What goes into one pixel of the output, [groups, places, inputs of a group], at places drawn."""
    (down, across), (rows, columns) = convolution.kernel_size, given.shape[-2:]
    places = min(SAMPLED_PIXELS, rows * columns)
    top = rng.integers(0, max(rows - down, 0) + 1, places)
    left = rng.integers(0, max(columns - across, 0) + 1, places)
    y = torch.from_numpy(top)[:, None, None] + torch.arange(min(down, rows))[:, None]
    x = torch.from_numpy(left)[:, None, None] + torch.arange(min(across, columns))
    seen = given[0][:, y, x]  # [channels, places, down, across]
    by_group = seen.reshape(convolution.groups, -1, *seen.shape[1:]).movedim(2, 1)
    return np.ascontiguousarray(by_group.flatten(2).float())


def _round(convolution: nn.Conv2d, inputs: _Inputs) -> None:
    """Round the weights, and set the bias so that the mean output stays."""
    weights = convolution.weight.detach().double().numpy()
    groups = convolution.groups
    apart = weights.reshape(groups, weights.shape[0] // groups, -1)
    rounded = np.stack([_rounded(each, inputs.variances(group)) for group, each in enumerate(apart)])
    left = np.einsum("goi,gi->go", apart - rounded, inputs.means).ravel()
    with torch.no_grad():
        convolution.weight.copy_(torch.from_numpy(rounded.reshape(weights.shape)))
        if convolution.bias is None:
            convolution.bias = nn.Parameter(torch.zeros(len(left)), requires_grad=False)
        convolution.bias += torch.from_numpy(left).to(convolution.bias.dtype)


def _rounded(weights: NDArray[np.float64], variances: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Weights [outputs, inputs] rounded one input after the other; each error goes to the inputs that are left, as far
    as they vary with it. To the nearest where nothing is known of that."""
    if variances is None:
        return _nearest(weights)
    order = np.argsort(-np.diag(variances))
    upper = np.linalg.cholesky(np.linalg.inv(variances[np.ix_(order, order)])).T
    left, done = weights[:, order].copy(), np.empty_like(weights)
    for index, scale in enumerate(np.diag(upper)):
        done[:, index] = _nearest(left[:, index])
        error = (left[:, index] - done[:, index]) / scale
        left[:, index + 1 :] -= error[:, None] * upper[index, index + 1 :]
    back = np.empty_like(done)
    back[:, order] = done
    return back


def _nearest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(torch.from_numpy(values).to(torch.bfloat16).double())
