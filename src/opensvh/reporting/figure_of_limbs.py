"""The figure of hands and feet: every site's score as a mark in its place, unscored ones unlike a 0.

The drawing beneath is `limb_drawing`'s; `html` draws it as SVG, `pdf_figure` in print.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from opensvh.domain.anatomy import FILM_CODES, Kind, Side, Site, film_code, sites_of
from opensvh.domain.geometry import Point, Size
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.reporting import summary, words
from opensvh.reporting.limb_drawing import MARK_WIDTH, PLACES, SIZES, Outline, mirrored, outlines, svg_path
from opensvh.reporting.score_sheet import step_of

FILM_ORDER = ("LH", "RH", "LF", "RF")


@dataclass(frozen=True)
class Mark:
    """One score at its place (centre, drawing units): `step` 0-5 is its colour, None where there is no score."""

    x: float
    y: float
    kind: Kind
    step: int | None
    text: str
    title: str
    key: str


@dataclass(frozen=True)
class LimbFigure:
    """A limb with its marks; `is_read` says whether there is a film of it."""

    code: str
    label: str
    size: Size
    bones: tuple[Outline, ...]
    marks: tuple[Mark, ...]
    is_read: bool
    narrowing: summary.LimbTotal
    erosion: summary.LimbTotal

    @property
    def svg_bones(self) -> str:
        """All bones as one SVG path."""
        return "".join(svg_path(bone) for bone in self.bones)


def figures_of_limbs(study: StudyReading) -> tuple[LimbFigure, ...]:
    """Left hand, right hand, left foot, right foot; also those that no film was read of."""
    films = {film_code(film.limb, film.side): film for film in study.films}
    return tuple(_figure(study, code, films) for code in FILM_ORDER)


def _figure(study: StudyReading, code: str, films: Mapping[str, FilmReading]) -> LimbFigure:
    limb, side = FILM_CODES[code]
    width = SIZES[limb].width
    bones = outlines(limb)
    return LimbFigure(
        code=code,
        label=words.film_label(code),
        size=SIZES[limb],
        bones=bones if side is Side.LEFT else tuple(mirrored(bone, width) for bone in bones),
        marks=tuple(_mark(site, kind, code, films.get(code)) for site in sites_of(limb) for kind in _kinds(site)),
        is_read=code in films,
        narrowing=summary.study_total(study, Kind.NARROWING, limb, side),
        erosion=summary.study_total(study, Kind.EROSION, limb, side),
    )


def _kinds(site: Site) -> list[Kind]:
    return [kind for kind in Kind if site.maximum(kind) is not None]


def _mark(site: Site, kind: Kind, code: str, film: FilmReading | None) -> Mark:
    place = _place(site, kind, FILM_CODES[code][1])
    reading = None if film is None else film.reading(site.name, kind)
    score = None if reading is None else reading.score
    return Mark(
        x=place.x,
        y=place.y,
        kind=kind,
        step=None if reading is None else step_of(reading),
        text=words.NO_SCORE if score is None else str(score),
        title=_title(site, kind, code, reading),
        key=f"{code}:{site.point}",
    )


def _place(site: Site, kind: Kind, side: Side) -> Point:
    """Narrowing stands left of erosion on both sides, so a right limb's places are mirrored but its pairs are not."""
    places = PLACES[site.limb]
    alone = (site.name, kind) in places
    place = places[site.name, kind if alone else None]
    shift = 0.0 if alone else MARK_WIDTH / 2 * (-1 if kind is Kind.NARROWING else 1)
    x = place.x if side is Side.LEFT else SIZES[site.limb].width - place.x
    return Point(x + shift, place.y)


def _title(site: Site, kind: Kind, code: str, reading: SiteReading | None) -> str:
    where = f"{words.film_label(code)}, {words.site_label(site.limb, site.name)}, {words.KINDS[kind]}"
    if reading is None:
        return f"{where}: {words.NO_FILM_READ}"
    if reading.expected is None:
        return f"{where}: {words.why(reading)}"
    return f"{where}: {words.OF_MAXIMUM.format(value=reading.expected, maximum=site.maximum(kind))}"
