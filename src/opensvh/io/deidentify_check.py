"""The last look: does anything that named the patient still stand in a file that was written?

Names, numbers, dates of birth and UIDs of the original are looked for in every value and in the file's bytes. What
this software wrote itself (new UIDs, pseudonyms) is left out of the search: its digits could match by chance.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from opensvh.io.deidentify_table import Action, action_of, harmless_words

IDENTIFIERS = (
    "PatientID", "OtherPatientIDs", "AccessionNumber", "AdmissionID", "PatientTelephoneNumbers", "PatientAddress",
    "MedicalRecordLocator", "InstitutionName", "InstitutionAddress", "RequestedProcedureID", "StudyID",
    "PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest", "PerformedProcedureStepID",
    "ScheduledProcedureStepID", "MilitaryRank",
)  # fmt: skip
"""Looked for as a whole."""
TEXT_VRS = frozenset({"LO", "SH", "LT", "ST", "UT", "UC", "PN", "AE", "UR"})
LEAST_LETTERS, LEAST_DIGITS = 3, 6
"""Shorter names and numbers stand in any file by chance: they are looked for as whole values of texts only."""
LEAST_IN_PIXELS = 8
"""Shorter needles stand among samples by chance."""
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
"""What a picture needs (PNG, third edition, 5.6); all others may hold text."""


@dataclass(frozen=True)
class Needles:
    """What must not be found, in small letters: `words` anywhere, `values` as a whole value of a text."""

    words: frozenset[str]
    values: frozenset[str]


def needles_of(dataset: Dataset) -> Needles:
    """All that names the patient in the original, at any depth."""
    words: set[str] = set()
    values: set[str] = set()
    for keyword, vr, text in _texts(dataset):
        if vr == "UI" and action_of(keyword, frozenset()) is Action.UID:
            words.add(text)
        elif keyword == "PatientBirthDate" and len(text) == 8:
            year, month, day = text[:4], text[4:6], text[6:]
            words |= {text, f"{year}-{month}-{day}", f"{day}.{month}.{year}", f"{month}/{day}/{year}"}
        elif vr == "PN":
            values.add(text)
            words |= {part for part in re.split(r"[\^=\s,]+", text) if _tells(part)}
        elif keyword in IDENTIFIERS:
            values.add(text)
            words |= {text} if _tells(text) else set()
    return Needles(frozenset(words), frozenset(value for value in values if value))


def leaks(dataset: Dataset, content: bytes, needles: Needles, own: Iterable[str]) -> list[str]:
    """Keywords of values in which something was found, or where in the bytes; [] where nothing was.

    `content` is the whole file, `own` what this software wrote and needs no search.
    """
    mine = {text.lower() for text in own}
    found = []
    for keyword, vr, text in _texts(dataset):
        if text in mine:
            continue
        if any(_holds(text, word) for word in needles.words) or (vr in TEXT_VRS and text in needles.values):
            found.append(keyword)
    return found or _in_bytes(content, bytes(dataset.get("PixelData", b"")), needles, mine)


def foreign_chunks(content: bytes) -> list[str]:
    """Names of a PNG's chunks that are not the picture's."""
    place, found = 8, []
    while place + 8 <= len(content):
        name = content[place + 4 : place + 8]
        found += [] if name in PNG_CHUNKS else [name.decode("latin-1")]
        place += 12 + int.from_bytes(content[place : place + 4], "big")
    return found if place == len(content) else [*found, "bytes after the end"]


def _in_bytes(content: bytes, pixels: bytes, needles: Needles, mine: set[str]) -> list[str]:
    header = content.replace(pixels, b"") if pixels else content
    text = header.decode("latin-1").lower()
    for each in sorted(mine, key=len, reverse=True):
        text = text.replace(each, "\n")
    in_header = any(_holds(text, _as_bytes(word)) for word in needles.words)
    long = [word.encode() for word in needles.words if len(word) >= LEAST_IN_PIXELS]
    in_pixels = any(word in pixels or word.upper() in pixels for word in long)
    return ["bytes of the header"] * in_header + ["bytes of the pixels"] * in_pixels


def _texts(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    """Keyword, VR and each text value in small letters, at every depth; pixels and tables left out."""
    for element in dataset.iterall():
        if element.VR == "SQ" or element.VR.startswith("O"):
            continue
        values = element.value if isinstance(element.value, (list, tuple)) or element.VM > 1 else [element.value]
        for value in values:
            text = "" if value is None else value.decode("latin-1") if isinstance(value, bytes) else str(value)
            if text.strip("\0 "):
                yield element.keyword or str(element.tag), element.VR, text.strip("\0 ").lower()


def _tells(word: str) -> bool:
    """Whether a word stands in a file by more than chance."""
    if word.isdigit():
        return len(word) >= LEAST_DIGITS
    return len(word) >= LEAST_LETTERS and word not in harmless_words()


def _holds(text: str, word: str) -> bool:
    """Whether the word stands in the text by itself, not within a longer one."""
    place = text.find(word)
    while place >= 0:
        before, after = text[place - 1 : place] if place else "", text[place + len(word) : place + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        place = text.find(word, place + 1)
    return False


def _as_bytes(word: str) -> str:
    """The word as its UTF-8 bytes read as Latin-1."""
    return word.encode().decode("latin-1")


def own_texts(dataset: Dataset) -> list[str]:
    """What this software wrote into a film: new UIDs, the pseudonym, and how it was de-identified."""
    wanted = {"PatientID", "PatientName", "DeidentificationMethod", "CodeMeaning"}
    texts = [str(dataset.file_meta[each].value) for each in ("ImplementationClassUID", "ImplementationVersionName")]
    for keyword, vr, text in _texts(dataset):
        if keyword in wanted - {"CodeMeaning"} or (vr == "UI" and text.startswith("2.25.")):
            texts.append(text)
    return [*texts, *(str(code.CodeMeaning) for code in dataset.DeidentificationMethodCodeSequence)]
