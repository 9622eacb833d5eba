"""`report.html`: a patient's reading as one page that needs no other file and calls nothing.

What the page shows is gathered here; how it looks and moves is in `templates/`; what the numbers are in `summary`.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from opensvh.domain.anatomy import FILM_CODES, POINTS, Kind, Limb, Side, Site, film_code, sites_of
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting import summary
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.palette import GRADES, NORMAL, UNSCORED, grade_step, hexadecimal

_FILM_ORDER = ("LH", "RH", "LF", "RF")
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
    """A film as the template draws it; boxes as `x y width height` in picture pixels, layers as data addresses."""

    code: str
    label: str
    file: str
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


@dataclass(frozen=True)
class Cell:
    """One score in the table: `step` is its colour, None without a score."""

    key: str
    kind: str
    step: int | None
    score: str
    expected: str
    title: str


@dataclass(frozen=True)
class Row:
    """A line of a limb's table; a cell is None where the method has no score, or there is no film."""

    label: str
    group: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class LimbTable:
    """The score sheet of both hands or both feet, rows in groups, with its column totals."""

    title: str
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    totals: tuple[summary.LimbTotal, ...]


def write_report(
    path: Path, study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None = None
) -> None:
    """Write the page; `pictures` by film code (`LH`), of every film of the study; `previous` visit where there is one."""
    write_whole(path, render_report(study, pictures, previous))


def render_report(
    study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None = None
) -> str:
    """The page as text; `previous` is the same patient's last reading, None at a first visit."""
    environment = Environment(
        loader=PackageLoader("opensvh.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    films = {film_code(film.limb, film.side): film for film in study.films}
    missing = summary.missing_films(study)
    return environment.get_template("report.html").render(
        study=study,
        films=[_film_view(code, films[code], pictures[code]) for code in _FILM_ORDER if code in films],
        sums=[summary.study_total(study, kind) for kind in (None, Kind.NARROWING, Kind.EROSION)],
        by_limb=_totals_by_limb(study),
        tables=[_limb_table(study, films, limb) for limb in Limb],
        gaps=summary.gaps(study),
        missing=missing,
        missing_scores=summary.unscored_sites(missing),
        film_label=summary.film_label,
        colours=[hexadecimal(colour) for colour in (NORMAL, *GRADES)],
        unscored=hexadecimal(UNSCORED),
        details=_script_json(_details(films)),
    )


def _film_view(code: str, film: FilmReading, picture: FilmPicture) -> FilmView:
    corners = picture.frame.to_model(film.box.corners())
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    margin = _VIEW_MARGIN * max(width, height)
    return FilmView(
        code=code,
        label=summary.film_label(code),
        file=film.film,
        width=picture.frame.size.width,
        height=picture.frame.size.height,
        box=(left + 0.5, top + 0.5, width, height),
        view=(left - margin, top - margin, width + 2 * margin, height + 2 * margin),
        radius=max(6.0, height * _RING_PER_BOX_HEIGHT[film.limb]),
        image=_address("image/jpeg", picture.jpeg),
        layers={name: _address("image/png", layer) for name, layer in picture.layers.items()},
        rings=tuple(_ring(code, film, picture, point) for point in POINTS[film.limb] if point in film.points),
        seen=summary.seen_on_film(film),
        warnings=film.warnings,
    )


def _ring(code: str, film: FilmReading, picture: FilmPicture, point: str) -> Ring:
    (where,) = picture.frame.to_model([film.points[point]])
    steps = {each.kind: _step(each) for each in film.sites if each.site.point == point}
    return Ring(
        key=f"{code}:{point}",
        x=where.x + 0.5,
        y=where.y + 0.5,
        narrowing=steps.get(Kind.NARROWING),
        erosion=steps.get(Kind.EROSION),
        label=summary.site_label(film.limb, point),
        short=summary.SHORT_LABELS.get(point, point),
    )


def _totals_by_limb(study: StudyReading) -> list[tuple[str, list[summary.LimbTotal]]]:
    """Rows of (name, narrowing, erosion, both): each limb and side."""
    kinds = (Kind.NARROWING, Kind.EROSION, None)
    return [
        (summary.film_label(code), [summary.study_total(study, kind, *FILM_CODES[code]) for kind in kinds])
        for code in _FILM_ORDER
    ]


def _limb_table(study: StudyReading, films: Mapping[str, FilmReading], limb: Limb) -> LimbTable:
    columns = [(side, kind) for side in Side for kind in Kind]
    rows = [
        Row(
            label=summary.site_label(limb, site.name),
            group=_group(site),
            cells=tuple(_cell(films.get(film_code(limb, side)), site, kind) for side, kind in columns),
        )
        for site in sites_of(limb)
    ]
    return LimbTable(
        title="Hands" if limb is Limb.HAND else "Feet",
        groups=tuple((name, tuple(group)) for name, group in groupby(rows, key=lambda row: row.group)),
        totals=tuple(summary.study_total(study, kind, limb, side) for side, kind in columns),
    )


def _group(site: Site) -> str:
    if site.limb is Limb.FOOT:
        return "Forefoot"
    if site.name.rstrip("12345") in ("IP", "PIP", "MCP"):
        return "Fingers"
    return "Wrist joints" if site.erosion is None else "Wrist bones"


def _cell(film: FilmReading | None, site: Site, kind: Kind) -> Cell | None:
    if film is None or site.maximum(kind) is None:
        return None
    reading = film.reading(site.name, kind)
    found = reading.expected is not None
    where = f"{summary.film_label(film_code(film.limb, film.side))}, {summary.site_label(film.limb, site.name)}"
    return Cell(
        key=f"{film_code(film.limb, film.side)}:{site.point}",
        kind=kind.value,
        step=_step(reading),
        score=str(reading.score) if found else "–",
        expected=f"{reading.expected:.1f}" if reading.expected is not None else "",
        title=f"{where}, {kind.value}: "
        + (f"{reading.expected:.2f} of {site.maximum(kind)}" if found else _why(reading)),
    )


def _step(reading: SiteReading) -> int | None:
    return None if reading.score is None else grade_step(reading.score / (reading.site.maximum(reading.kind) or 1))


def _why(reading: SiteReading) -> str:
    return reading.status.value + (f" ({reading.reason})" if reading.reason else "")


def _details(films: Mapping[str, FilmReading]) -> dict[str, object]:
    """What the close-up of a joint tells: key -> name, confidence and readings."""
    return {
        f"{code}:{point}": {
            "title": summary.site_label(film.limb, point),
            "film": summary.film_label(code),
            "code": code,
            "confidence": film.confidences.get(point),
            "readings": [_detail(each) for each in film.sites if each.site.point == point],
        }
        for code, film in films.items()
        for point in POINTS[film.limb]
    }


def _detail(reading: SiteReading) -> dict[str, object]:
    return {
        "site": summary.site_label(reading.site.limb, reading.site.name),
        "kind": reading.kind.value,
        "score": reading.score,
        "expected": reading.expected,
        "maximum": reading.site.maximum(reading.kind),
        "step": _step(reading),
        "probabilities": reading.probabilities,
        "why": "" if reading.expected is not None else _why(reading),
    }


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _script_json(content: object) -> Markup:
    """JSON that may stand inside a script element: no character there can end it."""
    text = json.dumps(content, ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
