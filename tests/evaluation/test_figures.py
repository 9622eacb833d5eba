"""From films read to the figures: patients are put together, gaps stay gaps, hard points stay out of the headline."""

import json
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, film_code, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.evaluation.challenge import site_columns
from opensvh.evaluation.figures import Evaluation
from opensvh.evaluation.truth import FilmTruth, ReadFilm, gold_table, predicted_table

BOX = Box(0, 0, 500, 1000)
MEANS = dict.fromkeys(site_columns(), 0.75)


def truth(patient: str, limb: Limb, side: Side, grade: float = 1.0, **changes: object) -> FilmTruth:
    """A film whose sites all have one grade and whose points lie on a diagonal."""
    scores = {(site.name, kind): grade for kind in Kind for site in sites_of(limb, kind)}
    points = {name: Point(10.0 * number, 20.0 * number) for number, name in enumerate(POINTS[limb])}
    film = f"{patient}-{film_code(limb, side)}"
    facts = {"scores": scores, "points": points, **changes}
    return FilmTruth(film, patient, Path(f"{film}.png"), limb, side, **facts)  # type: ignore[arg-type]


def reading(film: FilmTruth, expected: float, shift: tuple[float, float] = (0, 0), missing: str = "") -> FilmReading:
    """Every site read as `expected`, every point found `shift` off, one point not found."""
    sites = [
        SiteReading(site, kind, Status.NOT_ASSESSABLE)
        if site.point == missing
        else SiteReading(site, kind, Status.SCORED, expected)
        for kind in Kind
        for site in sites_of(film.limb, kind)
    ]
    found = {name: Point(x + shift[0], y + shift[1]) for name, (x, y) in film.points.items() if name != missing}
    return FilmReading(film.patient, str(film.path), film.limb, film.side, tuple(sites), BOX, found)


def four_films(patient: str, gold: float, expected: float) -> list[ReadFilm]:
    films = [truth(patient, limb, side, gold) for limb in Limb for side in Side]
    return [ReadFilm(film, reading(film, expected)) for film in films]


def test_four_films_make_one_row_of_86_scores() -> None:
    reads = four_films("A", 1, 0.5) + four_films("B", 2, 1.5)
    gold, predicted = gold_table(reads), predicted_table(reads)
    assert gold.loc["A"].eq(1).all()
    assert predicted.loc["B"].eq(1.5).all()
    assert gold.shape == predicted.shape == (2, 86)


def test_a_missing_site_is_a_gap_and_not_a_zero() -> None:
    film = truth("A", Limb.HAND, Side.LEFT)
    predicted = predicted_table([ReadFilm(film, reading(film, 1, missing="RADCAR"))])
    assert predicted.loc["A", ["LH_wrist_E__nav", "LH_wrist_J__radcar", "RH_mcp_E__2"]].isna().all()
    assert predicted.loc["A", "LH_mcp_E__2"] == 1


def test_model_and_training_mean_are_scored_alike() -> None:
    evaluation = Evaluation(four_films("A", 1, 1.25) + four_films("B", 2, 1.5), MEANS)
    scores = evaluation.figures()["scores"]
    assert scores["model"]["pooled_rmse"]["erosion"]["all"] == pytest.approx(np.sqrt((0.25**2 + 0.5**2) / 2))
    assert scores["training_mean"]["pooled_rmse"]["erosion"]["all"] == pytest.approx(np.sqrt((0.25**2 + 1.25**2) / 2))
    assert scores["model"]["challenge"]["all"]["sc2"] < scores["training_mean"]["challenge"]["all"]["sc2"]
    assert scores["model"]["total_rmse"] == pytest.approx(86 * np.sqrt((0.25**2 + 0.5**2) / 2))
    low, high = scores["model"]["intervals"]["sc2"]
    assert low <= scores["model"]["challenge"]["all"]["sc2"] <= high


def test_gaps_are_scored_as_the_training_mean_and_counted() -> None:
    film = truth("A", Limb.HAND, Side.LEFT, grade=1.0)
    reads = [ReadFilm(film, reading(film, 1.0, missing="RADCAR"))]
    scores = Evaluation(reads, MEANS).figures()["scores"]
    assert scores["missing_sites"] == 2
    assert scores["model"]["pooled_rmse"]["erosion"]["hand"] == pytest.approx(np.sqrt(0.25**2 / 16))
    without = Evaluation(reads, {}).figures()["scores"]
    assert without["model"]["pooled_rmse"]["erosion"]["hand"] == 0
    assert "training_mean" not in without


