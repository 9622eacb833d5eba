"""DICOMDIR: only the images it lists, whether or not they are there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicomdir import MEDIA_STORAGE_DIRECTORY, listed_films, listing_above
from opensvh.io.image import read_film

Lister = Callable[..., Path]


@pytest.fixture
def listing(tmp_path: Path) -> Lister:
    """Writes a DICOMDIR with records of these types and file IDs."""

    def written(*records: tuple[str, list[str]], unused: int | None = None) -> Path:
        directory = Dataset()
        directory.file_meta = FileMetaDataset()
        directory.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        directory.file_meta.MediaStorageSOPClassUID = MEDIA_STORAGE_DIRECTORY
        directory.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        directory.FileSetID = ""
        items = []
        for number, (kind, parts) in enumerate(records):
            record = Dataset()
            record.RecordInUseFlag = 0 if number == unused else 0xFFFF
            record.DirectoryRecordType = kind
            if parts:
                record.ReferencedFileID = parts
            items.append(record)
        directory.DirectoryRecordSequence = Sequence(items)
        directory.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
        return tmp_path / "DICOMDIR"

    return written


def test_only_images_are_listed(listing: Lister, tmp_path: Path) -> None:
    path = listing(
        ("PATIENT", []), ("STUDY", []), ("SERIES", []), ("IMAGE", ["IMAGES", "IM2"]), ("IMAGE", ["IMAGES", "IM1"]),
        ("SR DOCUMENT", ["SR1"]), ("PRESENTATION", ["PR1"]), ("IMAGE", ["IM3"]), unused=7,
    )  # fmt: skip
    assert listed_films(path) == (tmp_path / "IMAGES" / "IM2", tmp_path / "IMAGES" / "IM1")


def test_small_letters_are_found_too(listing: Lister, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "im1").write_bytes(b"x")
    assert listed_films(listing(("IMAGE", ["IMAGES", "IM1"]))) == (tmp_path / "images" / "im1",)


def test_a_missing_film_is_named_with_its_list(listing: Lister, tmp_path: Path) -> None:
    path = listing(("IMAGE", ["IMAGES", "IM1"]))
    film = tmp_path / "IMAGES" / "IM1"
    assert listing_above(film) == path
    assert listing_above(tmp_path / "IMAGES" / "IM9") is None
    with pytest.raises(FilmUnreadable, match=r"IM1: is listed in .*DICOMDIR but is not there; copy the whole medium"):
        read_film(film)


@pytest.mark.parametrize("parts", [["..", "OUT"], ["/etc", "passwd"], ["A", ".", "B"]])
@pytest.mark.filterwarnings("ignore")
def test_a_list_that_points_out_of_its_folder_is_refused(listing: Lister, parts: list[str]) -> None:
    with pytest.raises(FilmUnreadable, match="which is no place on its medium"):
        listed_films(listing(("IMAGE", parts)))


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM" + bytes(40))
    with pytest.raises(FilmUnreadable, match="no sound DICOM"):
        listed_films(tmp_path / "DICOMDIR")


@pytest.mark.parametrize("name", ["", "-bigEnd", "-implicit", "-nooffset", "-nopatient", "-reordered"])
def test_pydicoms_lists_of_every_kind(name: str) -> None:
    path = get_testdata_file(f"dicomdirtests/DICOMDIR{name}", download=False)
    assert path is not None
    films = listed_films(Path(path))
    assert len(films) == 31
    assert sum(film.is_file() for film in films) == 31


def test_the_list_itself_is_no_film(listing: Lister) -> None:
    with pytest.raises(FilmUnreadable, match="is a Media Storage Directory"):
        read_film(listing(("IMAGE", ["IM1"])))
