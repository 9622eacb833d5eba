"""One film de-identified: a DICOM film stays DICOM, a picture becomes PNG; what was written is opened and searched."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import FILM_CODES
from opensvh.domain.errors import FilmUnreadable, OutputConflict
from opensvh.domain.geometry import Box
from opensvh.io.deidentify_check import foreign_chunks, leaks, needles_of, own_texts
from opensvh.io.deidentify_pixels import keep_picture, mark_changed, put_picture, refuse_other_objects, stored_picture
from opensvh.io.deidentify_table import Option
from opensvh.io.deidentify_tags import Profile, deidentified
from opensvh.io.film_sources import is_dicom
from opensvh.io.identity import FilmClaims, identify
from opensvh.io.image import read_film
from opensvh.io.radiograph import Radiograph
from opensvh.io.whole_file import write_whole
from opensvh.workflows.deidentify_clearing import Analyser, cleared
from opensvh.workflows.deidentify_record import FilmRecord, Status

CODES = {limb_side: code for code, limb_side in FILM_CODES.items()}


@dataclass(frozen=True)
class Given:
    """A film as given: its path, its bytes, the folder it lies in below what was named, and what a manifest says."""

    path: Path
    content: bytes
    folder: str
    manifest: Mapping[str, FilmClaims] | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_dicom(self) -> bool:
        return is_dicom(self.path)


@dataclass(frozen=True)
class Done:
    """The record of a film, and who it was: for the link file alone."""

    record: FilmRecord
    patient: str


@dataclass(frozen=True)
class Deidentifier:
    """A profile at work on an output folder; without an analyser pixels are kept as they are."""

    out: Path
    profile: Profile
    analyser: Analyser | None

    def film(self, given: Given) -> Done:
        """Write the film without its patient; raises FilmUnreadable, FilmUnidentified or OutputConflict."""
        return self._dicom(given) if given.is_dicom else self._picture(given)

    def _dicom(self, given: Given) -> Done:
        path = str(given.path)
        shown = read_film(given.path)
        old = pydicom.dcmread(io.BytesIO(given.content), force=True)
        refuse_other_objects(old, path)
        patient = patient_of(old)
        name = self._dicom_name(shown, patient, old)
        try:
            new, changes = deidentified(old, patient, self.profile)
        except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
            fact = f"its header is damaged ({type(error).__name__})"
            raise FilmUnreadable(f"{path}: {fact}; export it again") from error
        boxes = self._put_cleared(new, old, shown, given)
        content = io.BytesIO()
        new.save_as(content, enforce_file_format=True)
        written = self._written(name, content.getvalue(), given)
        found = leaks(pydicom.dcmread(io.BytesIO(written)), written, needles_of(old), own_texts(new))
        record = _record(given, name, written, boxes)
        removed, replaced, kept = (
            dict(sorted(each.items())) for each in (changes.removed, changes.replaced, changes.kept)
        )
        record = replace(record, removed=removed, replaced=replaced, kept=kept)
        return Done(self._unless_leaking(record, found), patient)

    def _put_cleared(self, new: Dataset, old: Dataset, shown: Radiograph, given: Given) -> tuple[Box, ...]:
        """Give the new film its samples; the boxes that were covered."""
        picture = stored_picture(old, str(given.path))
        samples, boxes = self._cleared(shown, picture.samples, given)
        if picture.keeps and not boxes:
            keep_picture(new, old)
        else:
            put_picture(new, samples)
        if boxes:
            mark_changed(new)
        return boxes

    def _picture(self, given: Given) -> Done:
        """Decoded and encoded anew: nothing of a file but its samples outlives that."""
        shown = read_film(given.path)
        known = identify(shown, manifest=given.manifest)
        decoded = cv2.imdecode(np.frombuffer(given.content, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR)
        if decoded is None:
            raise FilmUnreadable(f"{given.path}: is cut short; copy or export it again")
        samples, boxes = self._cleared(shown, decoded, given)
        is_encoded, encoded = cv2.imencode(".png", np.asarray(samples, decoded.dtype))
        if not is_encoded:
            raise FilmUnreadable(f"{given.path}: its samples do not fit a PNG; export it with 8 or 16 bits")
        name = self._folder(given.folder) + self.profile.key.pseudonym(known.patient)
        if known.limb is not None and known.side is not None:
            name += f"-{CODES[known.limb, known.side]}"
        written = self._written(f"{name}.png", encoded.tobytes(), given)
        record = _record(given, f"{name}.png", written, boxes)
        return Done(self._unless_leaking(record, foreign_chunks(written)), known.patient)

    def _cleared(
        self, shown: Radiograph, samples: NDArray[np.generic], given: Given
    ) -> tuple[NDArray[np.generic], tuple[Box, ...]]:
        if self.analyser is None:
            return samples, ()
        result = cleared(shown.pixels, samples, self.analyser, str(given.path))
        return result.samples, result.boxes

    def _dicom_name(self, shown: Radiograph, patient: str, old: Dataset) -> str:
        key = self.profile.key
        study, film = (str(getattr(old, each, "")) for each in ("StudyInstanceUID", "SOPInstanceUID"))
        code = CODES[shown.limb, shown.side] if shown.limb and shown.side else "film"
        return f"{key.pseudonym(patient)}/{key.token('study', study)}/{code}-{key.token('film', film)}.dcm"

    def _folder(self, folder: str) -> str:
        return f"{self.profile.key.token('folder', folder)}/" if folder else ""

    def _written(self, name: str, content: bytes, given: Given) -> bytes:
        """Write a film, never over another, and read it back."""
        path = self.out / name
        if path.exists() and path.read_bytes() != content:
            raise OutputConflict(
                f"{given.path}: another film was written in its place: same patient, limb and side, or same UID; "
                "give films of several visits in folders of their own"
            )
        write_whole(path, content)
        return path.read_bytes()

    def _unless_leaking(self, record: FilmRecord, found: Sequence[str]) -> FilmRecord:
        """The record as it is, or, where something was found, that of a film that is removed again."""
        if not found:
            return record
        (self.out / record.name).unlink()
        places = ", ".join(sorted(set(found)))
        reason = f"what names the patient was found in {places} of the written file; report it, or leave the film out"
        return FilmRecord(record.source, Status.FAILED, reason=reason)


def patient_of(dataset: Dataset) -> str:
    """Who a DICOM film is of: by number, or else by name and date of birth, or else the study's own."""
    identifier = str(getattr(dataset, "PatientID", "") or "").strip()
    if identifier:
        return identifier
    person = [str(getattr(dataset, each, "") or "").strip() for each in ("PatientName", "PatientBirthDate")]
    return "|".join(person) if any(person) else f"study {getattr(dataset, 'StudyInstanceUID', '')}"


def options_of(analyser: Analyser | None, wanted: frozenset[Option]) -> frozenset[Option]:
    """The profile, what the user wants, and the clean pixels if they are looked at."""
    return wanted | {Option.BASIC} | ({Option.CLEAN_PIXELS} if analyser is not None else set())


def _record(given: Given, name: str, written: bytes, boxes: Sequence[Box]) -> FilmRecord:
    return FilmRecord(
        source=given.sha256,
        status=Status.WRITTEN,
        name=name,
        sha256=hashlib.sha256(written).hexdigest(),
        text_boxes=tuple((box.left, box.top, box.right, box.bottom) for box in boxes),
    )
