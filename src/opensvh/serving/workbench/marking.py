"""Marking joints: who marks which films, points saved at once, steps that can be undone and done again.

Everybody's marks are their own; `dataset` puts them together. The model proposes (`assistant`), a person accepts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.serving.workbench.accounts import Person
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.failures import Conflict, Invalid, NotFound
from opensvh.serving.workbench.model_view import ModelView
from opensvh.serving.workbench.tables import Account, Change, Film, Mark, Marking, MarkStep, ModelReading

PERSON, MODEL, IMPORT = "person", "model", "import"
State = dict[str, dict[str, Any] | None]
"""Point -> `x`, `y` (both None: not visible) and `origin`; None where nothing is marked."""


@dataclass(frozen=True)
class Placed:
    """A joint centre in pixels of the file as stored; x and y None: not visible."""

    point: str
    x: float | None
    y: float | None


@dataclass(frozen=True)
class Queued:
    """A film to be marked: how many points it has of how many, and how much the model doubts it (None: not known)."""

    film: Film
    done: bool
    marked: int
    wanted: int
    doubt: float | None
    proposal: str


def assign(session: Session, films: Sequence[str], markers: Mapping[str, str], by: Person) -> int:
    """Give films to markers (identifier -> name); how many were not theirs before."""
    added = 0
    for film in films:
        for marker in markers:
            if session.get(Marking, (film, marker)) is None:
                session.add(Marking(film=film, account=marker, done=False))
                added += 1
    if added:
        new = {"films": list(films), "markers": sorted(markers.values())}
        record(session, Told(by.name, "marking assigned", "marking", new=new))
    return added


def queue_of(session: Session, person: Person) -> list[Queued]:
    """The person's films: those to do first, of these the ones that the model doubts most."""
    marked = dict(
        session.execute(select(Mark.film, func.count()).where(Mark.account == person.id).group_by(Mark.film)).all()
    )
    found = session.execute(
        select(Marking, Film, ModelReading)
        .join(Film, Film.id == Marking.film)
        .outerjoin(ModelReading, ModelReading.film == Film.id)
        .where(Marking.account == person.id)
    )
    films = [
        Queued(
            film=film,
            done=marking.done,
            marked=marked.get(film.id, 0),
            wanted=len(POINTS[Limb(film.limb)]) if film.limb else 0,
            doubt=None if reading is None else reading.doubt,
            proposal="" if reading is None else reading.state,
        )
        for marking, film, reading in found
    ]
    return sorted(films, key=lambda each: (each.done, each.doubt is None, -(each.doubt or 0.0), each.film.file))


def progress_of(session: Session) -> list[tuple[str, int, int]]:
    """Of every marker by name: how many films were assigned, and how many of these are done."""
    done = func.sum(case((Marking.done, 1), else_=0))
    found = session.execute(
        select(Account.name, func.count(), done)
        .join(Account, Account.id == Marking.account)
        .group_by(Account.name)
        .order_by(Account.name)
    )
    return [(name, assigned, finished) for name, assigned, finished in found]


def marks_of(session: Session, film: str, account: str) -> State:
    """What an account has marked on a film."""
    rows = session.scalars(select(Mark).where(Mark.film == film, Mark.account == account))
    return {row.point: {"x": row.x, "y": row.y, "origin": row.origin} for row in rows}


def proposal_of(session: Session, film: str) -> ModelView | None:
    """The model's points; None while there are none."""
    reading = session.get(ModelReading, film)
    return ModelView.model_validate_json(reading.body) if reading is not None and reading.body else None


def place(session: Session, person: Person, film_id: str, change: str, placed: Iterable[Placed], origin: str) -> State:
    """Save points as one step; sent again, it changes nothing. Raises Invalid for a point that cannot be."""
    marking, film = _own(session, person, film_id)
    if _is_known(session, person, change):
        return marks_of(session, film_id, person.id)
    after: State = {}
    for each in placed:
        _refuse_impossible(film, each)
        after[each.point] = {"x": each.x, "y": each.y, "origin": origin}
    marking.done = False
    session.execute(delete(MarkStep).where(MarkStep.film == film_id, MarkStep.account == person.id, MarkStep.undone))
    before = _write(session, person, film_id, after)
    step = MarkStep(film=film_id, account=person.id, before=_text(before), after=_text(after), undone=False)
    session.add(step)
    _told(session, person, film_id, "points saved", before, after)
    return marks_of(session, film_id, person.id)


