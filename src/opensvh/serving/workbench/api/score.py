"""`POST /score`: films in, scores out, for a program; nothing of it is kept."""

import json
import tempfile
import threading
from pathlib import Path
from typing import Any

from fastapi import APIRouter, UploadFile

from opensvh.serving.workbench.api.access import Anyone, Bench, Shown
from opensvh.serving.workbench.api.films import Refusal
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import Invalid, TooLarge, TooMany
from opensvh.serving.workbench.settings import INCOMING

router = APIRouter(tags=["scoring"])
_waiting: set[int] = set()
_lock = threading.Lock()


class Scored(Shown):
    """A study for each patient and visit, as in `study.json` of `opensvh score`; films of nobody in `refused`."""

    studies: list[dict[str, Any]]
    refused: list[Refusal]


@router.post("/score")
def score(files: list[UploadFile], person: Anyone, bench: Bench) -> Scored:
    """Score films (PNG, JPEG, TIFF, DICOM), named PATIENT-LH and so on or telling by their tags whose they are."""
    if len(files) > bench.settings.limits.score_films:
        raise TooLarge(f"{len(files)} films; send at most {bench.settings.limits.score_films} at a time")
    with _Turn(bench.settings.limits.score_waiting):
        answer = _scored(files, bench)
    with bench.store.writing() as session:
        record(session, Told(person.name, "films scored", "score", new={"films": len(files)}))
    return Scored(studies=answer["studies"], refused=[Refusal(**each) for each in answer["refused"]])


class _Turn:
    """One of the calls that may wait for the model at a time; raises TooMany when there are enough."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self) -> None:
        with _lock:
            if len(_waiting) >= self._most:
                raise TooMany("the model is busy; try again in some seconds")
            _waiting.add(id(self))

    def __exit__(self, *_failure: object) -> None:
        with _lock:
            _waiting.discard(id(self))


def _scored(files: list[UploadFile], bench: Workbench) -> dict[str, Any]:
    place = bench.settings.data / INCOMING
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for file in files:
            name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
            if not name.isprintable() or not name.strip(". ") or len(name.encode()) > 200:
                raise Invalid(f"{name!r}: give the film an ordinary file name")
            path = Path(folder) / name.lstrip(".")
            if path.exists():
                raise Invalid(f"{name}: two films have this name")
            path.write_bytes(file.file.read())
        answer: dict[str, Any] = json.loads(bench.assistant.score(folder))
    return answer
