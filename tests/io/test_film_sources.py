"""Addresses of films: files, members of archives, frames; bytes and digests agree on them."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from opensvh.domain.errors import FilmUnreadable
from opensvh.io import film_sources
from opensvh.io.film_sources import (
    FilmAddress,
    content_digest,
    film_address,
    film_bytes,
    frame_path,
    is_dicom,
    member_path,
)
from opensvh.io.image import read_film, stored_size


def packed(folder: Path, name: str, **members: bytes) -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member.replace("__", "/").replace("_dcm", ".dcm"), content)
    return folder / name


def test_every_kind_of_address(tmp_path: Path) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(b"x")
    archive = packed(tmp_path, "a.zip", deep__film_dcm=b"inner")
    assert film_address(film) == FilmAddress(film)
    assert film_address(frame_path(film, 12)) == FilmAddress(film, frame=12)
    inner = member_path(archive, "deep/film.dcm")
    assert film_address(inner) == FilmAddress(archive, "deep/film.dcm")
    assert film_address(f"{inner}#3") == FilmAddress(archive, "deep/film.dcm", 3)
    assert film_address(f"{film}#0") == FilmAddress(Path(f"{film}#0"))
    assert film_address(tmp_path / "none.dcm") == FilmAddress(tmp_path / "none.dcm")


def test_what_is_there(tmp_path: Path) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(b"x")
    archive = packed(tmp_path, "a.zip", film_dcm=b"inner")
    there = [film, f"{film}#2", archive, archive / "film.dcm"]
    missing = [tmp_path / "no.dcm", archive / "no.dcm", f"{tmp_path}/no.dcm#2", film / "film.dcm"]
    assert [film_address(path).exists for path in there] == [True] * 4
    assert [film_address(path).exists for path in missing] == [False] * 4


def test_bytes_and_digest_are_those_of_the_film(tmp_path: Path) -> None:
    film, archive = tmp_path / "film.dcm", packed(tmp_path, "a.zip", film_dcm=b"content")
    film.write_bytes(b"content")
    assert film_bytes(archive / "film.dcm") == film_bytes(film) == film_bytes(f"{film}#2") == b"content"
    assert content_digest(archive / "film.dcm") == content_digest(film) == content_digest(f"{film}#2")
    assert content_digest(tmp_path / "none.dcm") == "missing"
    assert content_digest(archive / "none.dcm") == "unreadable"


def test_a_film_in_an_archive_is_read_where_it_is(made: Any) -> None:
    plain = made.file(WindowCenter=2048, WindowWidth=4096)
    archive = packed(made.folder, "visit 1.ZIP", hands__left_dcm=plain.read_bytes())
    before = sorted(made.folder.rglob("*"))
    inner = archive / "hands" / "left.dcm"
    film = read_film(inner)
    assert (film.path, film.patient) == (str(inner), "X7")
    assert (film.pixels == read_film(plain).pixels).all()
    assert stored_size(inner) == (100, 80)
    assert is_dicom(inner)
    assert sorted(made.folder.rglob("*")) == before


def test_an_enormous_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(bytes(2000))
    monkeypatch.setattr(film_sources, "LARGEST_FILE", 1000)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: has .* GB, more than any film"):
        film_bytes(film)


def test_a_picture_has_no_frames(made: Any) -> None:
    import cv2

    path = made.folder / "film.png"
    cv2.imwrite(str(path), made.ramp)
    with pytest.raises(FilmUnreadable, match="only DICOM has frames"):
        read_film(f"{path}#1")
