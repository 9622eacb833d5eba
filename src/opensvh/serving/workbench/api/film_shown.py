"""A film as a page needs it to show: its size, how it lies, where its joints are; nothing that tells whose it is."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import Limb, Side
from opensvh.serving.workbench.accounts import Person
from opensvh.serving.workbench.api.access import Shown
from opensvh.serving.workbench.model_view import ModelView
from opensvh.serving.workbench.tables import Film, Mark, ModelReading


class PointShown(Shown):
    """A joint centre in pixels of the film as served; `crop_px` the side of a close view, None where unknown."""

    x: float
    y: float
    crop_px: float | None


class FilmShown(Shown):
    """A film; `pixels` is the address of its 16-bit levels; `turn_cw_deg` brings the digits up, None where unknown."""

    id: str
    limb: Limb | None
    side: Side | None
    width: int
    height: int
    spacing_mm: float | None
    pixels: str
    points: dict[str, PointShown]
    turn_cw_deg: float | None
    mirrored: bool | None


def films_shown(session: Session, ids: Iterable[str], person: Person) -> dict[str, FilmShown]:
    """Films by identifier, with the person's own marks where there are any, else the model's points."""
    wanted = list(ids)
    films = session.scalars(select(Film).where(Film.id.in_(wanted))).all()
    views = {
        each.film: ModelView.model_validate_json(each.body)
        for each in session.scalars(select(ModelReading).where(ModelReading.film.in_(wanted), ModelReading.body != ""))
    }
    marks: dict[str, list[Mark]] = {}
    for mark in session.scalars(select(Mark).where(Mark.film.in_(wanted), Mark.account == person.id)):
        marks.setdefault(mark.film, []).append(mark)
    return {film.id: _shown(film, views.get(film.id), marks.get(film.id, [])) for film in films}


def _shown(film: Film, view: ModelView | None, marks: list[Mark]) -> FilmShown:
    model = {} if view is None else view.points
    points = {name: PointShown(x=each.x, y=each.y, crop_px=each.crop_px) for name, each in model.items()}
    for mark in marks:
        if mark.x is not None and mark.y is not None:
            crop_px = model[mark.point].crop_px if mark.point in model else None
            points[mark.point] = PointShown(x=mark.x, y=mark.y, crop_px=crop_px)
        else:
            points.pop(mark.point, None)
    return FilmShown(
        id=film.id,
        limb=Limb(film.limb) if film.limb else None,
        side=Side(film.side) if film.side else None,
        width=film.width,
        height=film.height,
        spacing_mm=film.spacing_mm,
        pixels=f"/api/films/{film.id}/pixels",
        points=points,
        turn_cw_deg=None if view is None else view.turn_cw_deg,
        mirrored=None if view is None else view.mirrored,
    )
