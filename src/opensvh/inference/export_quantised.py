"""From a graph in fp32 to one in int8: ranges are taken from films, and what must stay exact stays in fp32.

Quantised is the network but for its first convolution, whose input has more levels than int8, its gates and its heads;
softmax and pooling stay as they are. The library is NNCF, for both kinds of graph.
"""

from collections.abc import Sequence
from pathlib import Path

from opensvh.domain.backends import Backend
from opensvh.inference.backends import Values, refuse_missing
from opensvh.inference.backends_openvino import openvino, silence_telemetry

KEPT = (
    r"^(?!/network/).*",
    r"^/network/heads/.*",
    r"^/network/encoder/_conv_stem/.*",
    r"^/network/encoder/.*/_se_.*",
    r"^/network/decoder/stages\.3.*",
)
"""Names of nodes that stay in fp32: what is not the network, its heads, its first convolution, its gates, its finest
stage."""


def quantise(graph: Path, backend: Backend, pictures: Sequence[Values]) -> None:
    """Turn a graph's file into its int8 version, ranges taken from canonical films [height, width].

    Memory: the pictures, a few copies of the weights, and the maps of one picture; the statistics are a few numbers a
    channel and picture.
    """
    silence_telemetry()
    refuse_missing("nncf", "int8")
    import nncf

    nncf.set_log_level("ERROR")
    if backend is Backend.OPENVINO:
        _quantise_openvino(graph, pictures)
    else:
        _quantise_onnx(graph, pictures)


def _quantise_openvino(graph: Path, pictures: Sequence[Values]) -> None:
    import nncf

    library = openvino()
    model = library.Core().read_model(str(graph))
    dataset = nncf.Dataset(pictures, lambda picture: picture[None, None])
    quantised = nncf.quantize(model, dataset, subset_size=len(pictures), **_settings())
    # The model read maps its weights from the file: it is written beside it and then put in its place.
    beside = graph.with_name("quantised.xml")
    library.save_model(quantised, str(beside), compress_to_fp16=False)
    del model, quantised
    for suffix in (".xml", ".bin"):
        beside.with_suffix(suffix).replace(graph.with_suffix(suffix))


def _quantise_onnx(graph: Path, pictures: Sequence[Values]) -> None:
    import nncf
    import onnx

    model = onnx.load(str(graph))
    dataset = nncf.Dataset(pictures, lambda picture: {"image": picture[None, None]})
    quantised = nncf.quantize(model, dataset, subset_size=len(pictures), **_settings())
    onnx.save(quantised, str(graph))


def _settings() -> dict[str, object]:
    import nncf

    return {
        "preset": nncf.QuantizationPreset.MIXED,  # SiLU's values lie to one side of zero
        "fast_bias_correction": True,
        "ignored_scope": nncf.IgnoredScope(patterns=list(KEPT), validate=False),
    }
