"""Who may see a film: managers every one; others those that they are to read or mark."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.accounts import Person, Role
from opensvh.serving.workbench.failures import NotFound
from opensvh.serving.workbench.studies import WITHDRAWN
from opensvh.serving.workbench.tables import CaseFilm, Film, Marking, Reading


def film_for(session: Session, film_id: str, person: Person) -> Film:
    """The film; raises NotFound where the person has no business with it."""
    film = session.get(Film, film_id)
    if film is None or not (person.role is Role.MANAGER or _is_theirs(session, film_id, person)):
        raise NotFound("there is no such film")
    return film


def _is_theirs(session: Session, film_id: str, person: Person) -> bool:
    to_mark = exists().where(Marking.film == film_id, Marking.account == person.id)
    to_read = exists().where(
        CaseFilm.film == film_id,
        CaseFilm.case == Reading.case,
        Reading.account == person.id,
        Reading.state != WITHDRAWN,
    )
    return bool(session.scalar(select(to_mark | to_read)))
