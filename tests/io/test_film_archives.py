"""Zip archives: listed and unpacked within bounds, and refused in a sentence where they are made to do harm."""

import zipfile
from pathlib import Path

import pytest

from opensvh.domain.errors import FilmUnreadable
from opensvh.io import zip_members
from opensvh.io.film_archives import films_in_archive
from opensvh.io.image import FILM_SUFFIXES, read_film
from opensvh.io.zip_members import member_bytes, member_names

DICOM = bytes(128) + b"DICM"


def packed(folder: Path, members: dict[str, bytes], name: str = "a.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return folder / name


def test_films_are_found_by_suffix_or_mark(tmp_path: Path) -> None:
    members = dict.fromkeys(["b/film.png", "a/film.DCM", "notes.txt", ".hidden/film.png", "__MACOSX/film.png"], b"x")
    archive = packed(tmp_path, {**members, "IM0001": DICOM, "1.2.840.7": DICOM, "README": b"x", "DICOMDIR": DICOM})
    expected = ["1.2.840.7", "IM0001", "a/film.DCM", "b/film.png"]
    assert films_in_archive(archive, FILM_SUFFIXES) == [archive / name for name in expected]


@pytest.mark.parametrize("name", ["../out.dcm", "/etc/film.dcm", "a/../../b.dcm", "..\\out.dcm", "C:\\film.dcm"])
def test_a_member_that_points_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FilmUnreadable, match=r"a\.zip: its member .* points out of the archive"):
        member_names(packed(tmp_path, {name: b"x"}))


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "LARGEST_ARCHIVE_ENTRIES", 3)
    with pytest.raises(FilmUnreadable, match="has 4 members; give at most 3"):
        member_names(packed(tmp_path, dict.fromkeys("abcd", b"x")))


def test_too_much_in_all_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "LARGEST_UNPACKED", 1000)
    with pytest.raises(FilmUnreadable, match=r"unpacks to .* more than"):
        member_names(packed(tmp_path, dict.fromkeys("ab", bytes(600))))


def test_a_member_that_unpacks_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed(tmp_path, {"film.dcm": bytes(2_000_000)})
    monkeypatch.setattr(zip_members, "RATIO_FROM", 1_000_000)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: unpacks \d+ times its size, as no film does"):
        read_film(archive / "film.dcm")
    monkeypatch.setattr(zip_members, "LARGEST_MEMBER", 1_000_000)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: unpacks to 2 MB, more than any film"):
        read_film(archive / "film.dcm")


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"film.dcm": bytes(range(256)) * 100})
    content = archive.read_bytes()
    size = (25600).to_bytes(4, "little")
    archive.write_bytes(content.replace(size, (50).to_bytes(4, "little")))
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: "):
        read_film(archive / "film.dcm")
    assert len(content) < 25600


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = packed(tmp_path, {"film.png": b"x"}, "inner.zip")
    archive = packed(tmp_path, {"inner.zip": inner.read_bytes()})
    assert films_in_archive(archive, FILM_SUFFIXES) == [archive / "inner.zip"]
    with pytest.raises(FilmUnreadable, match="is an archive in an archive; unpack it"):
        read_film(archive / "inner.zip")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"film.dcm": b"x" * 500})
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: is encrypted; unpack"):
        member_bytes(archive, "film.dcm", archive / "film.dcm")


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"film1.dcm": b"one", "film2.dcm": b"other"})
    archive.write_bytes(archive.read_bytes().replace(b"film2", b"film1"))
    with pytest.raises(FilmUnreadable, match=r"two members called 'film1\.dcm'"):
        member_names(tmp_path / "a.zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(FilmUnreadable, match=r"a\.zip: is no sound zip archive"):
        read_film(tmp_path / "a.zip")


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path, {"film.dcm": bytes(range(256)) * 40})
    content = bytearray(archive.read_bytes())
    content[60:90] = bytes(30)
    archive.write_bytes(content)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: cannot be unpacked"):
        read_film(archive / "film.dcm")


def test_an_archive_without_films_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FilmUnreadable, match=r"a\.zip: is an archive of 1 files, none of them a film"):
        read_film(packed(tmp_path, {"notes.txt": b"x"}))
