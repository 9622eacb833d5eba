"""From a bundle's network to a graph that other libraries run: a canonical film goes in, `PooledMaps` come out.

The network is traced at its bundle's picture size into ONNX; OpenVINO's own format is made from that.
"""

import re
import warnings
from pathlib import Path
from typing import Any

import torch

from opensvh.domain.backends import Backend
from opensvh.inference.backends import GRAPH_MAP_STRIDE, pooling_plan
from opensvh.inference.backends_openvino import BEGINNING, openvino
from opensvh.inference.bundle import Bundle, BundleConfig
from opensvh.model.network import SvHNet
from opensvh.model.pooled_network import OUTPUTS, PooledNetwork

OPSET = 17
"""What ONNX Runtime 1.13 (2022) and later read; nothing newer is needed."""
GRAPHS = {Backend.OPENVINO: "graph.xml", Backend.ONNX: "graph.onnx"}
"""The graph's file in a bundle; OpenVINO's weights lie beside it in graph.bin."""

FIRST_BLOCK = re.compile(r"/network/encoder/_blocks\.0/_blocks\.0\.0/_project_conv/Conv")


def write_graph(folder: Path, bundle: Bundle, backend: Backend, exact: bool = True) -> Path:
    """Write the network in fp32 for a backend into a folder; returns the graph's file. Some ten seconds.

    Not `exact`: pixels of large maps may be left out (`backends.pooling_plan`).
    """
    traced = folder / GRAPHS[Backend.ONNX]
    _trace(bundle.network, bundle.config, traced, exact)
    if backend is Backend.ONNX:
        return traced
    library = openvino()
    graph = folder / GRAPHS[backend]
    library.save_model(library.Core().read_model(str(traced)), str(graph), compress_to_fp16=False)
    traced.unlink()
    return graph


def part_beginning(graph: Path) -> Path:
    """Part the encoder's first block from an OpenVINO graph, into a graph of its own beside it, which is returned."""
    library = openvino()
    core, beginning = library.Core(), graph.with_name(BEGINNING)
    first = core.read_model(str(graph))
    block = library.Model([_first_block(first)], first.get_parameters(), "beginning")
    library.save_model(block, str(beginning), compress_to_fp16=False)
    rest = core.read_model(str(graph))
    output = _first_block(rest)
    begun = library.opset13.parameter(output.get_partial_shape(), library.Type.f32, name="begun")
    for taker in list(output.get_target_inputs()):
        taker.replace_source_output(begun.output(0))
    # The model read maps its weights from the file: it is written beside it and then put in its place.
    beside = graph.with_name("rest.xml")
    library.save_model(library.Model(rest.get_results(), [begun], "rest"), str(beside), compress_to_fp16=False)
    del rest, first, block, output, begun
    for suffix in (".xml", ".bin"):
        beside.with_suffix(suffix).replace(graph.with_suffix(suffix))
    return beginning


def _first_block(model: Any) -> Any:
    *_, last = (node for node in model.get_ordered_ops() if FIRST_BLOCK.fullmatch(node.get_friendly_name()))
    return last.output(0)


def _trace(own: SvHNet, config: BundleConfig, path: Path, exact: bool) -> None:
    shape = config.preprocessing
    network = PooledNetwork(own, pooling_plan(config, GRAPH_MAP_STRIDE, exact)).eval()
    with torch.inference_mode(), warnings.catch_warnings():
        # The tracer warns of every shape it takes for a constant; here all are.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(1, 1, shape.height, shape.width),),
            str(path),
            dynamo=False,  # the other exporter wants onnxscript and gives the same graph
            opset_version=OPSET,
            input_names=["image"],
            output_names=list(OUTPUTS),
        )
