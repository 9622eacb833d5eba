"""The film analyser's folder comes back as it was written, and says what is wrong with it otherwise."""

from pathlib import Path

import pytest
import torch

from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.inference.film_analyser_bundle import (
    HEADER,
    WEIGHTS,
    AnalyserBundle,
    AnalyserHeader,
    load_analyser,
    write_analyser,
)
from opensvh.model.film_analyser import FilmAnalyserNet
from opensvh.model.film_analyser_config import FilmAnalyserConfig, LimbLookConfig
from opensvh.model.limb_look import LimbLookNet

WIDTHS = (4, 4, 8, 8, 8)
SMALL, LOOK = FilmAnalyserConfig(side_px=64, widths=WIDTHS), LimbLookConfig(side_px=64, widths=WIDTHS)


def untrained(threshold: float) -> AnalyserBundle:
    header = AnalyserHeader(model=SMALL, look=LOOK, threshold=threshold)
    return AnalyserBundle(header, FilmAnalyserNet(SMALL).eval(), LimbLookNet(LOOK).eval())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_analyser(tmp_path / "analyser", untrained(0.4))


def test_loaded_networks_answer_as_the_written_ones(tmp_path: Path) -> None:
    written = untrained(0.25)
    loaded = load_analyser(write_analyser(tmp_path / "a", written))
    picture = torch.rand(1, 1, 64, 64)
    assert torch.allclose(loaded.network(picture), written.network(picture), atol=0.02)
    assert torch.allclose(loaded.look(picture), written.look(picture), atol=0.02)
    assert loaded.header.threshold == 0.25


def test_it_is_written_in_place_of_an_older_one(folder: Path) -> None:
    write_analyser(folder, untrained(0.6))
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
        write_analyser(tmp_path, untrained(0.4))
    assert (tmp_path / "notes.txt").read_text() == "mine"
