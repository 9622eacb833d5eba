"""From a bundle's network to a graph that other libraries run: a canonical film goes in, `PooledMaps` come out.

The network is traced at its bundle's picture size into ONNX; OpenVINO's own format is made from that.
"""

import warnings
from pathlib import Path

import torch

from opensvh.domain.backends import Backend
from opensvh.inference.backends import GRAPH_MAP_STRIDE, pooling_plan
from opensvh.inference.backends_openvino import IMAGE, openvino
from opensvh.inference.bundle import Bundle, BundleConfig
from opensvh.model.network import SvHNet
from opensvh.model.pooled_network import OUTPUTS, PooledNetwork

OPSET = 17
"""What ONNX Runtime 1.13 (2022) and later read; nothing newer is needed."""
GRAPHS = {Backend.OPENVINO: "graph.xml", Backend.ONNX: "graph.onnx"}
"""The graph's file in a bundle; OpenVINO's weights lie beside it in graph.bin."""


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
            input_names=[IMAGE],
            output_names=list(OUTPUTS),
        )
