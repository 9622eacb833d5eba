"""What the node has read of each patient, kept beyond the results themselves: what later visits are compared with.

Of each study its `study.json` alone, in a folder a patient; names are digests, as the films'. A patient is who ID and
issuer say together (PS3.3, C.7.1.1): the same number from two hospitals is two people.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from opensvh.domain.errors import OpenSvHError
from opensvh.io.dicom_source import DicomSource, dicom_source
from opensvh.io.whole_file import write_whole
from opensvh.reporting.study_file import STUDY_FILE
from opensvh.serving.film_folder import short_digest

READINGS = "readings"
_NOBODY = ""


class PatientReadings:
    """The readings of a node, below its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / READINGS

    def keep(self, patient: str, study: str, results: Path) -> None:
        """Keep what was read of a study in place of what was before; nothing of films that name no one patient."""
        found = sorted(results.rglob(STUDY_FILE)) if patient != _NOBODY else []
        place = self._folder / patient
        for older in self._folder.glob(f"*/{short_digest(study)}-*.json"):
            older.unlink(missing_ok=True)
        for number, path in enumerate(found):
            place.mkdir(parents=True, exist_ok=True)
            write_whole(place / f"{short_digest(study)}-{number}.json", path.read_text(encoding="utf-8"))

    def of_others(self, patient: str, study: str) -> tuple[Path, ...]:
        """Files of the patient's other studies, in order of name; none where nobody is named."""
        own = f"{short_digest(study)}-"
        paths = sorted((self._folder / patient).glob("*.json")) if patient != _NOBODY else []
        return tuple(path for path in paths if not path.name.startswith(own))

    def delete_before(self, when: float) -> int:
        """Delete what was kept before `when` (seconds since 1970); how many studies' files."""
        old = [path for path in self._folder.glob("*/*.json") if path.stat().st_mtime < when]
        for path in old:
            path.unlink(missing_ok=True)
            if not any(path.parent.iterdir()):
                shutil.rmtree(path.parent, ignore_errors=True)
        return len(old)


def patient_of(films: Iterable[str | Path]) -> str:
    """A name for the one patient whose ID all these films bear, that says nothing; "" where there is none, or two."""
    sources = [source for path in films if (source := _source(path)) is not None]
    names = {source.patient_id for source in sources}
    issuers = {source.issuer_of_patient_id for source in sources} - {""}
    if len(names) != 1 or len(issuers) > 1 or names == {""}:
        return _NOBODY
    return short_digest("\0".join([*issuers, *names]))


def _source(path: str | Path) -> DicomSource | None:
    with suppress(OpenSvHError):  # refused with its reason when it is read
        return dicom_source(path)
    return None
