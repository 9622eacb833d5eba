"""What this machine's matrix units do at best: the floor under any network, in FLOP a second (a product and a sum: 2).

Products of matrices and convolutions of the sizes that the paper's network has; the best of all counts.
"""

import time
from collections.abc import Callable

import torch

PRODUCTS = ((2048, 2048, 2048), (8192, 1024, 256), (50176, 256, 256))
CONVOLUTIONS = ((64, 232), (128, 116), (256, 58))
"""Channels, in and out, and side of the map."""
REPEATS = 5


def matrix_rate(dtype: torch.dtype) -> float:
    """The best rate of all, FLOP/s, on as many threads as torch has."""
    rates = [2 * m * k * n / _best(_product(m, k, n, dtype)) for m, k, n in PRODUCTS]
    rates += [
        18 * channels**2 * side**2 / _best(_convolution(channels, side, dtype)) for channels, side in CONVOLUTIONS
    ]
    return max(rates)


def _product(m: int, k: int, n: int, dtype: torch.dtype) -> Callable[[], object]:
    first, second = torch.randn(m, k, dtype=dtype), torch.randn(k, n, dtype=dtype)
    return lambda: first @ second


def _convolution(channels: int, side: int, dtype: torch.dtype) -> Callable[[], object]:
    layer = torch.nn.Conv2d(channels, channels, 3, padding=1, bias=False).to(dtype, memory_format=torch.channels_last)
    maps = torch.randn(1, channels, side, side, dtype=dtype).contiguous(memory_format=torch.channels_last)
    return lambda: layer(maps)


def _best(run: Callable[[], object]) -> float:
    taken = []
    with torch.inference_mode():
        for _ in range(REPEATS + 1):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return min(taken[1:])