def test_site_table_has_a_row_for_each_column() -> None:
    table = Evaluation(four_films("A", 1, 1.25) + four_films("B", 3, 2.0), MEANS).site_table()
    assert len(table) == 86
    row = table.loc["LF_mtp_E__3"]
    assert row["rmse"] == pytest.approx(np.sqrt((0.25**2 + 1) / 2))
    assert row["baseline_rmse"] == pytest.approx(np.sqrt((0.25**2 + 2.25**2) / 2))
    assert (row["mean_gold"], row["mean_predicted"], row["exact"], row["within_one"]) == (2, 1.625, 0.5, 1.0)


def test_agreement_is_told_by_limb_kind_and_site() -> None:
    figures = Evaluation(four_films("A", 0, 0.4) + four_films("B", 4, 3.6), MEANS).figures()["agreement"]
    assert {limb: list(kinds) for limb, kinds in figures.items()} == {
        limb.value: [kind.value for kind in Kind] for limb in Limb
    }
    assert figures["hand"]["erosion"]["kappa"] == 1.0
    assert figures["hand"]["erosion"]["sites"]["NAVICULAR"]["n"] == 4
    assert np.array(figures["foot"]["erosion"]["confusion"]).shape == (11, 11)


def test_uncertain_points_stay_out_of_the_headline() -> None:
    film = truth("A", Limb.FOOT, Side.LEFT, uncertain=frozenset({"MTP2"}), height_px=1000.0, view="DP", age="adult")
    places = Evaluation([ReadFilm(film, reading(film, 0, (6, 8), missing="MTP2"))], {}).figures()["localization"]
    assert (places["groups"]["MTP"]["marked"], places["groups"]["MTP"]["missed"]) == (4, 0)
    assert (places["with_uncertain"]["MTP"]["marked"], places["with_uncertain"]["MTP"]["missed"]) == (5, 1)
    assert places["groups"]["MTP"]["median_percent"] == pytest.approx(1.0)
    assert places["uncertain"] == [{"film": "A-LF", "point": "MTP2", "error_percent": None}]
    assert places["by_view"]["DP"] == places["by_age"]["adult"] == places["groups"]
    [line] = places["films"]
    assert line["median_percent"] == {"hallux IP": pytest.approx(1.0), "MTP": pytest.approx(1.0)}


def test_a_refused_film_misses_all_its_points() -> None:
    film = truth("A", Limb.HAND, Side.RIGHT)
    figures = Evaluation([ReadFilm(film, None, "no hand found")], MEANS).figures()
    assert figures["refused"] == [{"film": "A-RH", "reason": "no hand found"}]
    assert figures["localization"]["groups"]["fingers"]["missed"] == 10
    assert figures["scores"]["missing_sites"] == 31


def test_without_a_marked_box_lengths_come_from_the_box_found() -> None:
    film = truth("A", Limb.FOOT, Side.LEFT)
    [error, *_] = ReadFilm(film, reading(film, 0, (0, 5))).errors()
    assert error.error_percent == pytest.approx(0.5)


def test_films_without_scores_tell_only_what_was_read() -> None:
    film = truth("A", Limb.HAND, Side.LEFT, scores={})
    figures = Evaluation([ReadFilm(film, reading(film, 0.6))], MEANS).figures()
    assert "scores" not in figures
    assert figures["mean_predicted"]["hand"]["erosion"] == {
        "n": 16, "mean": pytest.approx(0.6), "above_normal": 1.0,
        "sites": {site.name: {"n": 1, "mean": 0.6, "above_normal": 1.0} for site in sites_of(Limb.HAND, Kind.EROSION)},
    }  # fmt: skip
    assert figures["mean_predicted"]["foot"] == {}


def test_figures_are_plain_json() -> None:
    figures = Evaluation(four_films("A", 1, 1.25), MEANS).figures()
    assert json.loads(json.dumps(figures, allow_nan=False))["films"] == 4
