"""Marking: the caller's films, the one that the model doubts most first; points, undo, the model's proposals."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from opensvh.serving.workbench.accounts import account_named
from opensvh.serving.workbench.api.access import Anyone, Bench, Given, Id, Manager, Shown
from opensvh.serving.workbench.api.film_shown import FilmShown, films_shown
from opensvh.serving.workbench.failures import Invalid, NotFound
from opensvh.serving.workbench.marking import (
    PERSON,
    Placed,
    State,
    accept,
    assign,
    finish,
    marks_of,
    place,
    progress_of,
    proposal_of,
    queue_of,
    undo,
)
from opensvh.serving.workbench.model_view import ModelView
from opensvh.serving.workbench.tables import Film, Marking

router = APIRouter(prefix="/api/marking", tags=["marking"])
Change = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class Assignment(Given):
    """Films below a folder and who marks them; `proposals` asks the model for points."""

    markers: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=100)]
    folder: Annotated[str, Field(max_length=500)] = ""
    proposals: bool = True


class Assigned(Shown):
    """How many films markers got anew, and how many the model was asked for."""

    assigned: int
    asked: int


class MarkerProgress(Shown):
    """How many films a marker has, and how many of these are done."""

    account: str
    assigned: int
    done: int


class FilmQueued(Shown):
    """A film of the caller's; `doubt` in [0, 1]; `proposal` is wanted, done, failed or "" where nobody asked."""

    film: str
    name: str
    done: bool
    marked: int
    wanted: int
    doubt: float | None
    proposal: str


class PointGiven(Given):
    """A joint centre in pixels of the film as served; without x and y: not visible."""

    point: Annotated[str, Field(min_length=1, max_length=16)]
    x: float | None = None
    y: float | None = None


class PointsGiven(Given):
    """One step; `change` is the page's own identifier of it: sent again, it changes nothing."""

    change: Change
    points: Annotated[list[PointGiven], Field(min_length=1, max_length=30)]


class Step(Given):
    """A step without points of its own."""

    change: Change


class MarkShown(Shown):
    """A mark; x and y null: not visible. `origin` is person, model or import."""

    x: float | None
    y: float | None
    origin: str


class FilmMarked(Shown):
    """A film with the caller's marks and the model's proposal."""

    film: FilmShown
    done: bool
    marks: dict[str, MarkShown]
    proposal: ModelView | None


@router.post("/assign")
def assign_films(wanted: Assignment, manager: Manager, bench: Bench) -> Assigned:
    """Give films to markers."""
    inside = f"{wanted.folder.strip('/')}/" if wanted.folder.strip("/") else ""
    with bench.store.writing() as session:
        markers = {}
        for name in wanted.markers:
            account = account_named(session, name)
            if account is None or not account.active:
                raise Invalid(f"{name}: is no active account")
            markers[account.id] = account.name
        rows = session.execute(select(Film.id, Film.file).where(Film.limb.isnot(None)))
        films = [film for film, file in rows if file.startswith(inside)]
        if not films:
            raise NotFound("no film of the library lies there")
        added = assign(session, films, markers, manager)
    return Assigned(assigned=added, asked=bench.assistant.want(films, again=True) if wanted.proposals else 0)


@router.get("/progress")
def progress(_manager: Manager, bench: Bench) -> list[MarkerProgress]:
    """How far every marker is."""
    with bench.store.reading() as session:
        found = progress_of(session)
    return [MarkerProgress(account=name, assigned=assigned, done=done) for name, assigned, done in found]


@router.get("")
def my_films(person: Anyone, bench: Bench) -> list[FilmQueued]:
    """The caller's films: those not done first, of these the ones that the model doubts most."""
    with bench.store.reading() as session:
        return [
            FilmQueued(
                film=each.film.id,
                name=each.film.file,
                done=each.done,
                marked=each.marked,
                wanted=each.wanted,
                doubt=each.doubt,
                proposal=each.proposal,
            )
            for each in queue_of(session, person)
        ]


@router.get("/films/{film_id}")
def marked_film(film_id: Id, person: Anyone, bench: Bench) -> FilmMarked:
    """One film of the caller's."""
    with bench.store.reading() as session:
        marking = session.get(Marking, (film_id, person.id))
        if marking is None:
            raise NotFound("there is no such film to mark")
        return FilmMarked(
            film=films_shown(session, [film_id], person)[film_id],
            done=marking.done,
            marks=_shown(marks_of(session, film_id, person.id)),
            proposal=proposal_of(session, film_id),
        )


@router.put("/films/{film_id}/points")
def save_points(film_id: Id, given: PointsGiven, person: Anyone, bench: Bench) -> dict[str, MarkShown]:
    """Save points for good."""
    placed = [Placed(each.point, each.x, each.y) for each in given.points]
    with bench.store.writing() as session:
        return _shown(place(session, person, film_id, given.change, placed, PERSON))


@router.post("/films/{film_id}/accept")
def accept_all(film_id: Id, step: Step, person: Anyone, bench: Bench) -> dict[str, MarkShown]:
    """Take every point of the model's that the caller has not marked."""
    with bench.store.writing() as session:
        return _shown(accept(session, person, film_id, step.change))


@router.post("/films/{film_id}/undo")
def take_back(film_id: Id, step: Step, person: Anyone, bench: Bench) -> dict[str, MarkShown]:
    """Take back the last step."""
    with bench.store.writing() as session:
        return _shown(undo(session, person, film_id, step.change))


@router.post("/films/{film_id}/redo")
def do_again(film_id: Id, step: Step, person: Anyone, bench: Bench) -> dict[str, MarkShown]:
    """Do again what was taken back last."""
    with bench.store.writing() as session:
        return _shown(undo(session, person, film_id, step.change, again=True))


@router.post("/films/{film_id}/done")
def say_done(film_id: Id, person: Anyone, bench: Bench) -> FilmMarked:
    """Say that every point is marked or not visible; a later change takes that back."""
    with bench.store.writing() as session:
        finish(session, person, film_id)
    return marked_film(film_id, person, bench)


def _shown(state: State) -> dict[str, MarkShown]:
    return {name: MarkShown(**each) for name, each in state.items() if each is not None}
