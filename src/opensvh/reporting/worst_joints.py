"""The joints with the most damage, each beside the same joint of the other side, mirrored to match."""

from collections.abc import Mapping
from dataclasses import dataclass

from opensvh.domain.anatomy import FILM_CODES, POINTS, Kind, Limb, Side, film_code
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.reporting import words
from opensvh.reporting.crops import mirrored
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.score_sheet import step_of

MOST = 6
"""Pairs of crops on a page."""


@dataclass(frozen=True)
class Grade:
    """One score at a joint: `Erosion` 3 of 5; `score` and `step` None where there is none."""

    kind: Kind
    name: str
    score: int | None
    maximum: int
    step: int | None

    @property
    def text(self) -> str:
        """`3 / 5`, or a dash."""
        return words.NO_SCORE if self.score is None else words.GRADE_OF.format(grade=self.score, maximum=self.maximum)


@dataclass(frozen=True)
class JointView:
    """A joint on one side: its picture (None with the reason in `missing`) and its scores."""

    code: str
    label: str
    jpeg: bytes | None
    is_mirrored: bool
    grades: tuple[Grade, ...]
    missing: str


@dataclass(frozen=True)
class WorstJoint:
    """A joint of both sides, the worse side first; `key` names the worse one (`LH:MCP2`)."""

    key: str
    label: str
    worse: JointView
    opposite: JointView


def worst_joints(study: StudyReading, pictures: Mapping[str, FilmPicture], most: int = MOST) -> tuple[WorstJoint, ...]:
    """The worst first, by the highest expectation as a share of its maximum; only joints that reach grade 1.

    A joint stands once, at its worse side.
    """
    films = {film_code(film.limb, film.side): film for film in study.films}
    ranked = sorted(
        ((_badness(film, point), code, point) for code, film in films.items() for point in POINTS[film.limb]),
        key=lambda each: (-each[0][0], -each[0][1], each[1], each[2]),
    )
    chosen: dict[tuple[Limb, str], str] = {}
    for (worst, _), code, point in ranked:
        if worst > 0 and len(chosen) < most:
            chosen.setdefault((FILM_CODES[code][0], point), code)
    return tuple(_pair(films, pictures, code, point) for (_, point), code in chosen.items())


def _badness(film: FilmReading, point: str) -> tuple[float, float]:
    """The highest and the summed share of the maximum, over scores of grade 1 and more."""
    shares = [
        (reading.expected or 0.0) / (reading.site.maximum(reading.kind) or 1)
        for reading in _readings(film, point)
        if reading.score
    ]
    return max(shares, default=0.0), sum(shares)


def _pair(films: Mapping[str, FilmReading], pictures: Mapping[str, FilmPicture], code: str, point: str) -> WorstJoint:
    limb, side = FILM_CODES[code]
    other = film_code(limb, Side.RIGHT if side is Side.LEFT else Side.LEFT)
    return WorstJoint(
        key=f"{code}:{point}",
        label=words.site_label(limb, point),
        worse=_view(films, pictures, code, point, is_mirrored=False),
        opposite=_view(films, pictures, other, point, is_mirrored=True),
    )


def _view(
    films: Mapping[str, FilmReading], pictures: Mapping[str, FilmPicture], code: str, point: str, *, is_mirrored: bool
) -> JointView:
    film, picture = films.get(code), pictures.get(code)
    jpeg = None if picture is None else picture.crops.get(point)
    return JointView(
        code=code,
        label=words.film_label(code),
        jpeg=mirrored(jpeg) if jpeg is not None and is_mirrored else jpeg,
        is_mirrored=is_mirrored,
        grades=() if film is None else tuple(_grade(each, point) for each in _readings(film, point)),
        missing=words.NO_FILM_READ if film is None else words.JOINT_NOT_FOUND,
    )


def _grade(reading: SiteReading, point: str) -> Grade:
    """Its kind for a name, with the site's where the site goes by another name than the joint."""
    kind, maximum = words.KINDS[reading.kind], reading.site.maximum(reading.kind) or 1
    return Grade(
        kind=reading.kind,
        name=kind if reading.site.name == point else words.OTHER_SITE_KIND[reading.site.name].format(kind=kind),
        score=reading.score,
        maximum=maximum,
        step=step_of(reading),
    )


def _readings(film: FilmReading, point: str) -> list[SiteReading]:
    return [each for each in film.sites if each.site.point == point]
