"""What is refused before anything is decoded: objects that are no X-ray film, and sizes that no film has.

The bounds on files are `film_sources`', on what is deflated `dicom_file`'s, on compressed frames `dicom_codestream`'s.
"""

from pydicom.dataset import Dataset
from pydicom.uid import UID

from opensvh.domain.errors import FilmUnreadable
from opensvh.io.dicom_tags import text, value_of, whole
from opensvh.io.radiograph import LARGEST_PIXELS, SMALLEST_SIDE

LARGEST_BITS = LARGEST_PIXELS * 16
MOST_FRAMES = 64
"""An object with more frames is a film of something that moves."""
SAMPLE_BITS = (8, 16, 32)
FILM_CLASSES = frozenset(
    "1.2.840.10008.5.1.4.1.1." + end
    for end in (
        "1",  # computed radiography
        "1.1", "1.1.1",  # digital X-ray, for presentation and for processing
        "1.2", "1.2.1", "1.3", "1.3.1",  # mammography and intra-oral units take fingers too
        "7", "7.1", "7.2", "7.3", "7.4",  # secondary captures
        "12.1", "12.1.1", "12.2", "12.2.1",  # angiography and fluoroscopy units take single films
        "77.1.4", "77.1.1",  # photographs of a film
    )
)  # fmt: skip
"""SOP classes that may hold a projection X-ray (PS3.4, B.5); any other of the standard's is refused by its name."""
REMEDY = "give the CR, DX or secondary capture objects of the study"


def refuse_what_is_no_film(dataset: Dataset, path: str) -> None:
    """Raises FilmUnreadable for objects of another kind, without pixels, or of an impossible size."""
    _refuse_other_kinds(dataset, path)
    if not all(keyword in dataset for keyword in ("Rows", "Columns", "BitsAllocated")):
        raise FilmUnreadable(f"{path}: is DICOM without an image; {REMEDY}")
    _refuse_unbounded(dataset, path)


def frame_count(dataset: Dataset) -> int:
    """How many frames the object claims; one where it says nothing."""
    return whole(dataset, "NumberOfFrames") or 1


def _refuse_other_kinds(dataset: Dataset, path: str) -> None:
    """A class that is missing, private or unheard of is judged by whether there is an image."""
    kind = text(dataset, "SOPClassUID") or text(getattr(dataset, "file_meta", Dataset()), "MediaStorageSOPClassUID")
    name = UID(kind).name if kind else ""
    if kind not in FILM_CLASSES and name not in ("", kind) and not UID(kind).is_private:
        raise FilmUnreadable(f"{path}: is {_with_article(name.removesuffix(' Storage'))}, no X-ray film; {REMEDY}")


def _with_article(name: str) -> str:
    """Abbreviations are spelt when they are spoken: an RT Plan, a CT Image."""
    is_spelt = name.partition(" ")[0].isupper()
    return f"an {name}" if name[0] in ("AEFHILMNORSX" if is_spelt else "AEIO") else f"a {name}"


def _refuse_unbounded(dataset: Dataset, path: str) -> None:
    rows, columns, bits = (whole(dataset, keyword) for keyword in ("Rows", "Columns", "BitsAllocated"))
    samples, frames = whole(dataset, "SamplesPerPixel") or 1, frame_count(dataset)
    if rows is None or columns is None or bits is None:
        said = " x ".join(str(value_of(dataset, keyword)) for keyword in ("Columns", "Rows", "BitsAllocated"))
        raise FilmUnreadable(f"{path}: its size ({said}) is no number; export it again")
    if bits not in SAMPLE_BITS:
        fact = "is a mask of one bit a pixel" if bits == 1 else f"has {bits} bits a sample"
        raise FilmUnreadable(f"{path}: {fact}; give the film itself with 8 or 16 bits")
    if min(rows, columns) < SMALLEST_SIDE:
        raise FilmUnreadable(f"{path}: has only {columns} x {rows} pixels; give the film at its full size")
    if frames > MOST_FRAMES or frames < 0:
        raise FilmUnreadable(f"{path}: holds {frames} frames, as no film does; export single images")
    if rows * columns * bits * samples > LARGEST_BITS:
        fact = f"claims {columns} x {rows} pixels of {bits} bits, more than any film has"
        raise FilmUnreadable(f"{path}: {fact}; export it again")
