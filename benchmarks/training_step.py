"""How much faster a training step is with depthwise convolutions in fp32: `python benchmarks/training_step.py`.

Network, picture and batch are `compact`'s, under bf16. Repeats are interleaved, so that a busy machine slows both; the
ratio of the medians goes to benchmarks/results.json.
"""

import json
import time
from pathlib import Path
from statistics import median
from unittest.mock import patch

import torch
from torch import nn

from opensvh.model.depthwise import DepthwiseConv2d
from opensvh.model.network import SvHNet, channels_last
from opensvh.training.config import load_preset

RESULTS = Path(__file__).parent / "results.json"
REPEATS, WARM_UP = 7, 2


def step_seconds(network: SvHNet, image: torch.Tensor) -> float:
    """One forward and backward."""
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16):
        loss = torch.stack([logits.float().square().mean() for logits in network(image)]).sum()
    loss.backward()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print both, and write the ratio."""
    preset = load_preset("compact")
    network = channels_last(SvHNet(preset.model)).train()
    shape = preset.preprocessing
    image = torch.rand(preset.training.batch_size, 1, shape.height, shape.width)
    seconds: dict[str, list[float]] = {"bf16": [], "fp32": []}
    for _ in range(WARM_UP + REPEATS):
        with patch.object(DepthwiseConv2d, "forward", nn.Conv2d.forward):
            seconds["bf16"].append(step_seconds(network, image))
        seconds["fp32"].append(step_seconds(network, image))
    medians = {name: median(taken[WARM_UP:]) for name, taken in seconds.items()}
    ratio = medians["bf16"] / medians["fp32"]
    print(f"depthwise in bf16 {medians['bf16']:.2f} s, in fp32 {medians['fp32']:.2f} s, {ratio:.2f} times faster")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["training_step"] = {"ratio": round(ratio, 2), "seconds_now": round(medians["fp32"], 3)}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