def accept(session: Session, person: Person, film_id: str, change: str) -> State:
    """Take the model's points where the person has none of their own; a point it did not find stays open."""
    view = proposal_of(session, film_id)
    if view is None:
        raise Conflict("the model has not proposed points for this film")
    marked = marks_of(session, film_id, person.id)
    placed = [Placed(name, each.x, each.y) for name, each in view.points.items() if name not in marked]
    return place(session, person, film_id, change, placed, MODEL)


def undo(session: Session, person: Person, film_id: str, change: str, again: bool = False) -> State:
    """Take back the last step, or with `again` do the last one taken back once more; raises Conflict without one."""
    _own(session, person, film_id)
    if _is_known(session, person, change):
        return marks_of(session, film_id, person.id)
    mine = select(MarkStep).where(MarkStep.film == film_id, MarkStep.account == person.id)
    mine = mine.where(MarkStep.undone if again else ~MarkStep.undone)
    order = MarkStep.number.asc() if again else MarkStep.number.desc()
    step = session.scalars(mine.order_by(order).limit(1)).first()
    if step is None:
        raise Conflict("there is nothing to do again" if again else "there is nothing to take back")
    after: State = json.loads(step.after if again else step.before)
    before = _write(session, person, film_id, after)
    step.undone = not again
    _told(session, person, film_id, "step done again" if again else "step taken back", before, after)
    return marks_of(session, film_id, person.id)


def finish(session: Session, person: Person, film_id: str) -> None:
    """Say that a film is done; raises Conflict while a point is neither marked nor said to be not visible."""
    marking, film = _own(session, person, film_id)
    missing = set(POINTS[_limb(film)]) - set(marks_of(session, film_id, person.id))
    if missing:
        raise Conflict(f"{', '.join(sorted(missing))}: neither marked nor said to be not visible")
    if not marking.done:
        marking.done = True
        record(session, Told(person.name, "marking done", _subject(film_id, person)))


def _own(session: Session, person: Person, film_id: str) -> tuple[Marking, Film]:
    marking = session.get(Marking, (film_id, person.id), with_for_update=True)
    if marking is None:
        raise NotFound("there is no such film to mark")
    return marking, session.get_one(Film, film_id)


def _limb(film: Film) -> Limb:
    if film.limb is None:
        raise Conflict("nobody said whether the film shows a hand or a foot; a manager can")
    return Limb(film.limb)


def _refuse_impossible(film: Film, placed: Placed) -> None:
    limb = _limb(film)
    if placed.point not in POINTS[limb]:
        raise Invalid(f"a {limb} has no point {placed.point!r}")
    if (placed.x is None) != (placed.y is None):
        raise Invalid(f"{placed.point}: give x and y, or neither where it is not visible")
    if placed.x is None or placed.y is None:
        return
    if not (-0.5 <= placed.x < film.width - 0.5 and -0.5 <= placed.y < film.height - 0.5):
        raise Invalid(f"{placed.point}: ({placed.x:g}, {placed.y:g}) is outside the film")


def _is_known(session: Session, person: Person, change: str) -> bool:
    """Whether a change was taken before; else it is from now on."""
    if session.get(Change, (person.id, change)) is not None:
        return True
    session.add(Change(account=person.id, change=change))
    return False


def _write(session: Session, person: Person, film_id: str, after: State) -> State:
    """Bring the named points to a state; what they were before."""
    before: State = {}
    for point, wanted in after.items():
        mark = session.get(Mark, (film_id, person.id, point))
        before[point] = None if mark is None else {"x": mark.x, "y": mark.y, "origin": mark.origin}
        if wanted is None:
            if mark is not None:
                session.delete(mark)
            continue
        if mark is None:
            mark = Mark(film=film_id, account=person.id, point=point)
            session.add(mark)
        mark.x, mark.y, mark.origin = wanted["x"], wanted["y"], wanted["origin"]
    session.flush()
    return before


def _told(session: Session, person: Person, film_id: str, action: str, before: State, after: State) -> None:
    reading = session.get(ModelReading, film_id)
    model = "" if reading is None else reading.model
    record(session, Told(person.name, action, _subject(film_id, person), before, after, model))


def _subject(film_id: str, person: Person) -> str:
    return f"marks:{film_id}:{person.id}"


def _text(state: State) -> str:
    return json.dumps(state, sort_keys=True)
