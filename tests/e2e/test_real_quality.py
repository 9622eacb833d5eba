"""The quality gate on hand-marked real films: with their joints where a person marked them, none is refused.

The folder that `OPENSVH_REAL_FILMS` names holds the films and their records in `joints.json`; none comes with OpenSvH.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from opensvh.domain.anatomy import Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Point
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference.quality import judge
from opensvh.inference.quality_findings import Finding, refusal
from opensvh.inference.shape_model import canonical_points, fitted, mirror_advantage
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.annotations.records import MarkedFilm, read_records
from opensvh.io.image import read_film

REAL_FILMS = "OPENSVH_REAL_FILMS"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get(REAL_FILMS), reason=f"{REAL_FILMS} is not set: real films are not tested"),
]


@pytest.fixture(scope="module")
def films() -> tuple[MarkedFilm, ...]:
    return read_records(Path(os.environ[REAL_FILMS]))


def placement_of(film: MarkedFilm, side: Side) -> LimbPlacement:
    return LimbPlacement(film.limb, side, 90.0 * film.quarter_turns_cw, film.box)


def judged(film: MarkedFilm, points: Mapping[str, Point]) -> tuple[Finding, ...]:
    sites = tuple(
        SiteReading(site, kind, Status.SCORED, expected=0.0) for kind in Kind for site in sites_of(film.limb, kind)
    )
    reading = FilmReading(film.group, film.file, film.limb, film.side, sites, film.box, points)
    return judge(read_film(film.path).pixels, reading, placement_of(film, film.side))


def test_no_marked_film_is_refused_and_no_site_loses_its_score(films: tuple[MarkedFilm, ...]) -> None:
    for film in films:
        findings = judged(film, film.points)
        assert refusal(findings) is None, film.file
        assert [finding.text for finding in findings if finding.status] == [], film.file


def test_the_mirror_image_of_every_marked_limb_fits_worse(films: tuple[MarkedFilm, ...]) -> None:
    for film in films:
        points = canonical_points(film.points, placement_of(film, film.side).pose)
        assert mirror_advantage(shipped_shape_models()[film.limb], points) < -1, film.file


def test_a_marked_joint_is_foretold_by_the_others(films: tuple[MarkedFilm, ...]) -> None:
    """Of 438 joints the farthest lies 4.6 standard deviations away."""
    for film in films:
        model = shipped_shape_models()[film.limb]
        points = canonical_points(film.points, placement_of(film, film.side).pose)
        for name, point in points.items():
            fit = fitted(model, {other: at for other, at in points.items() if other != name})
            assert fit is not None
            away = abs(complex(*fit.predicted[name].point) - complex(*point))
            assert away < 6 * fit.predicted[name].spread_px, (film.file, name)


def test_told_the_other_side_a_hand_s_joints_do_not_fit(films: tuple[MarkedFilm, ...]) -> None:
    for film in films:
        if film.limb is Limb.HAND:
            mirrored = {name: Point(-x, y) for name, (x, y) in film.points.items()}
            fit = fitted(
                shipped_shape_models()[Limb.HAND], canonical_points(mirrored, placement_of(film, film.side).pose)
            )
            assert fit is None or fit.distance > 1.8, film.file
