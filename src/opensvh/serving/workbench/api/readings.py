"""Reading: the caller's own readings, the walk through one, saving scores, the commit."""

from asyncio import wrap_future
from collections.abc import Mapping, Sequence, Set
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from opensvh.serving.workbench.accounts import Role
from opensvh.serving.workbench.adjudication import Pair, blinded
from opensvh.serving.workbench.api.access import Bench, Given, Id, Manager, Scorer, Shown
from opensvh.serving.workbench.api.film_shown import FilmShown, films_shown
from opensvh.serving.workbench.api.reading_list import ReadingListed, listed
from opensvh.serving.workbench.failures import NotAllowed
from opensvh.serving.workbench.grades import LONGEST_REASON, STATUSES, UNSCORED, Place, Said, sums_of
from opensvh.serving.workbench.model_view import ModelView
from opensvh.serving.workbench.readings import (
    commit,
    films_of,
    reading_of,
    readings_of,
    reopen,
    scores_of,
    sees_model,
    wanted_places,
)
from opensvh.serving.workbench.saving import Entry, Saving, Standing
from opensvh.serving.workbench.tables import CaseFilm, ModelReading, Score
from opensvh.serving.workbench.walk import Step, steps

router = APIRouter(prefix="/api/readings", tags=["reading"])


class ScoreGiven(Given):
    """One change; `change` is the page's own identifier of it (a UUID): sent again, it changes nothing."""

    change: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    film: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    site: Annotated[str, Field(min_length=1, max_length=16)]
    kind: Annotated[str, Field(min_length=1, max_length=16)]
    status: Annotated[str, Field(json_schema_extra={"enum": list(STATUSES)})]
    grade: Annotated[int, Field(ge=0, le=10)] | None = None
    reason: Annotated[str, Field(max_length=LONGEST_REASON, pattern=r"^[^\x00]*$")] = ""


class ScoresGiven(Given):
    """Changes in the order in which they were made; all are taken or none."""

    scores: Annotated[list[ScoreGiven], Field(min_length=1, max_length=500)]


class Reason(Given):
    """Why."""

    reason: Annotated[str, Field(min_length=3, max_length=LONGEST_REASON, pattern=r"^[^\x00]*\S[^\x00]*$")]


class ReaderSaid(Shown):
    """What one reader said, without a name."""

    status: str
    grade: int | None
    reason: str


class PlaceShown(Shown):
    """Where something is to be entered; `readers` is what both said, for the adjudicator alone."""

    film: str
    kind: str
    maximum: int
    status: str
    grade: int | None
    reason: str
    readers: list[ReaderSaid] | None


class StepShown(Shown):
    """One site: `films` holds the visits side by side, `opposite` the other side's; `point` is where to look."""

    code: str
    site: str
    point: str
    films: list[str]
    opposite: list[str]
    places: list[PlaceShown]


class SumShown(Shown):
    """A sum over `assessed` of `sites`; `without` more have a reason instead of a grade, the rest is unscored."""

    value: int
    assessed: int
    without: int
    sites: int


Sums = dict[str, dict[str, SumShown]]
"""By visit label, then narrowing, erosion, total."""


class Column(Shown):
    """A visit: its label, and its films by code (`LH`)."""

    visit: str
    films: dict[str, str]


class ReadingShown(Shown):
    """A reading whole: what to show and what was entered."""

    reading: ReadingListed
    columns: list[Column]
    films: dict[str, FilmShown]
    steps: list[StepShown]
    sums: Sums
    model_visible: bool


class Saved(Shown):
    """What now stands in the places that were sent, and the sums."""

    scores: list[PlaceShown]
    sums: Sums
    entered: int
    wanted: int


@router.get("")
def my_readings(person: Scorer, bench: Bench) -> list[ReadingListed]:
    """The caller's own readings and adjudications in their order."""
    with bench.store.reading() as session:
        return listed(session, readings_of(session, person))


