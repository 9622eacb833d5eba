"""A comparison's page stands alone, escapes what it is given, and shows what the statistics hold."""

import base64
import re

import numpy as np
import pandas as pd
import pytest

from opensvh.domain.anatomy import RA2_SITE_COLUMNS
from opensvh.evaluation.bootstrap import Resamples
from opensvh.evaluation.pairing import Pairing, ScoreSet
from opensvh.evaluation.progression import Visits
from opensvh.evaluation.score_statistics import difference_figures, statistics
from opensvh.reporting.compare import comparison_page, verdict
from opensvh.reporting.evaluation_words import bounds, interval

TOPS = np.array([site.maximum(kind) for _, site, kind in RA2_SITE_COLUMNS.values()])


@pytest.fixture(scope="module")
def html() -> str:
    """Two predictions of eight film sets, four persons at two visits; the second has no probabilities."""
    rng = np.random.default_rng(0)
    names = [f"P{row}" for row in range(8)]
    gold = pd.DataFrame(rng.binomial(TOPS, 0.2, (8, 86)), names, list(RA2_SITE_COLUMNS), dtype=float)
    shares = {column: np.full((8, 6 if "_E_" in column else 5), 1 / (6 if "_E_" in column else 5)) for column in gold}
    visits = Visits({name: f"Q{row % 4}" for row, name in enumerate(names)}, {n: float(r) for r, n in enumerate(names)})
    resamples = Resamples([visits.person[name] for name in names], draws=20)
    pairings = {
        name: Pairing(ScoreSet("gold", gold), ScoreSet(name, gold * share, probabilities=each), resamples, visits)
        for name, share, each in (("<model>", 0.9, shares), ("other", 0.5, {}))
    }
    one, other = pairings
    figures = {
        "software": "OpenSvH 0",
        "notice": "For research use only.",
        "gold": "gold.csv",
        "predictions": list(pairings),
        "draws": 20,
        "seed": 0,
        "notes": ["A note."],
        "results": {name: statistics(pairing) for name, pairing in pairings.items()},
        "differences": [
            {"first": one, "second": other, "measures": difference_figures(pairings[one], pairings[other])}
        ],
    }
    return comparison_page(figures, pairings)


def test_the_page_refers_to_nothing_outside_itself_and_escapes_names(html: str) -> None:
    assert not re.search(r"(src|href)=.(?!data:)", html)
    assert "http" not in html
    assert "<model>" not in html
    assert "&lt;model&gt; less other" in html


def test_each_prediction_has_its_plots_probabilities_only_where_there_are_any(html: str) -> None:
    alternatives = re.findall(r'<img alt="([^"]+)"', html)
    assert [alternatives.count(name) for name in (
        "Bland-Altman plots of the totals",
        "Cumulative probability plot of change, and its Bland-Altman plot",
        "Reliability of expectations",
        "Reliability of the probability of any damage",
    )] == [2, 2, 2, 1]  # fmt: skip
    first = re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)
    assert first is not None
    assert base64.b64decode(first.group(1)).startswith(b"<?xml")


def test_notes_verdicts_and_every_section_are_there(html: str) -> None:
    for words in (
        "A note.",
        "SC1, hands",
        "won every sample",
        "Smallest detectable change",
        "ECE, grades",
        "NAVICULAR",
    ):
        assert words in html


def test_figures_are_written_with_their_intervals_where_they_have_one() -> None:
    assert interval({"value": 0.5, "low": 0.25, "high": 0.75}, 2) == "0.50 (0.25 to 0.75)"
    assert interval({"value": 0.5, "low": None, "high": None}, 2) == "0.50"
    assert interval(None) == "–"
    assert bounds(None) == ""


def test_a_factor_below_three_is_a_tie() -> None:
    row = {"tied": True, "bayes_factor": 2.94, "first_wins": 746, "second_wins": 254}
    assert verdict(row, "a", "b") == "tied (Bayes factor 2.9)"
    assert verdict(row | {"tied": False, "bayes_factor": 3.0}, "a", "b") == "a (Bayes factor 3.0)"
    lost = {"tied": False, "bayes_factor": None, "first_wins": 0, "second_wins": 1000}
    assert verdict(lost, "a", "b") == "b (won every sample)"
