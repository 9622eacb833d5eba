"""The films as the page's interactive part shows them: picture, maps, a ring a joint, and what its close-up tells."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from opensvh.domain.anatomy import POINTS, Kind, Limb, film_code
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.reporting import summary, words
from opensvh.reporting.figure_of_limbs import FILM_ORDER
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.score_sheet import step_of

_RING_PER_BOX_HEIGHT = {Limb.HAND: 1 / 75, Limb.FOOT: 1 / 60}
_VIEW_MARGIN = 0.06
"""Margin of the close view around the limb, as a share of its box."""


@dataclass(frozen=True)
class Ring:
    """A joint on a film, in picture pixels; `narrowing` and `erosion` are colour steps, None where not scored."""

    key: str
    x: float
    y: float
    narrowing: int | None
    erosion: int | None
    label: str
    short: str


@dataclass(frozen=True)
class FilmView:
    """A film as the template draws it; `name` is the last part of the path `file`.

    Boxes as `x y width height` in picture pixels, layers as data addresses.
    """

    code: str
    label: str
    file: str
    name: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    view: tuple[float, float, float, float]
    radius: float
    image: str
    layers: Mapping[str, str]
    rings: tuple[Ring, ...]
    seen: str
    warnings: tuple[str, ...]


def film_views(study: StudyReading, pictures: Mapping[str, FilmPicture]) -> list[FilmView]:
    """Every film that was read: left hand, right hand, left foot, right foot."""
    films = _by_code(study)
    return [_film_view(code, films[code], pictures[code]) for code in FILM_ORDER if code in films]


def joint_details(study: StudyReading) -> dict[str, object]:
    """What the close-up of a joint tells: key -> name, confidence and readings."""
    return {
        f"{code}:{point}": {
            "title": words.site_label(film.limb, point),
            "film": words.film_label(code),
            "code": code,
            "confidence": film.confidences.get(point),
            "readings": [_detail(each) for each in film.sites if each.site.point == point],
        }
        for code, film in _by_code(study).items()
        for point in POINTS[film.limb]
    }


def data_address(kind: str, content: bytes) -> str:
    """The content as an address that needs no file: `data:image/jpeg;base64,...`."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _by_code(study: StudyReading) -> dict[str, FilmReading]:
    return {film_code(film.limb, film.side): film for film in study.films}


def _film_view(code: str, film: FilmReading, picture: FilmPicture) -> FilmView:
    corners = picture.frame.to_model(film.box.corners())
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    margin = _VIEW_MARGIN * max(width, height)
    return FilmView(
        code=code,
        label=words.film_label(code),
        file=film.film,
        name=PurePath(film.film).name,
        width=picture.frame.size.width,
        height=picture.frame.size.height,
        box=(left + 0.5, top + 0.5, width, height),
        view=(left - margin, top - margin, width + 2 * margin, height + 2 * margin),
        radius=max(6.0, height * _RING_PER_BOX_HEIGHT[film.limb]),
        image=data_address("image/jpeg", picture.jpeg),
        layers={name: data_address("image/png", layer) for name, layer in picture.layers.items()},
        rings=tuple(_ring(code, film, picture, point) for point in POINTS[film.limb] if point in film.points),
        seen=summary.seen_on_film(film),
        warnings=film.warnings,
    )


def _ring(code: str, film: FilmReading, picture: FilmPicture, point: str) -> Ring:
    (where,) = picture.frame.to_model([film.points[point]])
    steps = {each.kind: step_of(each) for each in film.sites if each.site.point == point}
    return Ring(
        key=f"{code}:{point}",
        x=where.x + 0.5,
        y=where.y + 0.5,
        narrowing=steps.get(Kind.NARROWING),
        erosion=steps.get(Kind.EROSION),
        label=words.site_label(film.limb, point),
        short=words.SHORT_LABELS.get(point, point),
    )


def _detail(reading: SiteReading) -> dict[str, object]:
    return {
        "site": words.site_label(reading.site.limb, reading.site.name),
        "kind": words.KINDS[reading.kind],
        "score": reading.score,
        "expected": reading.expected,
        "maximum": reading.site.maximum(reading.kind),
        "step": step_of(reading),
        "probabilities": reading.probabilities,
        "why": "" if reading.expected is not None else words.why(reading),
    }
