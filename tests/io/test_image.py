"""Films of every picture format come back as the same grey levels, and bad ones are refused with a reason."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.image import read_film, stored_size

RNG = np.random.default_rng(5)


def _film(rows: int = 120, columns: int = 90) -> np.ndarray:
    """A smooth grey film, uint8 [rows, columns], using the whole range."""
    y, x = np.mgrid[0:rows, 0:columns]
    picture = 0.5 + 0.5 * np.sin(x / 17) * np.cos(y / 23)
    picture[0, 0], picture[0, 1] = 0, 1
    return (picture * 255).astype(np.uint8)


def _with_exif_turn(jpeg: bytes, orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".PNG"])
def test_eight_bit_grey_film_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    cv2.imwrite(str(path), _film())
    film = read_film(path)
    assert film.pixels.dtype == np.float32
    assert film.path == str(path)
    assert np.abs(film.pixels - _film() / 255).max() < (0.06 if "j" in suffix else 1e-6)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_film_is_scaled_by_its_range_despite_dead_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    deep = _film(400, 300).astype(np.uint16) * 10 + 1000
    deep[7, 7] = 65535
    cv2.imwrite(str(path), deep)
    pixels = read_film(path).pixels
    expected = _film(400, 300) / 255
    expected[7, 7] = 1
    assert np.abs(pixels - expected).max() < 0.02


@pytest.mark.parametrize("channels", [3, 4])
def test_grey_stored_as_colour_keeps_its_levels(tmp_path: Path, channels: int) -> None:
    colour = np.full((120, 90, channels), 255, dtype=np.uint8)
    colour[..., :3] = _film()[..., None]
    cv2.imwrite(str(tmp_path / "film.png"), colour)
    assert np.array_equal(read_film(tmp_path / "film.png").pixels, _film().astype(np.float32) / 255)


def test_exif_turn_is_applied_to_pixels_and_size(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    cv2.imwrite(str(path), _film())
    upright = read_film(path).pixels
    path.write_bytes(_with_exif_turn(path.read_bytes(), 6))
    assert np.allclose(read_film(path).pixels, np.rot90(upright, -1), atol=0.02)
    assert stored_size(path) == (120, 90)


def test_slightly_truncated_jpeg_is_read_and_its_damage_told(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    cv2.imwrite(str(path), _film(800, 600))
    whole = read_film(path)
    assert "damage" not in whole.facts
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.9)])
    film = read_film(path)
    assert "rows are missing" in film.facts["damage"]
    assert np.allclose(film.pixels[:600], whole.pixels[:600], atol=0.02)


def test_half_a_jpeg_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    cv2.imwrite(str(path), _film(800, 600))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.5)])
    with pytest.raises(FilmUnreadable, match=r"film.jpg: is cut short, \d+ of its 800 rows are missing"):
        read_film(path)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.png").write_bytes(content)
    with pytest.raises(FilmUnreadable, match=r"film\.png: "):
        read_film(tmp_path / "film.png")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FilmUnreadable, match="cannot be read"):
        read_film(tmp_path / "absent.png")
    with pytest.raises(FilmUnreadable, match="cannot be read"):
        read_film(tmp_path)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_grey_film_is_refused(tmp_path: Path, level: int) -> None:
    cv2.imwrite(str(tmp_path / "film.png"), np.full((100, 100), level, dtype=np.uint8))
    with pytest.raises(FilmUnreadable, match="even grey"):
        read_film(tmp_path / "film.png")


def test_thumbnail_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "film.png"), _film()[:40, :40])
    with pytest.raises(FilmUnreadable, match="only 40 x 40"):
        read_film(tmp_path / "film.png")


def test_picture_that_claims_a_monstrous_size_is_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    cv2.imwrite(str(path), _film())
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", 60000, 60000)
    path.write_bytes(content)
    with pytest.raises(FilmUnreadable, match="60000 x 60000"):
        read_film(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
def test_stored_size_is_that_of_the_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    cv2.imwrite(str(path), _film())
    assert stored_size(path) == (90, 120)
