"""Objects that are no film, and files made to do harm, are refused by their header with file, fact and remedy."""

import re
import time
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from opensvh.domain.errors import FilmUnreadable
from opensvh.io import dicom_samples
from opensvh.io.image import read_film, stored_size

STORAGE = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize(
    ("tags", "fact"),
    [
        ({"Rows": 60000, "Columns": 60000}, "60000 x 60000"),
        ({"Rows": 20}, "only 100 x 20"),
        ({"Rows": 0}, "only 100 x 0"),
        ({"NumberOfFrames": 4000}, "4000 frames"),
        ({"NumberOfFrames": 40}, "40 frames; name one"),
        ({"BitsAllocated": 1}, "one bit a pixel"),
        ({"BitsAllocated": 12}, "12 bits a sample"),
        ({"SamplesPerPixel": 60000, "Rows": 9000}, "more than any film"),
    ],
)
def test_impossible_size_is_refused_before_decoding(
    made: Any, monkeypatch: pytest.MonkeyPatch, tags: dict[str, object], fact: str
) -> None:
    monkeypatch.setattr(dicom_samples, "get_decoder", lambda syntax: pytest.fail("was decoded"))
    path = made.file(**tags)
    for read in (read_film, stored_size):
        with pytest.raises(FilmUnreadable, match=fact):
            read(path)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("88.11", "a Basic Text SR"),
        ("88.33", "a Comprehensive SR"),
        ("11.1", "a Grayscale Softcopy Presentation State"),
        ("104.1", "an Encapsulated PDF"),
        ("88.59", "a Key Object Selection Document"),
        ("2", "a CT Image"),
        ("4", "an MR Image"),
        ("66.4", "a Segmentation"),
        ("481.3", "an? RT Structure Set"),
        ("9.1.1", "a 12-lead ECG Waveform"),
    ],
)
def test_other_objects_are_refused_by_name(made: Any, kind: str, named: str) -> None:
    path = made.file("study/IM0001.dcm", SOPClassUID=STORAGE + kind)
    for read in (read_film, stored_size):
        with pytest.raises(FilmUnreadable, match=rf"IM0001\.dcm: is {named}.*, no X-ray film; give the CR, DX"):
            read(path)


def test_encapsulated_pdf_is_refused(made: Any) -> None:
    report = Dataset()
    report.file_meta = made.dataset().file_meta
    report.SOPClassUID, report.SOPInstanceUID = STORAGE + "104.1", "1.2.3"
    report.EncapsulatedDocument, report.MIMETypeOfEncapsulatedDocument = b"%PDF-1.4 ", "application/pdf"
    with pytest.raises(FilmUnreadable, match="is an Encapsulated PDF, no X-ray film"):
        read_film(made.saved(report))


@pytest.mark.parametrize("kind", ["1", "1.1", "1.1.1", "7", "7.2", "1.2", "12.2"])
def test_every_kind_that_may_be_a_film_is_read(made: Any, kind: str) -> None:
    assert read_film(made.file(SOPClassUID=STORAGE + kind)).pixels.shape == (80, 100)


def test_a_private_or_missing_class_is_judged_by_its_pixels(made: Any) -> None:
    assert read_film(made.file(SOPClassUID="1.3.46.670589.11.0.0.12.1")).pixels.shape == (80, 100)
    with pytest.raises(FilmUnreadable, match="without an image"):
        read_film(made.file(SOPClassUID="1.3.46.670589.11.0.0.12.1", Rows=None))


@pytest.mark.parametrize(
    "frame",
    [
        (JPEGBaseline8Bit, b"\xff\xd8\xff\xc0\x00\x0b\x08\xea\x60\xea\x60\x01\x01\x11\x00" + bytes(40)),
        (JPEGLSLossless, b"\xff\xd8\xff\xf7\x00\x0b\x0c\xea\x60\xea\x60\x01\x01\x11\x00" + bytes(40)),
        (
            JPEG2000Lossless,
            b"\xff\x4f\xff\x51\x00\x29\x00\x00\x00\x00\xea\x60\x00\x00\xea\x60" + bytes(8) + bytes(40),
        ),
    ],
)
def test_codestream_larger_than_its_header_is_not_decoded(
    made: Any, monkeypatch: pytest.MonkeyPatch, frame: tuple[str, bytes]
) -> None:
    syntax, stream = frame
    path = made.compressed(syntax, stream)
    monkeypatch.setattr(dicom_samples, "get_decoder", lambda syntax: pytest.fail("was decoded"))
    with pytest.raises(FilmUnreadable, match="says 100 x 80 pixels, its compressed pixels 60000 x 60000"):
        read_film(path)


def test_runs_that_unpack_to_more_than_the_film_are_not_unpacked(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    header = np.zeros(16, "<u4")
    header[:3] = 2, 64, 1064
    stream = header.tobytes() + bytes([129, 7]) * 1500
    monkeypatch.setattr(dicom_samples, "LARGEST_UNCOUNTED", 100_000)
    with pytest.raises(FilmUnreadable, match="packed pixels hold more than its header says"):
        read_film(made.compressed(RLELossless, stream))


def test_text_named_dcm_is_refused(made: Any) -> None:
    path = made.folder / "film.dcm"
    path.write_text("this is no film " * 40)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: "):
        read_film(path)


@pytest.mark.slow
def test_a_film_damaged_anywhere_is_read_or_refused_in_a_sentence(made: Any) -> None:
    """Bytes changed at random in the header: never another error, never a wait."""
    rng = np.random.default_rng(20)
    sound = made.file(WindowCenter=[100, 200], WindowWidth=[10, 20], PixelSpacing=[0.1, 0.1]).read_bytes()
    header = sound.index(made.ramp.tobytes()[:64])
    path = made.folder / "damaged.dcm"
    began = time.process_time()
    reasons: list[str] = []
    for _ in range(300):
        content = bytearray(sound)
        for place in rng.integers(128, header, rng.integers(1, 8)):
            content[place] = rng.integers(256)
        path.write_bytes(bytes(content[: rng.integers(200, len(content) * 2)]))
        try:
            read_film(path)
        except FilmUnreadable as failure:
            reasons.append(str(failure))
    assert 20 < len(reasons) < 300
    assert all(re.fullmatch(r".*damaged\.dcm: \S[^\n]*; \S[^\n]*", reason) for reason in reasons)
    assert time.process_time() - began < 30
