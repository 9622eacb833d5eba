"""An exported bundle is refused by the name of what is wrong with it."""

import json
import shutil
from pathlib import Path

import pytest

from opensvh.domain.backends import Backend, Precision
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.bundle import EXPORT, Bundle, load_bundle
from opensvh.inference.bundle_folder import write_sealed
from opensvh.inference.export_bundle import ExportHeader, Member, load_export, read_header, write_members


def made(folder: Path, bundle: Bundle, **changed: object) -> Path:
    """An exported bundle whose graph is no graph."""

    def fill(partial: Path) -> None:
        (partial / "1").mkdir()
        graph = partial / "1" / "graph.xml"
        graph.write_text("no graph")
        members = write_members(partial, [bundle], [graph])
        header = ExportHeader(
            backend=Backend.OPENVINO, precision=Precision.FP32, members=members, libraries={"openvino": "1"}
        )
        facts = {**json.loads(header.model_dump_json()), **changed}
        (partial / EXPORT).write_text(json.dumps(facts))

    return write_sealed(folder, fill)


def test_the_header_comes_back(small: Bundle, tmp_path: Path) -> None:
    header = read_header(made(tmp_path / "out", small))
    assert header.members == (Member(folder="1", graph="graph.xml", weights=small.identity.sha256),)
    assert header.backend is Backend.OPENVINO


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": 2}, "format: .* export the bundle anew"),
        ({"surprise": 1}, "surprise: .* export the bundle anew"),
        ({"site_table_version": "0"}, "made for site table '0'"),
    ],
)
def test_a_header_of_another_version_is_refused(
    small: Bundle, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(BundleInvalid, match=words):
        load_export(made(tmp_path / "out", small, **changed))


def test_an_altered_graph_is_named(small: Bundle, tmp_path: Path) -> None:
    folder = made(tmp_path / "out", small)
    (folder / "1" / "graph.xml").write_text("another")
    with pytest.raises(BundleInvalid, match=r"1/graph\.xml is not the file"):
        load_export(folder)


def test_a_member_without_its_files_is_refused(small: Bundle, tmp_path: Path) -> None:
    lost = {"members": [{"folder": "2", "graph": "graph.xml", "weights": "0" * 64}]}
    with pytest.raises(BundleInvalid, match=r"2/graph\.xml is missing"):
        load_export(made(tmp_path / "out", small, **lost))


def test_what_is_no_graph_is_refused_by_name(small: Bundle, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    with pytest.raises(BundleInvalid, match=r"graph\.xml: OpenVINO cannot run it"):
        load_export(made(tmp_path / "out", small))


def test_a_copy_without_its_sums_says_what_wrote_it(small: Bundle, tmp_path: Path) -> None:
    folder = made(tmp_path / "out", small)
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("SHA256SUMS"))
    with pytest.raises(BundleInvalid, match="`opensvh export` wrote"):
        load_export(tmp_path / "copy")


def test_it_is_not_taken_for_a_trained_bundle(small: Bundle, tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match="is an exported bundle, without weights"):
        load_bundle(made(tmp_path / "out", small))


def test_its_card_says_that_it_is_a_copy(small: Bundle, tmp_path: Path) -> None:
    card = (made(tmp_path / "out", small) / "1" / "MODEL_CARD.md").read_text()
    assert card.startswith("# Small")
    assert "Exported" in card
