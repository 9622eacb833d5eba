"""Where a graph's time goes, and what bounds it: `python benchmarks/layers.py GRAPH.xml`.

For each kind of layer of an OpenVINO graph: time in it, products and sums (2 each), bytes that it reads and writes, and
the least time that these allow: the greater of work over the best rate of its units and bytes over the memory's rate,
both measured here (`matrix_rate`, a copy of large arrays). Matrix units do 1x1 and dense convolutions, vector units
depthwise ones, and the rest is moving. Writes benchmarks/results.json under `layers`.
"""

import argparse
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matrix_rate import matrix_rate

from opensvh.cli.options import tune_malloc
from opensvh.inference.backends_openvino import openvino
from opensvh.inference.threads import threads, use_threads

RESULTS = Path(__file__).parent / "results.json"
COPIED_BYTES = 400_000_000
MATRIX, VECTOR = "matrix units", "vector units"
UNITS = {"1x1": MATRIX, "dense": MATRIX, "transposed": MATRIX, "depthwise": VECTOR}
"""What does the work of a kind of layer; other kinds only move numbers."""


@dataclass
class Kind:
    """Sums over the layers of a kind; `least` is what bounds them, layer by layer, in seconds."""

    layers: int = 0
    seconds: float = 0.0
    flops: float = 0.0
    moved: float = 0.0
    least: float = 0.0


def main() -> None:
    """Measure the machine, run the graph, print and write."""
    asked = _arguments()
    tune_malloc()
    use_threads(asked.threads)
    dtype = torch.bfloat16 if asked.precision == "bf16" else torch.float32
    rates = {MATRIX: matrix_rate(dtype), VECTOR: matrix_rate(torch.float32)}
    memory = _memory_rate()
    kinds = _measured(asked, rates, memory)
    figures = {
        "graph": asked.graph.parent.parent.name,
        "matrix_tflops": round(rates[MATRIX] / 1e12, 3),
        "vector_tflops": round(rates[VECTOR] / 1e12, 3),
        "memory_gb_s": round(memory / 1e9, 1),
        "seconds": round(sum(kind.seconds for kind in kinds.values()), 4),
        "least_seconds": round(sum(kind.least for kind in kinds.values()), 4),
        "kinds": {name: _row(kind) for name, kind in sorted(kinds.items(), key=lambda item: -item[1].seconds)},
    }
    print(json.dumps(figures, indent=1))
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, "layers": figures}, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=threads())
    return parser.parse_args()


def _memory_rate() -> float:
    """Bytes a second, read and written, of copies that no cache holds."""
    one = torch.zeros(COPIED_BYTES // 4)
    other = torch.empty_like(one)
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        other.copy_(one)
        taken.append(time.perf_counter() - start)
    return 2 * COPIED_BYTES / min(taken[1:])


def _measured(asked: argparse.Namespace, rates: dict[str, float], memory: float) -> dict[str, Kind]:
    core = openvino().Core()
    model = core.read_model(str(asked.graph))
    work = dict(_work_of(node) for node in model.get_ordered_ops() if "Convolution" in node.get_type_name())
    hint = {"fp32": "f32", "bf16": "bf16"}[asked.precision]
    settings = {
        "INFERENCE_PRECISION_HINT": hint,
        "INFERENCE_NUM_THREADS": asked.threads,
        "NUM_STREAMS": 1,
        "PERF_COUNT": True,
    }
    compiled = core.compile_model(model, "CPU", settings)
    request = compiled.create_infer_request()
    given = [np.random.default_rng(0).random(tuple(each.shape), dtype=np.float32) for each in compiled.inputs]
    for _ in range(asked.repeats):
        request.infer(given)
    kinds: dict[str, Kind] = defaultdict(Kind)
    for node in compiled.get_runtime_model().get_ordered_ops():
        facts = {name: _text(value) for name, value in node.get_rt_info().items()}
        taken = facts.get("execTimeMcs", "not_executed")
        if not taken.isdecimal():
            continue
        names = facts.get("originalLayersNames", "").split(",")
        name, flops = next((work[each] for each in names if each in work), (facts.get("layerType", "?"), 0.0))
        moved = _bytes(node)
        kind = kinds[name]
        kind.layers += 1
        kind.seconds += float(taken) / 1e6
        kind.flops += flops
        kind.moved += moved
        kind.least += max(flops / rates[UNITS.get(name, VECTOR)], moved / memory)
    return kinds


def _work_of(node: Any) -> tuple[str, tuple[str, float]]:
    """A convolution's name, kind and FLOP."""
    kernel, out = tuple(node.input(1).get_partial_shape().to_shape()), node.output(0).get_shape()
    spatial = kernel[-1] * kernel[-2]
    if node.get_type_name() == "GroupConvolution":
        kind, per_pixel = "depthwise", kernel[2] * spatial
    elif node.get_type_name() == "ConvolutionBackpropData":
        kind, per_pixel = "transposed", kernel[0]  # stride 2, kernel 2: one tap a pixel
    else:
        kind, per_pixel = ("1x1" if spatial == 1 else "dense"), kernel[1] * spatial
    return node.get_friendly_name(), (kind, 2.0 * per_pixel * float(np.prod(out)))


def _bytes(node: Any) -> float:
    ends = [*(each.get_source_output() for each in node.inputs()), *node.outputs()]
    return float(sum(np.prod(end.get_shape()) * end.get_element_type().size for end in ends))


def _text(value: Any) -> str:
    return str(value.value if hasattr(value, "value") else value)


def _row(kind: Kind) -> dict[str, float]:
    return {
        "layers": kind.layers,
        "ms": round(1e3 * kind.seconds, 1),
        "gflop": round(kind.flops / 1e9, 2),
        "mb": round(kind.moved / 1e6, 1),
        "gflop_s": round(kind.flops / max(kind.seconds, 1e-9) / 1e9, 1),
        "gb_s": round(kind.moved / max(kind.seconds, 1e-9) / 1e9, 1),
        "least_ms": round(1e3 * kind.least, 1),
    }


if __name__ == "__main__":
    main()
