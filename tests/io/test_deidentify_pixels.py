"""Samples come out as stored and go back without a bit or a byte beyond the picture."""

import numpy as np
import pytest
from pydicom import examples
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.deidentify_pixels import put_picture, refuse_other_objects, stored_picture


def film(samples: np.ndarray, stored: int = 12) -> Dataset:
    """An uncompressed CR image."""
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.Rows, made.Columns = samples.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, stored, stored - 1
    made.PixelRepresentation = int(samples.dtype == np.int16)
    made.PixelData = samples.tobytes()
    made["PixelData"].VR = "OW"
    return made


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_what_is_put_is_what_is_read(dtype: type[np.integer]) -> None:
    samples = np.arange(-12 if dtype is np.int16 else 0, 88 if dtype is np.int16 else 100).reshape(10, 10).astype(dtype)
    made = film(np.zeros((10, 10), dtype))
    put_picture(made, samples)
    np.testing.assert_array_equal(stored_picture(made, "a.dcm").samples, samples)


def test_bits_beyond_the_stored_ones_are_lost() -> None:
    hidden = np.full((10, 10), 0x0123, np.uint16)
    hidden[3, 4] |= 0x8000  # an overlay of old, in a bit that is no sample's
    np.testing.assert_array_equal(stored_picture(film(hidden), "a.dcm").samples, 0x0123)


def test_bytes_beyond_the_picture_are_lost() -> None:
    made = film(np.zeros((10, 10), np.uint16))
    made.PixelData += b"MUELLER^ANNA"
    put_picture(made, stored_picture(made, "a.dcm").samples)
    assert len(made.PixelData) == 200


def test_colour_goes_back_as_rgb() -> None:
    made = film(np.zeros((4, 4), np.uint16))
    put_picture(made, np.full((6, 5, 3), 7, np.uint8))
    assert (made.Rows, made.Columns, made.SamplesPerPixel, made.BitsAllocated) == (6, 5, 3, 8)
    assert (made.PhotometricInterpretation, made["PixelData"].VR) == ("RGB", "OB")


def test_other_objects_are_refused_by_name() -> None:
    made = film(np.zeros((4, 4), np.uint16))
    refuse_other_objects(made, "a.dcm")
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    with pytest.raises(FilmUnreadable, match="Basic Text SR"):
        refuse_other_objects(made, "a.dcm")
    with pytest.raises(FilmUnreadable, match="not a CR, DX or Secondary Capture"):
        refuse_other_objects(examples.ct, "ct.dcm")


def test_many_frames_and_palettes_are_refused() -> None:
    made = film(np.zeros((4, 4), np.uint16))
    made.NumberOfFrames = 2
    with pytest.raises(FilmUnreadable, match="several frames"):
        refuse_other_objects(made, "a.dcm")
    made.NumberOfFrames, made.PhotometricInterpretation = 1, "PALETTE COLOR"
    with pytest.raises(FilmUnreadable, match="palette"):
        refuse_other_objects(made, "a.dcm")


def test_a_coder_s_comments_are_not_carried_over() -> None:
    from pydicom.encaps import encapsulate

    made = film(np.zeros((4, 4), np.uint16))
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    import cv2

    jpeg = cv2.imencode(".jpg", np.zeros((4, 4), np.uint8))[1].tobytes()
    made.PixelData = encapsulate([jpeg[:2] + b"\xff\xfe\x00\x09Mueller" + jpeg[2:]])
    made["PixelData"].is_undefined_length = True
    assert not stored_picture(made, "a.dcm").keeps
