"""The film analyser's folder comes back as it was written, and says what is wrong with it otherwise."""

from pathlib import Path

import pytest
import torch

from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.inference.film_analyser_bundle import HEADER, WEIGHTS, AnalyserHeader, load_analyser, write_analyser
from opensvh.model.film_analyser import FilmAnalyserConfig, FilmAnalyserNet

SMALL = FilmAnalyserConfig(side_px=64, widths=(4, 4, 8, 8, 8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_analyser(tmp_path / "analyser", FilmAnalyserNet(SMALL), AnalyserHeader(model=SMALL, threshold=0.4))


def test_loaded_network_answers_as_the_written_one(tmp_path: Path) -> None:
    network = FilmAnalyserNet(SMALL).eval()
    loaded = load_analyser(write_analyser(tmp_path / "a", network, AnalyserHeader(model=SMALL, threshold=0.25)))
    picture = torch.rand(1, 1, 64, 64)
    assert torch.allclose(loaded.network(picture), network(picture), atol=0.02)
    assert loaded.header.threshold == 0.25


def test_it_is_written_in_place_of_an_older_one(folder: Path) -> None:
    write_analyser(folder, FilmAnalyserNet(SMALL), AnalyserHeader(model=SMALL, threshold=0.6))
    assert load_analyser(folder).header.threshold == 0.6
    assert sorted(path.name for path in folder.parent.iterdir()) == ["analyser"]


def test_altered_weights_are_refused(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(content))
    with pytest.raises(BundleInvalid, match="is not the file its"):
        load_analyser(folder)


def test_missing_file_and_bad_header_are_named(folder: Path) -> None:
    (folder / HEADER).write_text('{"threshold": 3}')
    with pytest.raises(BundleInvalid, match=HEADER):
        load_analyser(folder)
    (folder / HEADER).unlink()
    with pytest.raises(BundleInvalid, match="is missing"):
        load_analyser(folder)


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="no film analyser"):
        write_analyser(tmp_path, FilmAnalyserNet(SMALL), AnalyserHeader(model=SMALL, threshold=0.4))
    assert (tmp_path / "notes.txt").read_text() == "mine"
