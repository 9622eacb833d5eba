"""A file is there whole or not at all, and nothing of a failed attempt stays."""

import os
import stat
from pathlib import Path

import pytest

from opensvh.io.whole_file import write_whole


def test_text_is_written_as_utf_8_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "Größe\r\n≥ 1\n")
    write_whole(tmp_path / "bytes", b"\xff\x00\r\n")
    assert (tmp_path / "text").read_bytes() == "Größe\r\n≥ 1\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\xff\x00\r\n"


def test_the_folder_is_made_and_holds_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "table.csv"
    write_whole(path, "x")
    write_whole(path, "y")
    assert path.read_text() == "y"
    assert list(path.parent.iterdir()) == [path]


def test_everyone_may_read_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "table.csv", "x")
    assert stat.S_IMODE((tmp_path / "table.csv").stat().st_mode) == 0o644


def test_a_kill_before_the_move_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.csv"
    write_whole(path, "old")

    def killed(source: str, target: Path) -> None:
        assert Path(source).read_text() == "new"
        assert path.read_text() == "old"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_that_utf_8_cannot_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
