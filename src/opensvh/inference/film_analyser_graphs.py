"""The film analyser's networks as OpenVINO graphs, made once from the shipped weights and kept in the user's cache.

With them a film is read without PyTorch, whose import takes longer than the film. In fp32: they answer as the weights
do in PyTorch (`film_analyser_bundle`).
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opensvh.domain.backends import Backend, Choice, Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid
from opensvh.inference.backends import is_installed, refuse_missing
from opensvh.inference.backends_openvino import OpenVinoGraph, openvino
from opensvh.inference.bundle_folder import verified_sums, write_sealed
from opensvh.inference.film_analyser_bundle import SHIPPED, AnalyserHeader, Pictures, load_analyser, verified_header
from opensvh.inference.film_analysis import LOOKS, LimbNetworks
from opensvh.inference.graph_cache import graph_folder

if TYPE_CHECKING:
    from torch import nn

FINDER, LOOK = "finder.xml", "look.xml"
OPSET = 17
EDITION = 1
"""Of what is in the graphs beside the weights: raised where that changes, so that old ones are not taken."""


def load_networks(choice: Choice | None = None, at_once: int = 1) -> LimbNetworks:
    """The shipped film analyser on what runs it: OpenVINO where it is chosen, or is there and all is left to the
    machine; else PyTorch. `at_once`: films that will be looked at at the same time.

    Raises BundleInvalid where the shipped weights are damaged, ConfigInvalid where what is chosen is not installed.
    """
    if choice is Choice.OPENVINO:
        return load_graphs(at_once)
    if choice is Choice.AUTO and is_installed(Backend.OPENVINO):
        try:
            return load_graphs(at_once)
        except (ConfigInvalid, OSError):  # nothing to export with, or a cache that cannot be written
            pass
    return load_analyser()


@dataclass(frozen=True)
class AnalyserGraphs:
    """Both networks, ready to run; as `film_analyser_bundle.AnalyserBundle`."""

    header: AnalyserHeader
    finder: OpenVinoGraph
    look: OpenVinoGraph

    def maps(self, pictures: Pictures) -> Pictures:
        """Maps of limbs [8, 12, side / 8, side / 8] of pictures [8, 1, side, side], as probabilities."""
        [maps] = self.finder.run([np.ascontiguousarray(pictures)])
        return np.asarray(maps.data.copy(), np.float32)

    def answers(self, picture: Pictures) -> Pictures:
        """What a cut-out [side, side] shows, read both ways round: flags as probabilities, then the direction [8]."""
        [answers] = self.look.run([np.ascontiguousarray(picture)[None, None]])
        return np.asarray(answers.data[0].copy(), np.float32)


def load_graphs(at_once: int = 1, folder: Path = SHIPPED) -> AnalyserGraphs:
    """The graphs from the cache, made now where they are not there or not whole."""
    header = verified_header(folder)
    ready = graph_folder(f"{header.weights_sha256[:24]}-analyser-{EDITION}")
    try:
        verified_sums(ready, (FINDER, LOOK))
    except BundleInvalid:
        _make_ready(folder, ready)
    finder, look = (OpenVinoGraph(ready / name, Precision.FP32, at_once) for name in (FINDER, LOOK))
    return AnalyserGraphs(header, finder, look)


def _make_ready(folder: Path, ready: Path) -> None:
    from opensvh.model.film_analyser import Probabilities
    from opensvh.model.limb_look import BothWays

    refuse_missing("onnx", "the film analyser for OpenVINO")  # PyTorch's exporter asks for it
    library = openvino()
    bundle = load_analyser(folder)

    def fill(partial: Path) -> None:
        side = bundle.header.model.side_px
        _write(library, Probabilities(bundle.network).eval(), (len(LOOKS), 1, side, side), partial / FINDER)
        side = bundle.header.look.side_px
        _write(library, BothWays(bundle.look).eval(), (1, 1, side, side), partial / LOOK)

    write_sealed(ready, fill)


def _write(library: object, network: "nn.Module", shape: tuple[int, ...], path: Path) -> None:
    import torch

    traced = path.with_suffix(".onnx")
    with torch.inference_mode(), warnings.catch_warnings():
        # The tracer warns of every shape it takes for a constant; here all are.
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(shape),), str(traced), dynamo=False, opset_version=OPSET)
    library.save_model(library.Core().read_model(str(traced)), str(path), compress_to_fp16=False)  # type: ignore[attr-defined]
    traced.unlink()
