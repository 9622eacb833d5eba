"""Made DICOM films: a ramp of grey levels with any tags, in any transfer syntax."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from opensvh.io.image import read_film

ROWS, COLUMNS = 80, 100


@dataclass(frozen=True)
class DicomMaker:
    """Writes films into a folder. `ramp`: 12 bits, uint16 [80, 100], from 0 to 4095."""

    folder: Path

    @property
    def ramp(self) -> NDArray[np.uint16]:
        return np.linspace(0, 4095, ROWS * COLUMNS).astype(np.uint16).reshape(ROWS, COLUMNS)

    def dataset(self, **tags: object) -> Dataset:
        """The ramp as MONOCHROME2, with `tags` set or, where None, removed."""
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID, dataset.SOPInstanceUID = DigitalXRayImageStorageForPresentation, generate_uid()
        dataset.PatientID, dataset.Modality = "X7", "DX"
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.PixelData = self.ramp.tobytes()
        for keyword, value in tags.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        return dataset

    def file(self, name: str = "film.dcm", **tags: object) -> Path:
        return self.saved(self.dataset(**tags), name)

    def saved(self, dataset: Dataset, name: str = "film.dcm") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
        return path

    def pixels(self, **tags: object) -> NDArray[np.float32]:
        return read_film(self.file(**tags)).pixels

    def compressed(self, syntax: str, *frames: bytes, **tags: object) -> Path:
        """A film of codestreams that were made elsewhere."""
        dataset = self.dataset(**tags)
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.PixelData = encapsulate(list(frames))
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        return self.saved(dataset)


@pytest.fixture
def made(tmp_path: Path) -> DicomMaker:
    """Makes DICOM films in the test's folder."""
    return DicomMaker(tmp_path)


@pytest.fixture
def item() -> Callable[..., Sequence]:
    """Makes a sequence of one item with these elements."""
    return _item


def _item(**elements: object) -> Sequence:
    made_item = Dataset()
    for keyword, value in elements.items():
        setattr(made_item, keyword, value)
    return Sequence([made_item])
