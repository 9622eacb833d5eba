"""Rounded to bf16 a network gives nearly what it gave: rounding errors cancel over the inputs that go together."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from opensvh.inference.bundle import Bundle
from opensvh.inference.export_rounded import _nearest, _rounded, folded, rounded_to_bf16


def pictures(count: int, seed: int) -> list[NDArray[np.float32]]:
    """Smooth ones, as films are: neighbouring pixels go together."""
    rng = np.random.default_rng(seed)
    noise = torch.from_numpy(rng.random((count, 1, 96, 64), dtype=np.float32))
    smooth = nn.functional.avg_pool2d(noise, 9, stride=1, padding=4)
    return [each[0].numpy() for each in 0.5 + 3 * (smooth - 0.5)]


def test_a_folded_network_is_the_same_function(small: Bundle) -> None:
    picture = torch.from_numpy(pictures(1, 0)[0])[None, None]
    own = folded(small.network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in own.modules())
    assert any(isinstance(module, nn.BatchNorm2d) for module in small.network.modules())
    with torch.inference_mode():
        for one, other in zip(small.network(picture), own(picture), strict=True):
            assert torch.allclose(one, other, atol=1e-3, rtol=1e-3)


def test_every_convolution_gets_weights_that_bf16_holds(small: Bundle) -> None:
    own = rounded_to_bf16(small.network, pictures(2, 1))
    convolutions = [module for module in own.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) > 80
    assert all(torch.equal(each.weight, each.weight.bfloat16().float()) for each in convolutions)


def test_a_rounded_layer_errs_less_than_the_nearest_on_inputs_that_go_together() -> None:
    rng = np.random.default_rng(4)
    common = rng.normal(size=(4000, 1))
    seen = common + 0.1 * rng.normal(size=(4000, 9))
    weights = rng.normal(size=(20, 9))
    variances = np.cov(seen, rowvar=False)

    def error(rounded: NDArray[np.float64]) -> float:
        return float(np.sqrt(np.mean((seen @ (weights - rounded).T) ** 2)))

    chosen = _rounded(weights, variances)
    assert np.array_equal(chosen, _nearest(chosen))
    assert error(chosen) < error(_nearest(weights)) / 3


def test_without_knowledge_of_the_inputs_the_nearest_is_taken() -> None:
    weights = np.random.default_rng(5).normal(size=(3, 7))
    assert np.array_equal(_rounded(weights, None), _nearest(weights))
    assert _nearest(np.array([1 + 2**-9])) == pytest.approx(1.0, abs=1e-12)
