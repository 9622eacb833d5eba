"""A graph in parts gives what it gave as one."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.backends import Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.backends import Pooled
from opensvh.inference.backends_openvino import OpenVinoEngine, parts_of
from opensvh.inference.export_parts import Part, planned, write_parts

pytestmark = pytest.mark.slow
PICTURE = np.random.default_rng(3).random((96, 64), dtype=np.float32)


@pytest.fixture
def graph(openvino_pair: Path, tmp_path: Path) -> Path:
    """A graph in fp32, to be cut."""
    for suffix in (".xml", ".bin"):
        shutil.copy(openvino_pair / "2" / f"graph{suffix}", tmp_path / f"graph{suffix}")
    return tmp_path / "graph.xml"


def looked(graph: Path) -> Pooled:
    return OpenVinoEngine(graph, Precision.FP32, 4).look(PICTURE)


@pytest.mark.parametrize("in_fp32", [(0,), (0, 1), (0, 4), (2, 15), ()], ids=str)
def test_parts_give_what_the_whole_gave(graph: Path, in_fp32: tuple[int, ...]) -> None:
    whole = looked(graph)
    # In fp32 throughout: what is tested are the cuts.
    parts = [Part(each.end, Precision.FP32) for each in planned(graph, in_fp32, Precision.BF16)]
    write_parts(graph, parts)
    assert len(parts_of(graph)) == len(parts) - 1
    for name in ("peaks", "areas", "middles", "narrowing", "erosion", "maps"):
        assert getattr(looked(graph), name) == pytest.approx(getattr(whole, name), abs=1e-4), name


def test_blocks_that_follow_each_other_are_one_part(graph: Path) -> None:
    assert [each.precision for each in planned(graph, (0, 1), Precision.BF16)] == ["fp32", "bf16"]
    assert [each.precision for each in planned(graph, (0, 4), Precision.BF16)] == ["fp32", "bf16", "fp32", "bf16"]
    assert [each.precision for each in planned(graph, (), Precision.BF16)] == ["bf16"]
    assert planned(graph, (4,), Precision.BF16)[1].end == "/network/encoder/_blocks.2/_blocks.2.4/Add"


def test_a_graph_whose_parts_are_missing_is_refused(graph: Path) -> None:
    write_parts(graph, planned(graph, (0, 4), Precision.BF16))
    graph.with_name("part1-fp32.xml").unlink()
    with pytest.raises(BundleInvalid, match="takes something else than a film"):
        OpenVinoEngine(graph, Precision.BF16, 4)
