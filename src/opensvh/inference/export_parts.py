"""An OpenVINO graph as parts that run one after the other, so that each may have its own precision.

OpenVINO knows one precision a graph. Where all but a few blocks of a network bear bf16, those are parts of their own,
in fp32, and what crosses from one part to another is in fp32.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensvh.domain.backends import Precision
from opensvh.inference.backends_openvino import PART, openvino

BLOCK = re.compile(r"/network/encoder/_blocks\.\d+/_blocks\.\d+\.(\d+)/(?:Add|_project_conv/Conv)")
"""What a block of the encoder ends with: the sum with its short way, where it has one, else its last convolution."""


@dataclass(frozen=True)
class Part:
    """Nodes up to and with that named `end` (None: all), without those of the parts before."""

    end: str | None
    precision: Precision


def planned(graph: Path, in_fp32: Sequence[int], other: Precision) -> list[Part]:
    """Parts of a network's graph: the encoder's blocks of these numbers in fp32, the rest otherwise."""
    ends = _block_ends(openvino().Core().read_model(str(graph)))
    found: list[Part] = []
    for number, end in ends.items():
        precision = Precision.FP32 if number in in_fp32 else other
        if found and found[-1].precision is precision:
            found.pop()
        found.append(Part(end, precision))
    if found and found[-1].precision is other:
        found.pop()
    return [*found, Part(None, other)]


def write_parts(graph: Path, parts: Sequence[Part]) -> None:
    """Put the last part in the graph's place, and those before it beside it; what runs them finds them by their names.

    Files of OpenVINO's own format.
    """
    library = openvino()
    place = _places(library.Core().read_model(str(graph)), parts)
    written = []
    for index in range(len(parts)):
        path = graph.with_name(f"{index}.cut.xml")
        # Read anew each time: cutting changes the model.
        library.save_model(_cut(library, graph, place, index), str(path), compress_to_fp16=False)
        written.append(path)
    names = [PART.format(number=number, precision=part.precision) for number, part in enumerate(parts[:-1], 1)]
    for path, name in zip(written, [*names, graph.name], strict=True):
        for suffix in (".xml", ".bin"):
            path.with_suffix(suffix).replace(graph.with_name(name).with_suffix(suffix))


def _block_ends(model: Any) -> dict[int, str]:
    """The node that each block of the encoder ends with, by the block's number."""
    found: dict[int, str] = {}
    for node in model.get_ordered_ops():
        match = BLOCK.fullmatch(node.get_friendly_name())
        if match:
            found[int(match.group(1))] = node.get_friendly_name()
    return dict(sorted(found.items()))


def _places(model: Any, parts: Sequence[Part]) -> dict[str, int]:
    """Which part each node belongs to, by its name: the first whose end needs it."""
    nodes = {node.get_friendly_name(): node for node in model.get_ordered_ops()}
    found: dict[str, int] = {}
    for index, part in enumerate(parts):
        needed = [nodes[part.end]] if part.end else list(nodes.values())
        while needed:
            node = needed.pop()
            if node.get_friendly_name() not in found:
                found[node.get_friendly_name()] = index
                needed += [each.get_source_output().get_node() for each in node.inputs()]
    return found


def _cut(library: Any, graph: Path, place: dict[str, int], index: int) -> Any:
    """The model of one part: what earlier parts give are its parameters, what later ones take its results."""
    model = library.Core().read_model(str(graph))
    parameters = list(model.get_parameters()) if index == 0 else []
    for output in [each for each in _crossing(model, place, index) if _place(place, each) < index]:
        name = _name(output)
        parameter = library.opset13.parameter(output.get_partial_shape(), library.Type.f32, name=name)
        parameter.output(0).get_tensor().set_names({name})
        for taker in list(output.get_target_inputs()):
            if place.get(taker.get_node().get_friendly_name()) == index:
                taker.replace_source_output(parameter.output(0))
        parameters.append(parameter)
    results = [each for each in _crossing(model, place, index) if _place(place, each) == index]
    for output in results:
        output.get_tensor().set_names({_name(output)})
    last = index == max(place.values())
    return library.Model(model.get_results() if last else results, parameters, f"part {index + 1}")


def _crossing(model: Any, place: dict[str, int], index: int) -> Iterator[Any]:
    """Outputs that this part takes from earlier ones, or gives to later ones; constants are every part's own."""
    for node in model.get_ordered_ops():
        if node.get_type_name() in ("Constant", "Result") or node.get_friendly_name() not in place:
            continue
        for output in node.outputs():
            takers = {place.get(each.get_node().get_friendly_name(), -1) for each in output.get_target_inputs()}
            own = _place(place, output)
            if (own < index and index in takers) or (own == index and any(taker > index for taker in takers)):
                yield output


def _place(place: dict[str, int], output: Any) -> int:
    return place[output.get_node().get_friendly_name()]


def _name(output: Any) -> str:
    return f"{output.get_node().get_friendly_name()}:{output.get_index()}"
