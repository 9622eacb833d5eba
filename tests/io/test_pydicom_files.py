"""Every file that comes with pydicom goes through `read_film`: read, or refused in a sentence that helps."""

import re
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from pydicom import dcmread

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_frames import frames_of
from opensvh.io.dicom_samples import decoded
from opensvh.io.dicom_source import dicom_source
from opensvh.io.image import read_film

DATA = Path(pydicom.data.__file__).parent
FILES = sorted(
    path
    for folder in ("test_files", "charset_files", "palettes")
    for path in (DATA / folder).rglob("*")
    if path.suffix == ".dcm" or (path.suffix == "" and path.is_file())
)
"""Only those of the package: nothing is downloaded."""
READ = (
    "GDCMJ2K_TextGBR", "JPEG-lossy", "JPEG2000", "JPGExtended", "SC_jpeg_no_color_transform", "SC_rgb_dcmtk_+eb+cr",
    "SC_rgb_gdcm_KY", "SC_rgb_jls_lossy_line", "SC_rgb_jpeg_dcmd", "SC_rgb_rle_32bit", "SC_rgb_rle_16bit",
    "SC_ybr_full_422_uncompressed", "image_dfl",
)  # fmt: skip
DECODED = (
    "693_J2KI", "CT_small", "J2K_pixelrep_mismatch", "JPEGLSNearLossless_08", "JPEGLSNearLossless_16", "MR_small",
    "MR_small_RLE", "MR_small_bigendian", "MR_small_expb", "MR_small_implicit", "MR_small_jp2klossless",
    "MR_small_jpeg_ls_lossless", "MR_small_padded", "SC_rgb_small_odd_big_endian", "rtdose_1frame", "rtdose_rle_1frame",
)  # fmt: skip
"""Not films, but grey samples of many transfer syntaxes, depths and signs."""


def test_all_are_there() -> None:
    assert len(FILES) > 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DATA)))
@pytest.mark.filterwarnings("ignore")
def test_read_or_refused_in_a_sentence(path: Path) -> None:
    for film in frames_of(path):
        try:
            radiograph = read_film(film)
        except FilmUnreadable as failure:
            reason = str(failure)
        else:
            assert radiograph.pixels.dtype == np.float32
            assert radiograph.pixels.min() >= 0
            assert radiograph.pixels.max() <= 1
            assert np.ptp(radiograph.pixels) > 0.1
            source = dicom_source(film)
            assert source is None or (source.rows, source.columns) == radiograph.pixels.shape
            continue
        assert re.fullmatch(rf"{re.escape(str(film))}: \S[^\n]*; \S[^\n]*", reason)


@pytest.mark.parametrize("name", READ)
@pytest.mark.filterwarnings("ignore")
def test_those_that_might_be_films_are_read(name: str) -> None:
    assert read_film(DATA / "test_files" / f"{name}.dcm").pixels.size >= 10_000


@pytest.mark.parametrize("name", DECODED)
@pytest.mark.filterwarnings("ignore")
def test_samples_are_those_that_pydicom_finds(name: str) -> None:
    path = DATA / "test_files" / f"{name}.dcm"
    found = decoded(dcmread(path), 1, str(path)).values
    expected = dcmread(path).pixel_array
    assert np.allclose(found, expected if expected.ndim == 2 else expected @ [0.299, 0.587, 0.114], atol=0.01)
