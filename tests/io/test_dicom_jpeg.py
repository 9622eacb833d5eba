"""The decoder lent to pydicom: lossless colour, made known once, nothing made up where a stream ends early."""

from typing import Any

import numpy as np
import pytest
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGExtended12Bit, JPEGLosslessSV1, RLELossless

from opensvh.io.dicom_jpeg import decode_frame, is_available, register
from opensvh.io.image import read_film

codecs = pytest.importorskip("imagecodecs", reason="opensvh[dicom] is not installed")


class Runner:
    """Notes what it is told of the samples."""

    def __init__(self) -> None:
        self.options: dict[str, object] = {}

    def set_option(self, name: str, value: object) -> None:
        self.options[name] = value


def test_it_is_known_to_pydicom_once() -> None:
    register()
    register.__wrapped__()
    for syntax in (JPEGExtended12Bit, JPEGLosslessSV1):
        assert "imagecodecs" in get_decoder(syntax).available_plugins
    assert not is_available(RLELossless)


def test_samples_and_their_size_are_told() -> None:
    samples = np.arange(6400, dtype=np.uint16).reshape(80, 80) % 4096
    runner = Runner()
    content = decode_frame(codecs.jpeg8_encode(samples, lossless=True, predictor=1, bitspersample=12), runner)
    assert np.array_equal(np.frombuffer(content, np.uint16).reshape(80, 80), samples)
    assert runner.options == {"bits_allocated": 16}


def test_a_stream_without_its_end_is_refused() -> None:
    stream = codecs.jpeg8_encode(np.arange(6400, dtype=np.uint16).reshape(80, 80), lossless=True, bitspersample=16)
    with pytest.raises(ValueError, match="cut short"):
        decode_frame(stream[:-2], Runner())


def test_lossless_colour_keeps_its_colours(made: Any) -> None:
    rgb = np.zeros((80, 100, 3), np.uint8)
    rgb[:, :50, 0], rgb[:, 50:, 1] = 200, 100
    tags = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": "RGB"}
    depth = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    stream = codecs.jpeg8_encode(rgb, lossless=True, predictor=1, colorspace="RGB", outcolorspace="RGB")
    pixels = read_film(made.compressed(JPEGLosslessSV1, stream, **tags, **depth)).pixels
    assert np.allclose(pixels[:, :50], 0.299 * 200 / 255, atol=1e-3)
    assert np.allclose(pixels[:, 50:], 0.587 * 100 / 255, atol=1e-3)
