"""Films are on the disk whole or not at all; leavings of a killed node are swept."""

import os
from pathlib import Path

import pytest

from opensvh.serving.film_folder import FilmFolder


def test_a_film_is_synced_with_its_folder_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, synced = FilmFolder(tmp_path), []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
    film = folder.store("1.2", "1.2.3", b"pixels")
    place = folder.path(film)
    assert place.read_bytes() == b"pixels"
    assert synced[0] == str(place.parent.parent)
    assert synced[1].endswith(".partial")
    assert synced[2] == str(place.parent)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FilmFolder(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        folder.store("1.2", "1.2.3", b"pixels")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_names_tell_nothing(tmp_path: Path) -> None:
    film = FilmFolder(tmp_path).store("1.2.840.99", "1.2.840.99.7", b"pixels")
    assert "840" not in film.file


def test_what_is_not_queued_and_what_is_half_written_is_swept(tmp_path: Path) -> None:
    folder = FilmFolder(tmp_path)
    kept, lost = folder.store("1.2", "1.2.3", b"kept"), folder.store("1.2", "1.2.4", b"lost")
    begun = folder.results_begun("1.2", 1)
    (begun / "half.dcm").write_bytes(b"half")
    done = folder.results_done(folder.results_begun("1.2", 2), "1.2", 2)
    assert folder.sweep({kept.file}) == 2
    assert folder.path(kept).exists()
    assert not folder.path(lost).exists()
    assert not begun.exists()
    assert (tmp_path / done).is_dir()


def test_results_that_were_moved_but_not_noted_are_replaced(tmp_path: Path) -> None:
    folder = FilmFolder(tmp_path)
    for content in (b"of a killed node", b"of this one"):
        begun = folder.results_begun("1.2", 1)
        (begun / "report.dcm").write_bytes(content)
        place = folder.results_done(begun, "1.2", 1)
    assert [path.read_bytes() for path in (tmp_path / place).iterdir()] == [b"of this one"]