@router.get("/{reading_id}")
def whole_reading(reading_id: Id, person: Scorer, bench: Bench) -> ReadingShown:
    """Everything a page needs to walk through it."""
    with bench.store.reading() as session:
        reading = reading_of(session, reading_id, person)
        films = films_of(session, reading.case)
        scores, wanted = scores_of(session, reading.id), wanted_places(session, reading)
        said = blinded(session, reading) if reading.role == Role.ADJUDICATOR else None
        return ReadingShown(
            reading=listed(session, [reading])[0],
            columns=_columns(films),
            films=films_shown(session, [film.film for film in films], person),
            steps=[_step(step, scores, said) for step in steps(films, wanted)],
            sums=_sums(films, scores, wanted),
            model_visible=sees_model(session, reading),
        )


@router.put("/{reading_id}/scores")
async def save_scores(reading_id: Id, given: ScoresGiven, person: Scorer, bench: Bench) -> Saved:
    """Save scores for good: when this is answered they are on the disk."""
    entries = [
        Entry(each.change, (each.film, each.site, each.kind), each.status, each.grade, each.reason)
        for each in given.scores
    ]
    standing = await wrap_future(bench.scores.submit(Saving(person, reading_id, entries)))
    return _saved(standing, [entry.place for entry in entries])


@router.post("/{reading_id}/commit")
def commit_reading(reading_id: Id, person: Scorer, bench: Bench) -> ReadingListed:
    """Lock the reading; refused while anything is unscored."""
    with bench.store.writing() as session:
        return listed(session, [commit(session, person, reading_id)])[0]


@router.post("/{reading_id}/reopen")
def reopen_reading(reading_id: Id, why: Reason, manager: Manager, bench: Bench) -> ReadingListed:
    """Unlock a committed reading, as a manager."""
    with bench.store.writing() as session:
        return listed(session, [reopen(session, reading_id, why.reason, manager)])[0]


@router.get("/{reading_id}/model")
def model_scores(reading_id: Id, person: Scorer, bench: Bench) -> dict[str, ModelView]:
    """The model's scores by film, where the study shows them now."""
    with bench.store.reading() as session:
        reading = reading_of(session, reading_id, person)
        if not sees_model(session, reading):
            raise NotAllowed("the study does not show the model's scores now")
        views = {}
        for film in films_of(session, reading.case):
            found = session.get(ModelReading, film.film)
            if found is not None and found.body:
                views[film.film] = ModelView.model_validate_json(found.body)
        return views


def _columns(films: Sequence[CaseFilm]) -> list[Column]:
    labels = dict.fromkeys(film.visit for film in films)
    return [
        Column(visit=label, films={film.code: film.film for film in films if film.visit == label}) for label in labels
    ]


def _step(step: Step, scores: dict[Place, Score], said: dict[Place, Pair] | None) -> StepShown:
    return StepShown(
        code=step.code,
        site=step.site.name,
        point=step.site.point,
        films=list(step.films),
        opposite=list(step.opposite),
        places=[
            _place(place, maximum, scores.get(place), None if said is None else said[place])
            for place, maximum in step.places
        ],
    )


def _place(place: Place, maximum: int, score: Said | None, pair: Pair | None) -> PlaceShown:
    readers = None
    if pair is not None:
        readers = [ReaderSaid(status=each.status, grade=each.grade, reason=each.reason) for each in pair]
    return PlaceShown(
        film=place[0],
        kind=place[2],
        maximum=maximum,
        status=UNSCORED if score is None else score.status,
        grade=None if score is None else score.grade,
        reason="" if score is None else score.reason,
        readers=readers,
    )


def _sums(films: Sequence[CaseFilm], scores: Mapping[Place, Said], wanted: Set[Place]) -> Sums:
    visit_of = {film.film: film.visit for film in films}
    places: dict[str, list[Place]] = {film.visit: [] for film in films}
    for place in wanted:
        places[visit_of[place[0]]].append(place)
    return {
        visit: {name: SumShown(**vars(each)) for name, each in sums_of(scores, inside).items()}
        for visit, inside in places.items()
    }


def _saved(standing: Standing, places: Sequence[Place]) -> Saved:
    form, scores = standing.form, standing.scores
    shown = []
    for place in places:
        site, kind = form.places[place]
        shown.append(_place(place, site.maximum(kind) or 0, scores[place], None))
    return Saved(
        scores=shown,
        sums=_sums(form.films, scores, standing.wanted),
        entered=sum(place in standing.wanted and score.status != UNSCORED for place, score in scores.items()),
        wanted=len(standing.wanted),
    )
