"""Stored samples come back exactly, whatever the transfer syntax, the bits and their sign."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.image import read_film, stored_size

FULL = {"WindowCenter": 2048, "WindowWidth": 4096}
"""A window whose levels are the 12-bit samples over 4095."""
EIGHT = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "WindowCenter": 128, "WindowWidth": 256}
SMOOTH = cv2.GaussianBlur(np.random.default_rng(2).uniform(0, 4095, (80, 100)).astype(np.float32), (0, 0), 4)
codecs = pytest.importorskip("imagecodecs", reason="opensvh[dicom] is not installed")


def shown(path: Path) -> Any:
    return read_film(path).pixels


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_uncompressed_and_deflated_films_are_read(made: Any, syntax: str) -> None:
    dataset = made.dataset(**FULL)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset["PixelData"].VR = "OW"
    path = made.saved(dataset)
    assert np.allclose(shown(path), made.ramp / 4095, atol=1e-6)
    assert stored_size(path) == (100, 80)


def test_big_endian_film_is_read(made: Any) -> None:
    dataset = made.dataset(**FULL, PixelData=made.ramp.astype(">u2").tobytes())
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset["PixelData"].VR = "OW"
    assert np.allclose(shown(made.saved(dataset)), made.ramp / 4095, atol=1e-6)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_losslessly_compressed_film_is_read_exactly(made: Any, syntax: str) -> None:
    dataset = made.dataset(**FULL)
    dataset.compress(syntax, made.ramp, generate_instance_uid=False)
    assert np.allclose(shown(made.saved(dataset)), made.ramp / 4095, atol=1e-6)


@pytest.mark.parametrize(("syntax", "predictor"), [(JPEGLosslessSV1, 1), (JPEGLossless, 1), (JPEGLossless, 6)])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_lossless_jpeg_is_read_exactly(made: Any, syntax: str, predictor: int, bits: int) -> None:
    samples = (made.ramp >> 4).astype(np.uint8) if bits == 8 else made.ramp if bits >= 12 else made.ramp >> 2
    stream = codecs.jpeg8_encode(samples, lossless=True, predictor=predictor, bitspersample=bits)
    tags = {"BitsAllocated": 8 if bits == 8 else 16, "BitsStored": bits, "HighBit": bits - 1}
    top = 1 << bits
    path = made.compressed(syntax, stream, **tags, WindowCenter=top // 2, WindowWidth=top)
    assert np.allclose(shown(path), samples / (top - 1), atol=1e-6)


def test_twelve_bit_jpeg_is_read(made: Any) -> None:
    stream = codecs.jpeg8_encode(SMOOTH.astype(np.uint16), level=98, bitspersample=12)
    path = made.compressed(JPEGExtended12Bit, stream, **FULL)
    assert np.abs(shown(path) - SMOOTH / 4095).max() < 0.01


def test_eight_bit_jpeg_is_read(made: Any) -> None:
    picture = (SMOOTH / 16).astype(np.uint8)
    for syntax in (JPEGBaseline8Bit, JPEGExtended12Bit):
        stream = codecs.jpeg8_encode(picture, level=98)
        assert np.abs(shown(made.compressed(syntax, stream, **EIGHT)) - picture / 255).max() < 0.02


@pytest.mark.parametrize("syntax", [JPEG2000, HTJ2K, HTJ2KLossless])
def test_jpeg_2000_of_every_kind_is_read(made: Any, syntax: str) -> None:
    if syntax == JPEG2000:
        stream = codecs.jpeg2k_encode(made.ramp, bitspersample=12, codecformat="j2k", reversible=True)
    else:
        stream = codecs.htj2k_encode(made.ramp, reversible=True)
    tags = FULL if syntax == JPEG2000 else {**FULL, "BitsStored": 16, "HighBit": 15}
    assert np.allclose(shown(made.compressed(syntax, stream, **tags)), made.ramp / 4095, atol=1e-6)


def test_nearly_lossless_jpeg_ls_is_read(made: Any) -> None:
    stream = codecs.jpegls_encode(SMOOTH.astype(np.uint16), level=4)
    tags = {**FULL, "BitsStored": 16, "HighBit": 15}
    assert np.abs(shown(made.compressed(JPEGLSNearLossless, stream, **tags)) - SMOOTH / 4095).max() < 0.002


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("signed", [0, 1])
def test_odd_bit_depths_and_signs(made: Any, bits: int, signed: int) -> None:
    lowest = -(1 << (bits - 1)) if signed else 0
    values = np.linspace(lowest, lowest + (1 << bits) - 1, 8000).astype(np.int32).reshape(80, 100)
    stored = (values & ((1 << bits) - 1)).astype(np.uint16)  # no sign beyond the stored bits, as many writers do
    tags = {"BitsStored": bits, "HighBit": bits - 1, "PixelRepresentation": signed, "PixelData": stored.tobytes()}
    window = {"WindowCenter": lowest + (1 << (bits - 1)), "WindowWidth": 1 << bits}
    assert np.allclose(made.pixels(**tags, **window), (values - lowest) / ((1 << bits) - 1), atol=1e-6)


def test_bits_outside_the_sample_are_left_out(made: Any) -> None:
    """An overlay in the highest bits, as older machines write it."""
    dataset = made.dataset(**FULL, PixelData=(made.ramp | np.uint16(0x8000)).tobytes())
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    assert np.allclose(shown(made.saved(dataset)), made.ramp / 4095, atol=1e-6)


def test_samples_that_use_more_bits_than_the_header_says_are_refused(made: Any) -> None:
    """Read by the header, the brightest bone would turn black."""
    with pytest.raises(FilmUnreadable, match="says 12 bits a sample, its samples use more"):
        read_film(made.file(**FULL, PixelData=(made.ramp * 4).tobytes()))


def test_samples_in_the_upper_bits_are_moved_down(made: Any) -> None:
    pixels = made.pixels(**FULL, HighBit=15, PixelData=(made.ramp << 4).astype(np.uint16).tobytes())
    assert np.allclose(pixels, made.ramp / 4095, atol=1e-6)


def colour(made: Any, rgb: Any, **tags: object) -> Any:
    plain = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "PhotometricInterpretation": "RGB", **EIGHT}
    return made.pixels(**{**plain, "PixelData": rgb.tobytes(), **tags})


def test_grey_stored_as_colour_keeps_its_levels(made: Any) -> None:
    grey = (made.ramp >> 4).astype(np.uint8)
    assert np.array_equal(colour(made, np.dstack([grey] * 3)), grey.astype(np.float32) / 255)
    planes = np.stack([grey] * 3)
    assert np.array_equal(colour(made, planes, PlanarConfiguration=1), grey.astype(np.float32) / 255)


def test_colour_is_read_by_its_luminance(made: Any) -> None:
    rgb = np.zeros((80, 100, 3), np.uint8)
    rgb[:, :50, 0], rgb[:, 50:, 1] = 200, 100
    pixels = colour(made, rgb)
    assert np.allclose(pixels[:, :50], 0.299 * 200 / 255, atol=1e-3)
    assert np.allclose(pixels[:, 50:], 0.587 * 100 / 255, atol=1e-3)


def test_film_stored_as_luminance_and_colour_is_read(made: Any) -> None:
    grey = (made.ramp >> 4).astype(np.uint8)
    ybr = np.dstack([grey, np.full_like(grey, 128), np.full_like(grey, 128)])
    assert np.allclose(colour(made, ybr, PhotometricInterpretation="YBR_FULL"), grey / 255, atol=0.005)


def test_palette_colour_is_looked_up(made: Any) -> None:
    indices = (made.ramp >> 4).astype(np.uint8)
    falling = np.arange(255, -1, -1, dtype=np.uint16) * 257
    tables = {}
    for name in ("Red", "Green", "Blue"):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{name}PaletteColorLookupTableData"] = falling.tobytes()
    pixels = made.pixels(**EIGHT, PhotometricInterpretation="PALETTE COLOR", PixelData=indices.tobytes(), **tables)
    assert np.allclose(pixels, 1 - indices / 255, atol=1e-6)


def test_pixels_cut_short_are_refused(made: Any) -> None:
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: is cut short, 1000 of 16000 bytes .* copy or export"):
        read_film(made.file(PixelData=made.ramp.tobytes()[:1000]))


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, JPEGLosslessSV1, RLELossless])
def test_a_compressed_film_cut_short_is_refused(made: Any, syntax: str) -> None:
    noise = np.random.default_rng(1).integers(0, 4096, (80, 100)).astype(np.uint16)
    if syntax == JPEGLosslessSV1:
        stream = codecs.jpeg8_encode(noise, lossless=True, predictor=1, bitspersample=12)
    elif syntax == JPEG2000Lossless:
        stream = codecs.jpeg2k_encode(noise, bitspersample=12, codecformat="j2k", reversible=True)
    elif syntax == JPEGLSLossless:
        stream = codecs.jpegls_encode(noise)
    else:
        dataset = made.dataset(PixelData=noise.tobytes())
        dataset.compress(RLELossless, generate_instance_uid=False)
        from pydicom.encaps import get_frame

        stream = get_frame(dataset.PixelData, 0, number_of_frames=1)
    path = made.compressed(syntax, stream[: len(stream) // 2 // 2 * 2], **FULL)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: its pixels .* cannot be decoded"):
        read_film(path)


def test_a_film_without_pixels_is_refused(made: Any) -> None:
    with pytest.raises(FilmUnreadable, match="has no pixels"):
        read_film(made.file(PixelData=None))


def test_an_unknown_transfer_syntax_is_refused_by_name(made: Any) -> None:
    path = made.compressed("1.2.840.10008.1.2.4.100", b"\0\0\1\xb3" * 100)
    with pytest.raises(FilmUnreadable, match=r"MPEG2 .* cannot be decoded"):
        read_film(path)
