"""DICOM films: grey levels as displayed, spacing, claims of the tags; guards against hostile and damaged files."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_levels import windowed
from opensvh.io.image import read_film, stored_size

RAMP = np.linspace(0, 4095, 80 * 100).astype(np.uint16).reshape(80, 100)


def _dataset(**tags: object) -> Dataset:
    """A 12-bit MONOCHROME2 ramp [80, 100], with `tags` set or, where None, removed."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = DigitalXRayImageStorageForPresentation, generate_uid()
    dataset.PatientID, dataset.Modality = "X7", "DX"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 80, 100, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = RAMP.tobytes()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


def _saved(folder: Path, dataset: Dataset) -> Path:
    path = folder / "film.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return path


def _pixels(folder: Path, dataset: Dataset) -> np.ndarray:
    return read_film(_saved(folder, dataset)).pixels


def test_film_without_window_uses_its_own_range(tmp_path: Path) -> None:
    pixels = _pixels(tmp_path, _dataset())
    assert pixels.dtype == np.float32
    assert np.allclose(pixels, RAMP / 4095, atol=0.001)


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    inverted = _pixels(tmp_path, _dataset(PhotometricInterpretation="MONOCHROME1"))
    assert np.allclose(inverted, 1 - RAMP / 4095, atol=0.001)


