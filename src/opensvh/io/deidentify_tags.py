"""A DICOM film's header without the patient: PS3.15 Annex E, basic profile and options, by the list of what may stay.

A new dataset is built from what the list allows; nothing is deleted from the old one, so that nothing is forgotten.
Pixels are `deidentify_pixels`', the search for what was missed `deidentify_check`'s.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom import DataElement
from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

from opensvh import __version__
from opensvh.io.deidentify_key import Key
from opensvh.io.deidentify_table import MEANINGS, PUBLIC_SCHEMES, Action, Option, action_of
from opensvh.io.deidentify_values import NOTHING_LEFT, cleaned, shifted, well_formed

IMPLEMENTATION = "2.25.283301744853407722953173893846912304571"
"""Names this software in the file meta (PS3.10, 7.1); a number drawn once."""
SafePrivate = frozenset[tuple[str, int, int]]
"""Private creator, group, and the element's last byte of attributes that the user has found safe."""


@dataclass(frozen=True)
class Profile:
    """How films are de-identified: the key, the options, and the private attributes that stay."""

    key: Key
    options: frozenset[Option]
    safe_private: SafePrivate = frozenset()


@dataclass
class Changes:
    """Keywords (tags of private ones) by what was done, at every depth; never a value."""

    removed: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


def deidentified(dataset: Dataset, patient: str, profile: Profile) -> tuple[Dataset, Changes]:
    """The film's header anew, and what was done; `patient` is who it is, as pseudonyms are made of it.

    The result has file meta of its own and, until pixels are set, the samples as they were.
    """
    changes = Changes()
    work = _Work(profile, profile.key.pseudonym(patient), profile.key.shift_days(patient), changes)
    film = work.dataset(dataset)
    film.PatientID = film.PatientName = work.pseudonym
    _say_what_was_done(film, profile.options)
    film.file_meta = FileMetaDataset()
    film.file_meta.MediaStorageSOPClassUID = film.SOPClassUID
    film.file_meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.file_meta.ImplementationClassUID = UID(IMPLEMENTATION)
    film.file_meta.ImplementationVersionName = f"OPENSVH {__version__}"[:16]
    return film, changes


@dataclass(frozen=True)
class _Work:
    profile: Profile
    pseudonym: str
    days: int
    changes: Changes

    def dataset(self, old: Dataset) -> Dataset:
        new = Dataset()
        for element in old:
            name = element.keyword or str(element.tag)
            kept = self._private(old, element) if element.tag.is_private else self._standard(element)
            if kept is None:
                self.changes.removed[name] += 1
                continue
            is_same = kept is element or (kept.VR != "SQ" and kept.value == element.value)
            (self.changes.kept if is_same or kept.VR == "SQ" else self.changes.replaced)[name] += 1
            new.add(kept)
        return new

    def _standard(self, element: DataElement) -> DataElement | None:
        """The element as it may stay; None where it may not."""
        action = action_of(keyword_for_tag(element.tag), self.profile.options)
        if action in (Action.CODES, Action.ITEMS):
            return self._sequence(element, action)
        if action is Action.REMOVE or element.VR == "SQ":
            return DataElement(element.tag, "SQ", Sequence()) if action is Action.EMPTY else None
        if action is Action.EMPTY:
            return DataElement(element.tag, element.VR, "")
        if action is Action.PSEUDONYM:
            return DataElement(element.tag, element.VR, self.pseudonym)
        values = _values(element)
        if action is Action.KEEP:
            return element if well_formed(element.VR, values) else None
        new = [self._new_value(action, element.VR, str(value)) for value in values]
        if action is Action.SHIFT and not all(new):
            return DataElement(element.tag, element.VR, "") if element.keyword in ("StudyDate", "StudyTime") else None
        return DataElement(element.tag, element.VR, new if len(new) > 1 else (new or [""])[0])

    def _new_value(self, action: Action, vr: str, value: str) -> str:
        if action is Action.UID:
            return self.profile.key.uid(value)
        if action is Action.SHIFT:
            return shifted(vr, value, self.days)
        return cleaned(value) or NOTHING_LEFT

    def _sequence(self, element: DataElement, action: Action) -> DataElement | None:
        if element.VR != "SQ":
            return None
        items = [item for item in element.value if action is Action.ITEMS or _is_public(item)]
        if not items:
            return None
        return DataElement(element.tag, "SQ", Sequence([self._item(item) for item in items]))

    def _item(self, item: Dataset) -> Dataset:
        """An item's attributes; no item of those that stay has a patient of its own."""
        new = self.dataset(item)
        for keyword in ("PatientID", "PatientName"):
            if keyword in new:
                del new[keyword]
        return new

    def _private(self, dataset: Dataset, element: DataElement) -> DataElement | None:
        """Private attributes on the user's list, with their creator's own element."""
        if element.tag.is_private_creator:
            named = {(creator, group) for creator, group, _ in self.profile.safe_private}
            return element if (str(element.value).strip(), element.tag.group) in named else None
        creator = dataset.get(Tag(element.tag.group, element.tag.element >> 8))
        name = "" if creator is None else str(creator.value).strip()
        if (name, element.tag.group, element.tag.element & 0xFF) not in self.profile.safe_private:
            return None
        return element if element.VR not in ("SQ", "UN") else None


def _values(element: DataElement) -> list[object]:
    value = element.value
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (MultiValue, list)) else [value]


def _is_public(item: Dataset) -> bool:
    return str(item.get("CodingSchemeDesignator", "")) in PUBLIC_SCHEMES


def _say_what_was_done(film: Dataset, options: frozenset[Option]) -> None:
    """PS3.15 E.1.1 and E.3: what a reader of the file has to know."""
    film.PatientIdentityRemoved = "YES"
    film.DeidentificationMethod = f"OpenSvH {__version__}, PS3.15 Annex E"
    film.DeidentificationMethodCodeSequence = Sequence(list(_codes(options)))
    is_shifted = Option.SHIFTED_DATES in options
    film.LongitudinalTemporalInformationModified = "MODIFIED" if is_shifted else "REMOVED"
    if Option.CLEAN_PIXELS in options:
        film.BurnedInAnnotation = "NO"


def _codes(options: frozenset[Option]) -> Iterator[Dataset]:
    for option in sorted(options):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = option.value, "DCM", MEANINGS[option]
        yield code
