"""Tables are compared as they stand, models after reading; a mistake leaves nothing behind."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, RA2_SITE_COLUMNS, Kind, sites_of
from opensvh.domain.errors import BundleInvalid, DatasetInvalid, OutputConflict, TableInvalid
from opensvh.domain.geometry import Box
from opensvh.domain.reading import FilmReading, ModelIdentity, SiteReading, Status
from opensvh.evaluation.challenge import challenge_scores, site_columns
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference import bundle
from opensvh.io.ra2 import read_ra2, write_ra2
from opensvh.workflows import evaluate
from opensvh.workflows.compare import CompareRequest, compare
from opensvh.workflows.evaluate import EvaluatedModel

TOPS = np.array([site.maximum(kind) for _, site, kind in RA2_SITE_COLUMNS.values()])


def write(path: Path, scores: np.ndarray, names: list[str] | None = None) -> str:
    names = names or [f"P{row}" for row in range(len(scores))]
    rows = {
        name: dict(zip(RA2_SITE_COLUMNS, map(float, row), strict=True)) for name, row in zip(names, scores, strict=True)
    }
    write_ra2(path, rows)
    return str(path)


@pytest.fixture
def gold() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.binomial(TOPS, rng.beta(0.5, 2, (12, 1)), (12, 86)).astype(float)


def request(gold: str | None, *predictions: str, **options: object) -> CompareRequest:
    return CompareRequest(gold, predictions, draws=20, **options)  # type: ignore[arg-type]


def test_two_tables_alone_give_json_and_a_page(gold: np.ndarray, tmp_path: Path) -> None:
    given = request(write(tmp_path / "gold.csv", gold), write(tmp_path / "pred.csv", np.minimum(gold + 0.4, TOPS)))
    figures = compare(given, tmp_path / "out")
    expected = challenge_scores(*(read_ra2(tmp_path / name) for name in ("gold.csv", "pred.csv")))
    measures = figures["results"]["pred"]["measures"]
    assert [measures[f"sc{part}_all"]["value"] for part in (1, 2, 3)] == pytest.approx(
        [expected.sc1, expected.sc2, expected.sc3]
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["comparison.html", "comparison.json"]
    written = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert written["results"]["pred"]["measures"] == measures
    assert written["differences"] == []
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert f"{measures['sc1_all']['value']:.4f}" in page
    assert "http" not in page


def test_rows_are_matched_by_patient(gold: np.ndarray, tmp_path: Path) -> None:
    path = write(tmp_path / "gold.csv", gold)
    turned = write(tmp_path / "turned.csv", gold[::-1], [f"P{row}" for row in reversed(range(12))])
    assert compare(request(path, turned), tmp_path / "out")["results"]["turned"]["measures"]["sc1_all"]["value"] == 0


def test_two_predictions_are_compared_in_the_same_samples(gold: np.ndarray, tmp_path: Path) -> None:
    better, worse = (write(tmp_path / f"{name}.csv", gold * share) for name, share in (("better", 0.9), ("worse", 0.5)))
    figures = compare(request(write(tmp_path / "gold.csv", gold), better, worse), tmp_path / "out")
    [pair] = figures["differences"]
    assert (pair["first"], pair["second"]) == ("better", "worse")
    assert pair["measures"]["sc2_all"]["high"] < 0
    assert pair["measures"]["sc2_all"]["bayes_factor"] is None


def test_a_total_that_is_not_the_sum_is_taken_and_told(gold: np.ndarray, tmp_path: Path) -> None:
    path, predicted = write(tmp_path / "gold.csv", gold), Path(write(tmp_path / "pred.csv", gold))
    lines = predicted.read_text().splitlines()
    cells = lines[1].split(",")
    cells[1] = "400"
    predicted.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    figures = compare(request(path, str(predicted)), tmp_path / "out")
    assert figures["results"]["pred"]["measures"]["sc1_all"]["value"] > 0
    assert figures["notes"] == ["pred: 1 stated totals are not the sums of their sites; SC1 takes what is stated."]


def test_visits_give_statistics_of_change(gold: np.ndarray, tmp_path: Path) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text("patient,person,months\n" + "".join(f"P{row},Q{row % 6},{row}\n" for row in range(12)))
    gold_path, pred = write(tmp_path / "gold.csv", gold), write(tmp_path / "pred.csv", gold * 0.9)
    result = compare(request(gold_path, pred, visits=visits, threshold=5.0), tmp_path / "out")["results"]["pred"]
    assert (result["persons"], result["change"]["persons"]) == (6, 6)
    assert result["change"]["by_person"]["Q0"][0] == gold[6].sum() - gold[0].sum()
    assert result["change"]["progression"]["threshold"] == 5.0
    assert "Cumulative probability" in (tmp_path / "out" / "comparison.html").read_text()


def test_a_mistake_leaves_nothing_behind(gold: np.ndarray, tmp_path: Path) -> None:
    path, short = write(tmp_path / "gold.csv", gold), write(tmp_path / "short.csv", gold[:5])
    with pytest.raises(TableInvalid, match=r"short\.csv: lacks P5"):
        compare(request(path, short), tmp_path / "out")
    with pytest.raises(TableInvalid, match="twice"):
        compare(request(path, short, short), tmp_path / "out")
    with pytest.raises(DatasetInvalid, match="as a model it needs --data"):
        compare(request(path, "reference"), tmp_path / "out")
    with pytest.raises(TableInvalid, match="reference: is no score table"):
        compare(request("reference", path), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="something else"):
        compare(request(path, path), tmp_path / "out")


def test_the_same_comparison_may_be_written_again(gold: np.ndarray, tmp_path: Path) -> None:
    given = request(write(tmp_path / "gold.csv", gold), write(tmp_path / "pred.csv", gold * 0.9))
    first = compare(given, tmp_path / "out")
    before = (tmp_path / "out" / "comparison.html").read_bytes()
    assert compare(given, tmp_path / "out") == first
    assert (tmp_path / "out" / "comparison.html").read_bytes() == before


@dataclass
class StandIn:
    """Reads every site as grade 1, sure of it; refuses B's left foot."""

    read_films: int = 0

    def read(self, film: FilmTruth) -> FilmReading:
        self.read_films += 1
        if film.film == "B-LF.png":
            raise DatasetInvalid("too dark")
        shares = {kind: (0.0, 1.0, *[0.0] * (3 if kind is Kind.NARROWING else 4)) for kind in Kind}
        sites = tuple(
            SiteReading(site, kind, Status.SCORED, 1.0, shares[kind])
            for kind in Kind
            for site in sites_of(film.limb, kind)
        )
        return FilmReading(film.patient, str(film.path), film.limb, film.side, sites, Box(0, 0, 50, 90))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    for patient in "AB":
        for code in FILM_CODES:
            cv2.imwrite(str(folder / "images" / f"{patient}-{code}.png"), np.zeros((90, 50), np.uint8))
    write(folder / "training.csv", np.array([[1.0] * 86, [2.0] * 86]), ["A", "B"])
    write(folder / "reader2.csv", np.array([[1.0] * 86, [3.0] * 86]), ["A", "B"])
    return folder


