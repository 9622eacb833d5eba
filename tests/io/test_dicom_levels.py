"""Grey levels as a viewer shows them: exact values for every table, window and polarity of the standard."""

from typing import Any

import cv2
import numpy as np
import pytest

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_levels import windowed
from opensvh.io.image import read_film

FULL = {"WindowCenter": 2048, "WindowWidth": 4096}
"""A window whose levels are the 12-bit samples over 4095."""
PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"


def test_film_without_window_uses_its_own_range(made: Any) -> None:
    pixels = made.pixels()
    assert pixels.dtype == np.float32
    assert np.allclose(pixels, made.ramp / 4095, atol=0.001)
    assert read_film(made.file()).facts["shown_by"] == "the film's own range"


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "INVERSE", True),
    ],
)
def test_polarity_is_turned_at_most_once(made: Any, photometric: str, shape: str | None, inverted: bool) -> None:
    tags = {} if shape is None else {"PresentationLUTShape": shape}
    expected = 1 - made.ramp / 4095 if inverted else made.ramp / 4095
    assert np.allclose(made.pixels(**FULL, PhotometricInterpretation=photometric, **tags), expected, atol=1e-6)


def test_window_is_applied_before_the_inversion(made: Any) -> None:
    pixels = made.pixels(PhotometricInterpretation="MONOCHROME1", WindowCenter=1000.5, WindowWidth=501)
    assert (pixels[made.ramp <= 750] == 1).all()
    assert (pixels[made.ramp >= 1250] == 0).all()
    assert pixels[made.ramp == 1000] == pytest.approx(0.5)


def test_rescale_comes_before_the_window(made: Any) -> None:
    tags = {"RescaleSlope": 2, "RescaleIntercept": -1000, "WindowCenter": 0.5, "WindowWidth": 2001}
    assert np.allclose(made.pixels(**tags), np.clip((made.ramp * 2.0 - 1000) / 2000 + 0.5, 0, 1), atol=1e-6)


def test_a_slope_of_zero_is_not_believed(made: Any) -> None:
    assert np.allclose(made.pixels(**FULL, RescaleSlope=0, RescaleIntercept=0), made.ramp / 4095, atol=1e-6)


def test_windows_follow_the_standard_at_their_edges() -> None:
    values = np.array([0, 1023, 2046, 4095])
    assert windowed(values, 2048, 4096, "LINEAR") == pytest.approx([0, 1023 / 4095, 2046 / 4095, 1], abs=1e-6)
    assert windowed(values, 2048, 4096, "LINEAR_EXACT") == pytest.approx(values / 4096, abs=1e-6)
    assert windowed(values, 2048, 1, "LINEAR") is None


def test_eight_bit_film_has_the_very_levels_of_its_png(made: Any) -> None:
    picture = (made.ramp >> 4).astype(np.uint8)
    path = made.folder / "film.png"
    cv2.imwrite(str(path), picture)
    tags = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelData": picture.tobytes()}
    assert np.array_equal(made.pixels(**tags, WindowCenter=128, WindowWidth=256), read_film(path).pixels)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("LINEAR", lambda ramp: np.clip((ramp - 1999.5) / 999 + 0.5, 0, 1)),
        ("LINEAR_EXACT", lambda ramp: np.clip((ramp - 2000) / 1000 + 0.5, 0, 1)),
        ("SIGMOID", lambda ramp: 1 / (1 + np.exp(-4 * (ramp - 2000) / 1000))),
        ("SOMETHING", lambda ramp: np.clip((ramp - 1999.5) / 999 + 0.5, 0, 1)),
    ],
)
def test_every_window_function(made: Any, function: str, expected: Any) -> None:
    pixels = made.pixels(WindowCenter=2000, WindowWidth=1000, VOILUTFunction=function)
    assert np.allclose(pixels, expected(made.ramp.astype(float)), atol=1e-5)


def test_of_several_windows_the_first_that_shows_something_is_used(made: Any) -> None:
    tags = {"WindowCenter": [90000, 2048, 100], "WindowWidth": [100, 4096, 10]}
    path = made.file(**tags, WindowCenterWidthExplanation=["DARK", "NORMAL", "HARD"])
    film = read_film(path)
    assert np.allclose(film.pixels, made.ramp / 4095, atol=1e-6)
    assert film.facts["shown_by"] == "window 2 of 3, LINEAR (NORMAL)"


def test_a_window_that_shows_nothing_is_not_used(made: Any) -> None:
    assert np.allclose(made.pixels(WindowCenter=50000, WindowWidth=100), made.ramp / 4095, atol=0.001)


