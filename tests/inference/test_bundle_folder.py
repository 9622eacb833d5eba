"""A sealed folder is there whole or not at all, and is refused by the name of what is not as it was written."""

from pathlib import Path

import pytest

from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.inference.bundle_folder import SUMS, read_json, verified_sums, write_json, write_sealed


def fill(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "graph").write_bytes(b"\x00\x01")
    write_json(folder / "facts.json", {"name": "a"})


def test_files_of_inner_folders_are_summed_too(tmp_path: Path) -> None:
    folder = write_sealed(tmp_path / "new" / "bundle", fill)
    assert set(verified_sums(folder, ["facts.json"])) == {"facts.json", "inner/graph"}
    assert read_json(folder / "facts.json") == {"name": "a"}


@pytest.mark.parametrize("name", ["facts.json", "inner/graph"])
def test_an_altered_file_is_named(tmp_path: Path, name: str) -> None:
    folder = write_sealed(tmp_path / "bundle", fill)
    (folder / name).write_bytes(b"else")
    with pytest.raises(BundleInvalid, match=f"{name} is not the file"):
        verified_sums(folder, [])


@pytest.mark.parametrize(("name", "wanted"), [("inner/graph", []), ("never", ["never"])])
def test_a_missing_file_is_named(tmp_path: Path, name: str, wanted: list[str]) -> None:
    folder = write_sealed(tmp_path / "bundle", fill)
    (folder / name).unlink(missing_ok=True)
    with pytest.raises(BundleInvalid, match=f"{name} is missing"):
        verified_sums(folder, wanted)


def test_a_failure_leaves_the_old_folder_and_nothing_half_written(tmp_path: Path) -> None:
    folder = write_sealed(tmp_path / "bundle", fill)

    def failing(partial: Path) -> None:
        (partial / "begun").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_sealed(folder, failing)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert "facts.json" in verified_sums(folder, [])


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("x")
    with pytest.raises(OutputConflict, match="not a model bundle"):
        write_sealed(tmp_path / "mine", fill)
    assert (tmp_path / "mine" / "diary.txt").exists()


def test_what_is_no_json_object_is_refused(tmp_path: Path) -> None:
    for content in ("[1]", "{"):
        (tmp_path / "facts.json").write_text(content)
        with pytest.raises(BundleInvalid, match=r"facts\.json"):
            read_json(tmp_path / "facts.json")


def test_a_folder_without_sums_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=f"no {SUMS}; give a folder that `opensvh export` wrote"):
        verified_sums(tmp_path, [], "opensvh export")
