"""Results are told by their headers, and only what a destination wants is sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import (
    ComprehensiveSRStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    SecondaryCaptureImageStorage,
)

from opensvh.serving.result_files import result_files

CLASSES = {
    "a": ComprehensiveSRStorage,
    "b": SecondaryCaptureImageStorage,
    "c": EncapsulatedPDFStorage,
    "d": GrayscaleSoftcopyPresentationStateStorage,
}


@pytest.mark.parametrize(("kinds", "names"), [(("sr", "sc", "pdf", "gsps"), "abcd"), (("pdf",), "c"), ((), "")])
def test_objects_of_the_wanted_kinds_are_found_at_any_depth(
    film: Callable[..., Path], tmp_path: Path, kinds: tuple[str, ...], names: str
) -> None:
    folder = tmp_path / "results" / "P1" / "dicom"
    folder.mkdir(parents=True)
    for name, sop_class in CLASSES.items():
        dataset = dcmread(film())
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
        dataset.save_as(folder / f"{name}.dcm")
    (folder / "report.html").write_text("a page")
    found = result_files(tmp_path / "results", kinds)
    assert "".join(each.path.stem for each in found) == names
    assert all(each.sop_class == CLASSES[each.path.stem] for each in found)
