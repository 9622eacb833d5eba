"""What compressed frames say of their own size, and how far packed runs unpack."""

import numpy as np
import pytest
from pydicom.pixels import get_encoder
from pydicom.uid import RLELossless

from opensvh.io.dicom_codestream import claimed_size, unpacked_length

codecs = pytest.importorskip("imagecodecs", reason="opensvh[dicom] is not installed")
PICTURE = np.random.default_rng(3).integers(0, 4096, (70, 90)).astype(np.uint16)


@pytest.mark.parametrize(
    "frame",
    [
        codecs.jpeg8_encode((PICTURE >> 4).astype(np.uint8)),
        codecs.jpeg8_encode(PICTURE, bitspersample=12),
        codecs.jpeg8_encode(PICTURE, lossless=True, predictor=1, bitspersample=12),
        codecs.jpegls_encode(PICTURE),
        codecs.jpeg2k_encode(PICTURE, codecformat="j2k"),
        codecs.jpeg2k_encode(PICTURE, codecformat="jp2"),
        codecs.htj2k_encode(PICTURE),
    ],
)
def test_every_codestream_tells_its_size(frame: bytes) -> None:
    assert claimed_size(frame) == (90, 70)


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8", b"\xff\xd8\xff\xc0\0\x0b\x08", b"\xff\x4f\xff\x51\0", bytes(99)])
def test_torn_codestream_tells_nothing(frame: bytes) -> None:
    assert claimed_size(frame) is None


def test_packed_runs_are_counted_without_unpacking() -> None:
    picture = np.where(PICTURE > 2048, PICTURE, 0)  # runs and single samples
    tags = {
        "rows": 70, "columns": 90, "samples_per_pixel": 1, "bits_allocated": 16, "bits_stored": 12,
        "number_of_frames": 1, "pixel_representation": 0, "photometric_interpretation": "MONOCHROME2",
    }  # fmt: skip
    packed = get_encoder(RLELossless).encode(picture, **tags)
    assert unpacked_length(packed) == pytest.approx(70 * 90 * 2, abs=2)
    assert unpacked_length(b"\1\0\0\0") == 0
