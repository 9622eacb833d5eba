"""The film analyser as graphs answers as it does in PyTorch, and is made once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.backends import Choice
from opensvh.inference import film_analyser_graphs
from opensvh.inference.film_analyser_bundle import AnalyserBundle, AnalyserHeader, load_analyser, write_analyser
from opensvh.inference.film_analyser_graphs import AnalyserGraphs, load_graphs, load_networks
from opensvh.model.film_analyser import FilmAnalyserNet
from opensvh.model.film_analyser_config import FLAGS, FilmAnalyserConfig, LimbLookConfig
from opensvh.model.limb_look import LimbLookNet

WIDTHS = (4, 4, 8, 8, 8)
SMALL, LOOK = FilmAnalyserConfig(side_px=64, widths=WIDTHS), LimbLookConfig(side_px=64, widths=WIDTHS)


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film analyser with drawn weights, and a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    header = AnalyserHeader(model=SMALL, look=LOOK, threshold=0.3)
    bundle = AnalyserBundle(header, FilmAnalyserNet(SMALL).eval(), LimbLookNet(LOOK).eval())
    return write_analyser(tmp_path / "analyser", bundle)


@pytest.mark.slow
def test_graphs_answer_as_pytorch_does(drawn: Path) -> None:
    graphs, bundle = load_graphs(folder=drawn), load_analyser(drawn)
    rng = np.random.default_rng(0)
    pictures, cut = rng.random((8, 1, 64, 64), dtype=np.float32), rng.random((64, 64), dtype=np.float32)
    assert graphs.header == bundle.header
    assert graphs.maps(pictures) == pytest.approx(bundle.maps(pictures), abs=1e-4)
    answers = graphs.answers(cut)
    assert answers == pytest.approx(bundle.answers(cut), abs=1e-4)
    assert answers.shape == (len(FLAGS) + 2,)


@pytest.mark.slow
def test_graphs_are_made_once_and_again_if_damaged(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_graphs(folder=drawn)
    [weights] = (tmp_path / "cache").rglob("finder.bin")
    weights.write_bytes(b"damaged")
    load_graphs(folder=drawn)
    assert weights.stat().st_size > 100
    monkeypatch.setattr(film_analyser_graphs, "load_analyser", lambda folder: pytest.fail("made again"))
    assert isinstance(load_graphs(folder=drawn), AnalyserGraphs)


def test_pytorch_is_left_where_openvino_is_not_there_or_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(load_networks(), AnalyserBundle)
    assert isinstance(load_networks(Choice.TORCH), AnalyserBundle)
    monkeypatch.setattr(film_analyser_graphs, "is_installed", lambda backend: False)
    assert isinstance(load_networks(Choice.AUTO), AnalyserBundle)


def test_a_cache_that_cannot_be_written_leaves_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(at_once: int) -> AnalyserGraphs:
        raise PermissionError("read-only")

    monkeypatch.setattr(film_analyser_graphs, "load_graphs", refusing)
    assert isinstance(load_networks(Choice.AUTO), AnalyserBundle)


@pytest.mark.slow
def test_what_reads_films_by_graphs_imports_no_pytorch() -> None:
    program = "import sys, opensvh.workflows.score; sys.exit('torch' in sys.modules or 'monai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
