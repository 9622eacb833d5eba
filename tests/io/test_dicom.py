"""DICOM films as a whole: what is read, and what the film says of itself; the parts have tests of their own."""

from typing import Any

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom import read_dicom_header
from opensvh.io.image import read_film, stored_size


def test_dicom_is_known_by_its_content_whatever_its_name(made: Any) -> None:
    for name in ("IM0001", "film.png"):
        path = made.file(name)
        assert read_film(path).patient == "X7"
        assert stored_size(path) == (100, 80)


def test_header_says_all_but_the_pixels(made: Any) -> None:
    path = made.file(
        BodyPartExamined="HAND", ImageLaterality="R", ImagerPixelSpacing=[0.1, 0.1], ViewPosition="PA",
        StudyDate="20240501", ClinicalTrialTimePointID="V2", LossyImageCompression="01",
    )  # fmt: skip
    film, header = read_film(path), read_dicom_header(str(path))
    assert header.pixels.size == 0
    for what in ("path", "spacing_mm", "patient", "limb", "side", "date", "visit"):
        assert getattr(header, what) == getattr(film, what)
    assert header.facts.items() <= film.facts.items()
    assert (film.limb, film.side, film.spacing_mm) == (Limb.HAND, Side.RIGHT, 0.1)
    assert (film.date, film.visit) == ("2024-05-01", "V2")
    assert film.facts["ViewPosition"] == "PA"
    assert film.facts["compression"] == "lossy"


def test_header_needs_no_sound_pixels(made: Any) -> None:
    path = made.file(PixelData=b"\0\0")
    assert read_dicom_header(str(path)).patient == "X7"
    assert stored_size(path) == (100, 80)


def test_film_of_both_sides_says_so(made: Any) -> None:
    film = read_film(made.file(BodyPartExamined="HAND", ImageLaterality="B"))
    assert (film.limb, film.side, film.facts["sides"]) == (Limb.HAND, None, "both")


def test_contradiction_is_told(made: Any) -> None:
    film = read_film(made.file(BodyPartExamined="HAND", ImageLaterality="L", SeriesDescription="Hand right PA"))
    assert (film.limb, film.side) == (Limb.HAND, None)
    assert film.facts["contradiction"] == "ImageLaterality says L, SeriesDescription says R"


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("WindowCenter", b"abc "), ("RescaleSlope", b"x "), ("PixelSpacing", b"0.1\\zz"), ("StudyDate", b"yesterda"),
        ("PatientID", b"\xff\xfe\xfd\xfc"), ("NumberOfFrames", b"no"), ("ImageLaterality", b"LR"),
    ],
)  # fmt: skip
def test_damaged_values_say_nothing(made: Any, keyword: str, value: bytes) -> None:
    sound = made.dataset(
        WindowCenter=2048, WindowWidth=4096, RescaleSlope=1, RescaleIntercept=0, PixelSpacing=[0.1, 0.1],
        StudyDate="20240501", NumberOfFrames=1, ImageLaterality="L",
    )  # fmt: skip
    path = made.saved(sound)
    content = path.read_bytes()
    element = sound[keyword]
    place = content.index(element.tag.group.to_bytes(2, "little") + element.tag.element.to_bytes(2, "little"), 300)
    length = int.from_bytes(content[place + 6 : place + 8], "little")
    path.write_bytes(content[: place + 8] + value.ljust(length, b" ")[:length] + content[place + 8 + length :])
    film = read_film(path)
    assert np.allclose(film.pixels, made.ramp / 4095, atol=0.001)
    damaged = {"StudyDate": "date", "PixelSpacing": "spacing_mm", "ImageLaterality": "side"}
    if keyword in damaged:
        assert getattr(film, damaged[keyword]) is None
