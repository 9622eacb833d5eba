"""Films: the library as a manager keeps it, and pixels for whoever reads or marks a film.

Pixels are unsigned 16-bit numbers, little-endian, row by row, dense tissue bright: what a page windows by itself.
"""

from datetime import date as Day
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import Field
from sqlalchemy import select

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.whole_file import write_whole
from opensvh.serving.workbench.accounts import Person
from opensvh.serving.workbench.api.access import Anyone, Bench, Given, Id, Manager, Shown
from opensvh.serving.workbench.api.film_shown import FilmShown, films_shown
from opensvh.serving.workbench.audit import Told, record, record_all
from opensvh.serving.workbench.bench import Workbench
from opensvh.serving.workbench.failures import Conflict, Invalid
from opensvh.serving.workbench.film_access import film_for
from opensvh.serving.workbench.film_library import Levels, crop, shrunk, tag_of
from opensvh.serving.workbench.tables import CaseFilm, Film

router = APIRouter(prefix="/api/films", tags=["films"])
RAW = "application/octet-stream"
_RAW_ANSWER = {200: {"content": {RAW: {"schema": {"type": "string", "format": "binary"}}}}}
UPLOADS = "uploads"
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
Text = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]


class Folder(Given):
    """A folder below films/; "" is all of it."""

    folder: Annotated[str, Field(max_length=500)] = ""


class Said(Given):
    """What a manager says of a film; what is left out stays."""

    patient: Text | None = None
    visit: Text | None = None
    date: Day | None = None
    limb: Limb | None = None
    side: Side | None = None


class FilmRow(Shown):
    """A film of the library, as managers see it."""

    id: str
    file: str
    patient: str
    visit: str
    date: str | None
    limb: Limb | None
    side: Side | None
    width: int
    height: int
    sha256: str


class Refusal(Shown):
    """A file that cannot be taken, and why."""

    film: str
    reason: str


class Taken(Shown):
    """What was found."""

    added: list[FilmRow]
    refused: list[Refusal]


@router.get("")
def library(
    _manager: Manager,
    bench: Bench,
    patient: Annotated[str, Query(max_length=128)] = "",
    after: Annotated[str, Query(max_length=1024)] = "",
    most: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> list[FilmRow]:
    """Films in order of their file names, from the one behind `after`."""
    if "\x00" in patient + after:
        raise Invalid("no name has a NUL in it")
    question = select(Film).where(Film.file > after).order_by(Film.file).limit(most)
    if patient:
        question = question.where(Film.patient == patient)
    with bench.store.reading() as session:
        return [_row(film) for film in session.scalars(question)]


@router.post("/scan")
def scan(wanted: Folder, manager: Manager, bench: Bench) -> Taken:
    """Add the films that lie in the library's folder and are not known yet."""
    return _scan(bench, manager, wanted.folder)


@router.post("/upload")
def upload(files: list[UploadFile], manager: Manager, bench: Bench) -> Taken:
    """Add films from the browser; they are kept in films/uploads/."""
    for file in files:
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        if not name or name.startswith(".") or not name.isprintable() or len(name.encode()) > 200:
            raise Invalid(f"{name!r}: give the film an ordinary file name")
        path = bench.library.inside(f"{UPLOADS}/{name}")
        if path.exists():
            raise Conflict(f"{name}: is in the library already; rename the new one")
        write_whole(path, file.file.read())
    return _scan(bench, manager, UPLOADS)


@router.get("/{film_id}")
def film(film_id: Id, person: Anyone, bench: Bench) -> FilmShown:
    """What a page needs to show the film."""
    with bench.store.reading() as session:
        film_for(session, film_id, person)
        return films_shown(session, [film_id], person)[film_id]


@router.patch("/{film_id}")
def correct(film_id: Id, said: Said, manager: Manager, bench: Bench) -> FilmRow:
    """Say whose film it is; not once it is in a study."""
    with bench.store.writing() as session:
        film = film_for(session, film_id, manager)
        if session.scalars(select(CaseFilm).where(CaseFilm.film == film_id).limit(1)).first():
            raise Conflict("the film is in a study; what is said of it stays")
        new = said.model_dump(mode="json", exclude_none=True)
        old = {name: getattr(film, name) for name in new}
        for name, value in new.items():
            setattr(film, name, value)
        record(session, Told(manager.name, "film corrected", f"film:{film_id}", old, new))
        return _row(film)


@router.get("/{film_id}/pixels", response_class=Response, responses=_RAW_ANSWER)  # type: ignore[arg-type]
def pixels(
    film_id: Id, person: Anyone, bench: Bench, request: Request, shrink: Annotated[int, Query(ge=1, le=16)] = 1
) -> Response:
    """The whole film, or a smaller one to be seen at once; X-Film-Width and X-Film-Height say how large."""
    film = _film(bench, film_id, person)
    tag = tag_of(film, shrink)
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag, **_KEPT})
    return _answer(shrunk(bench.library.levels(film), shrink), tag)


@router.get("/{film_id}/crop", response_class=Response, responses=_RAW_ANSWER)  # type: ignore[arg-type]
def close_view(
    film_id: Id,
    person: Anyone,
    bench: Bench,
    x: Annotated[float, Query(ge=-100_000, le=100_000, allow_inf_nan=False)],
    y: Annotated[float, Query(ge=-100_000, le=100_000, allow_inf_nan=False)],
    side_px: Annotated[float, Query(ge=8, le=20_000, allow_inf_nan=False)],
    size: Annotated[int, Query(ge=8, le=1024)] = 448,
    turn_cw_deg: Annotated[float, Query(ge=-360, le=360, allow_inf_nan=False)] = 0.0,
) -> Response:
    """A square of `side_px` film pixels around a joint, turned, as `size` x `size` levels."""
    film = _film(bench, film_id, person)
    tag = tag_of(film, x, y, side_px, size, turn_cw_deg)
    return _answer(crop(bench.library.levels(film), (x, y), side_px, size, turn_cw_deg), tag)


def _film(bench: Workbench, film_id: str, person: Person) -> Film:
    with bench.store.reading() as session:
        return film_for(session, film_id, person)


def _answer(levels: Levels, tag: str) -> Response:
    size = {"X-Film-Width": str(levels.shape[1]), "X-Film-Height": str(levels.shape[0])}
    return Response(levels.astype("<u2").tobytes(), media_type=RAW, headers={"ETag": tag, **_KEPT, **size})


def _scan(bench: Workbench, manager: Person, folder: str) -> Taken:
    with bench.store.reading() as session:
        known = frozenset(session.scalars(select(Film.file)))
    found = bench.library.find(folder, known)
    with bench.store.writing() as session:
        session.add_all(found.films)
        told = [
            Told(manager.name, "film added", f"film:{film.id}", new={"file": film.file, "sha256": film.sha256})
            for film in found.films
        ]
        record_all(session, told)
    return Taken(
        added=[_row(film) for film in found.films],
        refused=[Refusal(film=each.film, reason=each.reason) for each in found.refused],
    )


def _row(film: Film) -> FilmRow:
    return FilmRow.model_validate({name: getattr(film, name) for name in FilmRow.model_fields})