def test_a_model_and_a_reader_on_a_data_set(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = StandIn()
    model = EvaluatedModel(reader.read, (ModelIdentity("s", "1", "0" * 64),), "d", dict.fromkeys(site_columns(), 0.5))
    (tmp_path / "SHA256SUMS").write_text("")
    monkeypatch.setattr(bundle, "find_bundle", lambda name: tmp_path)
    monkeypatch.setattr(evaluate, "evaluated_model", lambda names: model)
    given = request(None, "stand-in", "reader2.csv", data=dataset)
    figures = compare(given, tmp_path / "out")
    assert figures["predictions"] == ["stand-in", "reader2"]
    groups = {(row["name"], row["kind"]): row for row in figures["results"]["stand-in"]["groups"]}
    # Hands: A exact, B one off. Feet: B's left foot was refused and got the training mean 0.5, which rounds to 1.
    assert groups["all hands", "narrowing"]["exact"]["value"] == 0.5
    assert groups["all feet", "narrowing"]["bias"]["value"] == pytest.approx((0 * 12 - 1 * 6 - 1.5 * 6) / 24)
    assert groups["all hands", "erosion"]["n"] == 64
    assert reader.read_films == 8
    compare(given, tmp_path / "out")
    assert reader.read_films == 8, "what was read is kept"


def test_a_model_that_is_not_there_is_named_before_any_film_is_read(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match="nowhere"):
        compare(request(None, "nowhere", data=dataset), tmp_path / "out")
    assert not (tmp_path / "out").exists()
