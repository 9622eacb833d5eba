"""Saving scores: changes of many readers at once, checked one after another and written in one transaction.

Each change carries an identifier of its sender's making: sent again after a lost answer, it changes nothing. The last
write wins, the one before stays in the audit trail. Who puts the changes together is `group_commit`.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, tuple_, update
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import Kind, Site
from opensvh.domain.reading import Status
from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.audit import Told, now, record_all
from opensvh.serving.workbench.audit_check import SCORE_SAVED, score_content, score_subject
from opensvh.serving.workbench.design import ModelScores
from opensvh.serving.workbench.failures import Conflict, Refused
from opensvh.serving.workbench.grades import Place, place_at, places_of, refuse_impossible
from opensvh.serving.workbench.readings import films_of, models_of, own, refuse_locked, shows_model, wanted_places
from opensvh.serving.workbench.studies import design_of, study_of
from opensvh.serving.workbench.tables import CaseFilm, Change, Reading, Score

_MOST_FORMS = 5000
_ASKED: BindParameter[Any] = bindparam("readings", expanding=True)
_READINGS = (
    select(Reading)
    .where(Reading.id.in_(_ASKED))
    .order_by(Reading.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_SCORES = select(Score.reading, Score.film, Score.site, Score.kind, Score.status, Score.grade, Score.reason).where(
    Score.reading.in_(_ASKED)
)
_CHANGES = select(Change.account, Change.change).where(
    tuple_(Change.account, Change.change).in_(bindparam("sent", expanding=True))
)


@dataclass(frozen=True)
class Entry:
    """One change to one place: `change` is the sender's own identifier of it."""

    change: str
    place: Place
    status: str
    grade: int | None
    reason: str


@dataclass(frozen=True)
class Saving:
    """Changes of one reading in their order, to be taken all or none."""

    person: Person
    reading: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Kept:
    """What stands at a place."""

    status: str
    grade: int | None
    reason: str


@dataclass(frozen=True)
class Form:
    """What a case asks for: its films column by column, every place with its site and kind, and who sees the model."""

    films: Sequence[CaseFilm]
    places: Mapping[Place, tuple[Site, Kind]]
    model_scores: ModelScores


@dataclass(frozen=True)
class Standing:
    """What stands in a reading after its changes: `wanted` places, and what was entered."""

    form: Form
    wanted: Set[Place]
    scores: Mapping[Place, Kept]


class Forms:
    """The forms of cases, read once: they never change when a study is set up."""

    def __init__(self) -> None:
        self._known: dict[str, Form] = {}

    def of(self, session: Session, reading: Reading) -> Form:
        """The form of a reading's case."""
        if reading.case not in self._known:
            if len(self._known) >= _MOST_FORMS:
                self._known.clear()
            films = films_of(session, reading.case)
            places = {place: (site, kind) for place, (_, site, kind) in places_of(films).items()}
            rule = design_of(study_of(session, reading.study)).model_scores
            self._known[reading.case] = Form(films, places, rule)
        return self._known[reading.case]


def save_all(session: Session, savings: Sequence[Saving], forms: Forms) -> list[Standing | Refused]:
    """Take what can be taken, each saving all or none, and say what stands or why it was refused."""
    book = _opened(session, savings, forms)
    outcomes: list[Standing | Refused] = []
    for saving in savings:
        try:
            outcomes.append(book.take(saving))
        except Refused as refused:
            outcomes.append(refused)
    book.write()
    return outcomes


@dataclass
class _Book:
    """The readings in hand and their scores; changes go here first, and to the database all at once."""

    session: Session
    forms: Forms
    readings: Mapping[str, Reading]
    scores: Mapping[str, dict[Place, Kept]]
    known: set[tuple[str, str]]
    stored: Set[tuple[str, Place]]
    changes: list[dict[str, Any]] = field(default_factory=list)
    written: dict[tuple[str, Place], str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def take(self, saving: Saving) -> Standing:
        """Check all of a saving, then enter it."""
        reading = own(self.readings.get(saving.reading), saving.person)
        refuse_locked(reading)
        form = self.forms.of(self.session, reading)
        wanted = wanted_places(self.session, reading) if reading.role == Role.ADJUDICATOR else form.places.keys()
        for entry in saving.entries:
            _refuse(entry, form, wanted)
        scores, model = self.scores[reading.id], None
        for entry in saving.entries:
            key = (saving.person.id, entry.change)
            if key not in self.known:
                self.known.add(key)
                self.changes.append({"account": saving.person.id, "change": entry.change})
                model = self._model(reading, form) if model is None else model
                self._enter(saving.person, reading, entry, model)
        return Standing(form, wanted, scores)

    def write(self) -> None:
        """Write all that was entered, and its trail."""
        rows = {key: self._row(*key, saved) for key, saved in self.written.items()}
        new = [row for key, row in rows.items() if key not in self.stored]
        changed = [row for key, row in rows.items() if key in self.stored]
        if self.changes:
            self.session.execute(insert(Change), self.changes)
        if new:
            self.session.execute(insert(Score), new)
        if changed:
            self.session.execute(update(Score), changed)
        if self.told:
            record_all(self.session, self.told)

    def _model(self, reading: Reading, form: Form) -> str:
        """Which model's scores are before the reader's eyes; "" where none are."""
        return models_of(self.session, form.films) if shows_model(form.model_scores, reading.state) else ""

    def _enter(self, person: Person, reading: Reading, entry: Entry, model: str) -> None:
        scores, place = self.scores[reading.id], entry.place
        old = scores.get(place)
        reason = "" if entry.status == Status.SCORED else entry.reason.strip()
        scores[place] = Kept(entry.status, entry.grade, reason)
        self.written[reading.id, place] = now()
        before = None if old is None else score_content(old)
        subject = score_subject(reading.id, place)
        self.told.append(Told(person.name, SCORE_SAVED, subject, before, score_content(scores[place]), model))

    def _row(self, reading: str, place: Place, saved: str) -> dict[str, Any]:
        kept = self.scores[reading][place]
        where = {"reading": reading, "film": place[0], "site": place[1], "kind": place[2]}
        return {**where, "status": kept.status, "grade": kept.grade, "reason": kept.reason, "saved": saved}


def _opened(session: Session, savings: Sequence[Saving], forms: Forms) -> _Book:
    """The readings, held against other writers until the end of the transaction, and what is entered in them."""
    ids = {"readings": list({saving.reading for saving in savings})}
    readings = {row.id: row for row in session.scalars(_READINGS, ids)}
    scores: dict[str, dict[Place, Kept]] = {reading: {} for reading in readings}
    for reading, film, site, kind, status, grade, reason in session.execute(_SCORES, ids):
        scores[reading][film, site, kind] = Kept(status, grade, reason)
    sent = {(saving.person.id, entry.change) for saving in savings for entry in saving.entries}
    known = {(account, change) for account, change in session.execute(_CHANGES, {"sent": list(sent)})}
    stored = {(reading, place) for reading, places in scores.items() for place in places}
    return _Book(session, forms, readings, scores, known, stored)


def _refuse(entry: Entry, form: Form, wanted: Set[Place]) -> None:
    found = form.places.get(entry.place)
    site, kind = found or place_at({film.film: film for film in form.films}, entry.place)
    refuse_impossible(site, kind, entry.status, entry.grade, entry.reason)
    if entry.place not in wanted:
        raise Conflict(f"{site.name} {kind}: the readers agree there; nothing is to be decided")
