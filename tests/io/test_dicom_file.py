"""Deflated files are inflated within bounds; what the parser cannot read is refused in a sentence."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from opensvh.domain.errors import FilmUnreadable
from opensvh.io import dicom_file
from opensvh.io.dicom_source import dicom_source
from opensvh.io.image import read_film, stored_size


def deflated(made: Any, padding: int = 0) -> Path:
    """A deflated film with so many zeros in a private element after its pixels."""
    dataset = made.dataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset["PixelData"].VR = "OW"
    if padding:
        dataset.add_new(0x7FE10010, "LO", "OPENSVH TEST")
        dataset.add_new(0x7FE11001, "OB", bytes(padding))
    return Path(made.saved(dataset))


def test_deflated_film_is_read(made: Any) -> None:
    path = deflated(made)
    assert np.allclose(read_film(path).pixels, made.ramp / 4095, atol=0.001)
    assert stored_size(path) == (100, 80)
    source = dicom_source(path)
    assert source is not None
    assert source.patient_id == "X7"


def test_deflated_file_that_expands_too_far_is_refused(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deflated(made, 4_000_000)
    assert path.stat().st_size < 40_000
    assert read_film(path).pixels.shape == (80, 100)
    monkeypatch.setattr(dicom_file, "LARGEST_INFLATED", 1 << 20)
    monkeypatch.setattr(dicom_file, "LARGEST_HEADER", 1 << 16)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: is deflated and expands to more than 1 MB.*uncompressed"):
        read_film(path)
    assert stored_size(path) == (100, 80)


def test_bomb_before_the_pixels_is_not_expanded(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 18 kB that expands to 16 MB in one private element of the header."""
    head = deflated(made).read_bytes()
    bomb = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    private = b"\x09\0\1\x10OB\0\0" + (1 << 24).to_bytes(4, "little")
    stream = bomb.compress(private) + b"".join(bomb.compress(bytes(1 << 20)) for _ in range(16)) + bomb.flush()
    path = made.folder / "bomb.dcm"
    path.write_bytes(head[: dicom_file._meta_length(head)] + stream)
    assert path.stat().st_size < 20_000
    inflated: list[int] = []
    really = zlib.decompressobj

    class Watched:
        """Notes how much is inflated."""

        def __init__(self, bits: int) -> None:
            self.inner = really(bits)

        def decompress(self, content: bytes, limit: int) -> bytes:
            found = self.inner.decompress(content, limit)
            inflated.append(len(found))
            return found

    monkeypatch.setattr(dicom_file.zlib, "decompressobj", Watched)
    monkeypatch.setattr(dicom_file, "LARGEST_INFLATED", 1 << 22)
    monkeypatch.setattr(dicom_file, "LARGEST_HEADER", 1 << 20)
    with pytest.raises(FilmUnreadable, match=r"bomb\.dcm: is deflated and expands to more than 4 MB"):
        read_film(path)
    with pytest.raises(FilmUnreadable, match=r"bomb\.dcm: is DICOM without an image"):
        stored_size(path)
    assert max(inflated) == (1 << 22) + 1


def test_deflated_film_cut_short_is_refused(made: Any) -> None:
    path = deflated(made)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: is deflated and cut short"):
        read_film(path)


def test_film_without_preamble_and_meta_is_read(made: Any) -> None:
    dataset = made.dataset()
    dataset.PixelData, dataset["PixelData"].VR = made.ramp.tobytes(), "OW"
    del dataset.file_meta
    path = made.folder / "film.dcm"
    dataset.save_as(path, implicit_vr=True, little_endian=True)
    assert path.read_bytes()[128:132] != b"DICM"
    assert np.allclose(read_film(path).pixels, made.ramp / 4095, atol=0.001)