def test_lut_sequence_goes_before_the_window(made: Any, item: Any) -> None:
    table = item(LUTDescriptor=[4096, 0, 12], LUTData=(np.arange(4096) ** 2 // 4096).astype("<u2").tobytes())
    table[0].LUTExplanation = "BONE"
    film = read_film(made.file(VOILUTSequence=table, WindowCenter=10, WindowWidth=5))
    assert np.allclose(film.pixels, (made.ramp.astype(np.int64) ** 2 // 4096) / 4095, atol=1e-6)
    assert film.facts["shown_by"] == "VOI LUT (BONE)"


def test_lut_sequence_of_a_film_with_white_at_zero(made: Any, item: Any) -> None:
    table = item(LUTDescriptor=[4096, 0, 12], LUTData=(np.arange(4096) ** 2 // 4096).astype("<u2").tobytes())
    pixels = made.pixels(VOILUTSequence=table, PhotometricInterpretation="MONOCHROME1")
    assert np.allclose(pixels, 1 - (made.ramp.astype(np.int64) ** 2 // 4096) / 4095, atol=1e-6)


def test_lut_that_declares_more_bits_than_it_uses(made: Any, item: Any) -> None:
    table = item(LUTDescriptor=[4096, 0, 16], LUTData=np.arange(4096, dtype="<u2").tobytes())
    assert np.allclose(made.pixels(VOILUTSequence=table), made.ramp / 4095, atol=1e-6)


def test_lut_of_some_levels_holds_its_ends(made: Any, item: Any) -> None:
    table = item(LUTDescriptor=[1024, 1000, 10], LUTData=np.arange(1024, dtype="<u2").tobytes())
    expected = np.clip(made.ramp.astype(float) - 1000, 0, 1023) / 1023
    assert np.allclose(made.pixels(VOILUTSequence=table), expected, atol=1e-6)


@pytest.mark.parametrize("descriptor", [[4096, 0], [0, 0, 16], [9999, 0, 12], [4096, 4095, 12]])
def test_a_damaged_lut_gives_way_to_the_window(made: Any, item: Any, descriptor: list[int]) -> None:
    table = item(LUTDescriptor=descriptor, LUTData=np.arange(4096, dtype="<u2").tobytes())
    assert np.allclose(made.pixels(VOILUTSequence=table, **FULL), made.ramp / 4095, atol=1e-6)


def test_modality_lut_comes_before_the_window(made: Any, item: Any) -> None:
    table = item(
        LUTDescriptor=[4096, 0, 16], LUTData=(np.arange(4096, dtype="<u2") * 16).tobytes(), ModalityLUTType="US"
    )
    pixels = made.pixels(ModalityLUTSequence=table, WindowCenter=32760.5, WindowWidth=65521)
    assert np.allclose(pixels, made.ramp * 16.0 / 65520, atol=1e-5)


def test_padding_round_the_picture_is_black_and_outside_the_range(made: Any) -> None:
    samples = made.ramp + np.uint16(1000)
    samples[:, :10] = 60000
    samples[40, 50] = 60000  # the same value inside the picture is picture
    tags = {"BitsStored": 16, "HighBit": 15, "PixelData": samples.tobytes(), "PixelPaddingValue": 60000}
    pixels = made.pixels(**tags)
    assert (pixels[:, :10] == 0).all()
    assert pixels[40, 50] == 1
    plain = made.pixels(**tags, WindowCenter=1000 + 2048, WindowWidth=4096)
    assert np.allclose(np.delete(plain[:, 10:], 40, axis=0), np.delete(made.ramp[:, 10:], 40, axis=0) / 4095, atol=1e-6)


def test_padding_of_a_film_with_white_at_zero_is_black_too(made: Any) -> None:
    samples = made.ramp // 2 + np.uint16(10)
    samples[:20] = 0
    tags = {"PhotometricInterpretation": "MONOCHROME1", "PixelPaddingValue": 0, "PixelPaddingRangeLimit": 5}
    pixels = made.pixels(**tags, PixelData=samples.tobytes(), WindowCenter=2048, WindowWidth=4096)
    assert (pixels[:20] == 0).all()
    assert np.allclose(pixels[20:], np.clip(1 - samples[20:] / 4095, 0, 1), atol=1e-6)


def test_film_for_processing_is_shown_by_its_logarithm(made: Any) -> None:
    """Intensity falls by e for each of six equal steps, as behind a wedge: levels that rise evenly."""
    depth = np.linspace(0, 6, 8000).reshape(80, 100)
    intensity = np.rint(4095 * np.exp(-depth)).astype(np.uint16)
    tags = {"PresentationIntentType": "FOR PROCESSING", "SOPClassUID": PROCESSING, "PixelData": intensity.tobytes()}
    said = {"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1}
    film = read_film(made.file(**tags, **said, WindowCenter=10, WindowWidth=5))
    assert np.abs(film.pixels - depth / 6).max() < 0.02  # 10 of 4095 levels are left at the end
    assert film.facts["shown_by"] == "for processing, LIN: its logarithm"


def test_film_for_processing_without_beam_stays_in_the_range_of_limbs(made: Any) -> None:
    depth = np.linspace(0, 3, 8000).reshape(80, 100)
    intensity = np.rint(60000 * np.exp(-depth)).astype(np.uint16)
    intensity[:20] = 0  # under the collimator
    tags = {"PresentationIntentType": "FOR PROCESSING", "BitsStored": 16, "HighBit": 15}
    said = {"PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1, "PixelData": intensity.tobytes()}
    pixels = made.pixels(**tags, **said)
    assert np.allclose(pixels[:20], 1)
    assert np.abs(pixels[20:] - (np.log(60000) - np.log(intensity[20:])) / np.log(1000)).max() < 0.12


@pytest.mark.parametrize(
    ("sign", "photometric", "inverted"),
    [(1, "MONOCHROME2", True), (-1, "MONOCHROME2", False), (-1, "MONOCHROME1", False), (None, "MONOCHROME1", True)],
)
def test_polarity_for_processing_follows_the_beam(
    made: Any, sign: int | None, photometric: str, inverted: bool
) -> None:
    tags = {"PresentationIntentType": "FOR PROCESSING", "PixelIntensityRelationship": "LOG"}
    said = {} if sign is None else {"PixelIntensityRelationshipSign": sign}
    pixels = made.pixels(**tags, **said, PhotometricInterpretation=photometric)
    assert np.allclose(pixels, 1 - made.ramp / 4095 if inverted else made.ramp / 4095, atol=0.001)


def test_even_film_is_refused(made: Any) -> None:
    with pytest.raises(FilmUnreadable, match="even grey"):
        read_film(made.file(PixelData=np.full_like(made.ramp, 700).tobytes()))