def test_monochrome1_with_inverse_shape_is_inverted_once(tmp_path: Path) -> None:
    dataset = _dataset(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")
    assert np.allclose(_pixels(tmp_path, dataset), 1 - RAMP / 4095, atol=0.001)


def test_window_is_applied_before_the_inversion(tmp_path: Path) -> None:
    dataset = _dataset(PhotometricInterpretation="MONOCHROME1", WindowCenter=1000.5, WindowWidth=501)
    pixels = _pixels(tmp_path, dataset)
    assert (pixels[RAMP <= 750] == 1).all()
    assert (pixels[RAMP >= 1250] == 0).all()
    assert pixels[RAMP == 1000] == pytest.approx(0.5)


def test_rescale_comes_before_the_window(tmp_path: Path) -> None:
    dataset = _dataset(RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=0.5, WindowWidth=2001)
    assert _pixels(tmp_path, dataset)[RAMP == 500] == pytest.approx(0.5)


def test_sigmoid_window(tmp_path: Path) -> None:
    pixels = _pixels(tmp_path, _dataset(WindowCenter=2000, WindowWidth=1000, VOILUTFunction="SIGMOID"))
    assert np.allclose(pixels, 1 / (1 + np.exp(-4 * (RAMP - 2000.0) / 1000)), atol=1e-5)


def test_windows_follow_the_standard_at_their_edges() -> None:
    values = np.array([0, 1023, 2046, 4095])
    assert windowed(values, 2048, 4096, "LINEAR") == pytest.approx([0, 1023 / 4095, 2046 / 4095, 1], abs=1e-6)
    assert windowed(values, 2048, 4096, "LINEAR_EXACT") == pytest.approx(values / 4096, abs=1e-6)
    assert windowed(values, 2048, 1, "LINEAR") is None


def test_lut_sequence_goes_before_the_window(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4096, 0, 16], (np.arange(4096) ** 2 // 256).astype(np.uint16).tobytes()
    dataset = _dataset(VOILUTSequence=Sequence([table]), WindowCenter=10, WindowWidth=5)
    assert np.allclose(_pixels(tmp_path, dataset), (RAMP / 4095.0) ** 2, atol=0.002)


def test_window_that_shows_nothing_is_not_used(tmp_path: Path) -> None:
    assert np.allclose(_pixels(tmp_path, _dataset(WindowCenter=50000, WindowWidth=100)), RAMP / 4095, atol=0.001)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_compressed_film_has_the_same_levels(tmp_path: Path, syntax: str) -> None:
    dataset = _dataset()
    if syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
    else:
        pytest.importorskip("jpeg_ls" if syntax == JPEGLSLossless else "openjpeg")
        dataset.compress(syntax, RAMP, generate_instance_uid=False)
    assert np.allclose(_pixels(tmp_path, dataset), RAMP / 4095, atol=0.001)


def test_dicom_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    path = _saved(tmp_path, _dataset()).rename(tmp_path / "IM0001")
    assert read_film(path).patient == "X7"


@pytest.mark.parametrize(
    ("tags", "spacing", "meaning"),
    [
        ({"ImagerPixelSpacing": [0.1, 0.1]}, 0.1, "at the detector"),
        ({"PixelSpacing": [0.09, 0.09], "ImagerPixelSpacing": [0.1, 0.1]}, 0.09, "not calibrated"),
        ({"PixelSpacing": [0.09, 0.09], "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.09, "FIDUCIAL"),
        ({"PixelSpacing": [0, 0]}, None, ""),
        ({}, None, ""),
    ],
)
def test_spacing_says_where_it_holds(
    tmp_path: Path, tags: dict[str, object], spacing: float | None, meaning: str
) -> None:
    film = read_film(_saved(tmp_path, _dataset(**tags)))
    assert film.spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert meaning in film.facts.get("spacing", "")


@pytest.mark.parametrize(
    ("tags", "limb", "side"),
    [
        ({"BodyPartExamined": "HAND", "ImageLaterality": "R"}, Limb.HAND, Side.RIGHT),
        ({"BodyPartExamined": "FOOT", "Laterality": "L"}, Limb.FOOT, Side.LEFT),
        ({"BodyPartExamined": "HAND", "ImageLaterality": "B"}, Limb.HAND, None),
        ({"BodyPartExamined": "CHEST", "ImageLaterality": "L", "Laterality": "R"}, None, None),
        ({"BodyPartExamined": "LEFT FEET", "ImageLaterality": "U", "Laterality": "L"}, Limb.FOOT, Side.LEFT),
        ({}, None, None),
    ],
)
def test_claims_of_the_tags(tmp_path: Path, tags: dict[str, object], limb: Limb | None, side: Side | None) -> None:
    film = read_film(_saved(tmp_path, _dataset(**tags)))
    assert (film.limb, film.side) == (limb, side)


def test_deflated_file_is_refused_without_expanding_it(tmp_path: Path) -> None:
    dataset = _dataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    bomb = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path = tmp_path / "film.dcm"
    path.write_bytes(buffer.getvalue() + bomb.compress(bytes(50_000_000)) + bomb.flush())
    for read in (read_film, stored_size):
        with pytest.raises(FilmUnreadable, match="deflated"):
            read(path)


@pytest.mark.parametrize(
    ("tags", "fact"),
    [
        ({"Rows": 60000, "Columns": 60000}, "60000 x 60000"),
        ({"NumberOfFrames": 40}, "40 frames"),
        ({"Rows": 20}, "only 100 x 20"),
    ],
)
def test_impossible_size_is_refused_before_decoding(tmp_path: Path, tags: dict[str, object], fact: str) -> None:
    path = _saved(tmp_path, _dataset(**tags))
    for read in (read_film, stored_size):
        with pytest.raises(FilmUnreadable, match=fact):
            read(path)


def test_pixels_cut_short_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FilmUnreadable, match=r"its pixels .* cannot be decoded"):
        read_film(_saved(tmp_path, _dataset(PixelData=RAMP.tobytes()[:1000])))


def test_dicom_without_image_is_refused(tmp_path: Path) -> None:
    dataset = _dataset()
    del dataset.PixelData, dataset.Rows
    with pytest.raises(FilmUnreadable, match="without an image"):
        read_film(_saved(tmp_path, dataset))


def test_text_named_dcm_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.dcm").write_text("this is no film " * 40)
    with pytest.raises(FilmUnreadable, match=r"film\.dcm: "):
        read_film(tmp_path / "film.dcm")


def test_even_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FilmUnreadable, match="even grey"):
        read_film(_saved(tmp_path, _dataset(PixelData=np.full_like(RAMP, 700).tobytes())))


def test_stored_size_needs_no_pixels(tmp_path: Path) -> None:
    assert stored_size(_saved(tmp_path, _dataset())) == (100, 80)
