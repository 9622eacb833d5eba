"""The evaluation's page stands alone and says what the figures say."""

from pathlib import Path

import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.figures import Evaluation
from opensvh.evaluation.truth import FilmTruth, ReadFilm
from opensvh.reporting.evaluation import Heading, evaluation_page, number, percent

HEADING = Heading((ModelIdentity("compact", "1", "0123456789abcdef"),), "<films>", "OpenSvH 0")


def read_film(patient: str, limb: Limb, grade: float, expected: float, scored: bool = True) -> ReadFilm:
    scores = {(site.name, kind): grade for kind in Kind for site in sites_of(limb, kind)} if scored else {}
    points = dict.fromkeys(POINTS[limb], Point(5, 5))
    truth = FilmTruth(f"{patient}-{limb}", patient, Path("f.png"), limb, Side.LEFT, points=points, scores=scores)
    sites = tuple(SiteReading(site, kind, Status.SCORED, expected) for kind in Kind for site in sites_of(limb, kind))
    found = dict.fromkeys(POINTS[limb], Point(8, 9))
    return ReadFilm(truth, FilmReading(patient, "f.png", limb, Side.LEFT, sites, Box(0, 0, 50, 100), found))


def page(*reads: ReadFilm) -> str:
    evaluation = Evaluation(reads, dict.fromkeys(site_columns(), 1.0))
    return evaluation_page(HEADING, evaluation, evaluation.figures())


def test_the_page_refers_to_nothing_outside_itself() -> None:
    html = page(read_film("A", Limb.HAND, 1, 1.5), read_film("A", Limb.FOOT, 2, 1.5))
    assert "http" not in html
    assert html.count("data:image/svg+xml;base64,") == 6
    assert "research use only" in html


def test_the_page_shows_model_data_and_baseline() -> None:
    html = page(read_film("A", Limb.HAND, 1, 1.5), read_film("B", Limb.HAND, 2, 1.5))
    assert "Model compact 1, weights 0123456789ab" in html
    assert "&lt;films&gt;" in html
    assert "<td>training mean</td>" in html
    assert "NAVICULAR erosion" in html


def test_films_without_scores_get_no_score_tables() -> None:
    html = page(read_film("A", Limb.HAND, 0, 1.5, scored=False))
    assert "Challenge scores" not in html
    assert "Where the joints were found" in html
    assert "<td>hand erosion</td><td>16</td><td>1.50</td><td>100 %</td>" in html


def test_refused_films_are_listed_with_their_reason() -> None:
    refused = read_film("A", Limb.HAND, 1, 1)
    html = page(read_film("B", Limb.HAND, 1, 1), ReadFilm(refused.truth, None, "no hand found on the film"))
    assert "no hand found on the film" in html


@pytest.mark.slow
def test_the_same_figures_give_the_same_page() -> None:
    assert page(read_film("A", Limb.HAND, 1, 1.5)) == page(read_film("A", Limb.HAND, 1, 1.5))


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (float("nan"), "–"), (0.12345, "0.123"), (7, "7")])
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


def test_shares() -> None:
    assert (percent(0.5), percent(None)) == ("50 %", "–")
