"""Millimetres with their meaning: calibrated, at the detector, magnified, scanned, or not believed."""

import pytest
from pydicom.dataset import Dataset

from opensvh.io.dicom_spacing import pixel_shape, spacing_of


def header(**tags: object) -> Dataset:
    dataset = Dataset()
    dataset.Rows, dataset.Columns = 2500, 2000
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("tags", "mm", "meaning"),
    [
        ({"ImagerPixelSpacing": [0.1, 0.1]}, 0.1, "at the detector"),
        (
            {"PixelSpacing": [0.09, 0.09], "ImagerPixelSpacing": [0.1, 0.1]},
            0.09,
            "as PixelSpacing says, not calibrated",
        ),
        (
            {"PixelSpacing": [0.09, 0.09], "PixelSpacingCalibrationType": "FIDUCIAL"},
            0.09,
            "calibrated to the limb (FIDUCIAL)",
        ),
        (
            {"PixelSpacing": [0.09, 0.09], "PixelSpacingCalibrationType": "GEOMETRY"},
            0.09,
            "calibrated to the limb (GEOMETRY)",
        ),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": 1.2},
            0.125,
            "at the limb, by an estimated magnification of 1.2",
        ),
        ({"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": 80}, 0.15, "at the detector"),
        ({"NominalScannedPixelSpacing": [0.084, 0.084]}, 0.084, "on the film that was scanned"),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.1, 0.1]}, 0.1, "at the detector"),
        ({"PixelSpacing": [0, 0]}, None, ""),
        ({"PixelSpacing": [1, 1]}, None, "PixelSpacing makes the film 250 cm long: not believed"),
        ({"PixelSpacing": [1, 1], "ImagerPixelSpacing": [0.1, 0.1]}, 0.1, "at the detector"),
        ({"PixelSpacing": 0.1}, None, ""),
        ({}, None, ""),
    ],
)
def test_spacing_says_where_it_holds(tags: dict[str, object], mm: float | None, meaning: str) -> None:
    found = spacing_of(header(**tags))
    assert found.mm == (None if mm is None else pytest.approx(mm))
    assert found.meaning == meaning


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"ImagerPixelSpacing": [0.12, 0.1]}, "not square: 1.2 times as high as wide"),
        ({"PixelAspectRatio": [4, 3]}, "not square: 1.33 times as high as wide"),
        ({"ImagerPixelSpacing": [0.1, 0.1]}, ""),
        ({}, ""),
    ],
)
def test_pixels_that_are_not_square_are_told(tags: dict[str, object], told: str) -> None:
    assert pixel_shape(header(**tags)) == told
