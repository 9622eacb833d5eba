"""A patient read by nobody: two hands and a foot with known scores, for what is made of readings."""

from collections.abc import Mapping

import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, ModelIdentity, RefusedFilm, SiteReading, Status, StudyReading

REASON = "the joint was not found (confidence below 0.50)"


def film_reading(limb: Limb, side: Side, lost: tuple[str, ...] = ()) -> FilmReading:
    """A film of 300 x 400 px; every site is at a quarter of its maximum, those at points in `lost` have no score."""
    points = {name: Point(60.0 + 8 * index, 50.0 + 12 * index) for index, name in enumerate(POINTS[limb])}
    found: Mapping[str, Point] = {name: point for name, point in points.items() if name not in lost}
    sites = []
    for site in sites_of(limb):
        for kind in Kind:
            maximum = site.maximum(kind)
            if maximum is None:
                continue
            if site.point in lost:
                sites.append(SiteReading(site, kind, Status.NOT_ASSESSABLE, confidence=0.2, reason=REASON))
            else:
                odds = (0.75, *(0.0,) * (maximum - 1), 0.25)
                point = points[site.point]
                sites.append(SiteReading(site, kind, Status.SCORED, maximum / 4, odds, point, 0.9))
    return FilmReading(
        patient="P <1>",
        film=f"films/{side.value}-{limb.value}.png",
        limb=limb,
        side=side,
        sites=tuple(sites),
        box=Box(40, 30, 260, 380),
        points=found,
        confidences={name: 0.2 if name in lost else 0.9 for name in points},
        pose=Pose(180),
        warnings=("a warning",),
        facts={"spacing_mm": "0.2"},
    )


@pytest.fixture
def study() -> StudyReading:
    """Both hands and the left foot; MCP2 of the right hand was not found; one film was refused."""
    films = (
        film_reading(Limb.HAND, Side.LEFT),
        film_reading(Limb.HAND, Side.RIGHT, lost=("MCP2",)),
        film_reading(Limb.FOOT, Side.LEFT),
    )
    refused = (RefusedFilm("films/torn.png", "films/torn.png: holds no picture; scan it again"),)
    return StudyReading("P <1>", films, refused, (ModelIdentity("tiny", "3", "ab" * 32),), "OpenSvH 0.1")


@pytest.fixture
def whole_study() -> StudyReading:
    """All four films, every site scored a quarter of its maximum, at a day and a visit."""
    films = tuple(film_reading(limb, side) for limb in Limb for side in Side)
    models = (ModelIdentity("tiny", "3", "ab" * 32),)
    return StudyReading("W1", films, (), models, "OpenSvH 0.1", "2024-05-01", "Week 24")
