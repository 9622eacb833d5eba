"""The adapter to the scoring workflow: films are announced before they are read, reasons name no patient."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydicom import dcmread

from opensvh.domain.reading import ModelIdentity
from opensvh.serving.scoring import ScoreJob, Scorer
from opensvh.serving.worker import WorkerStopped

UID, OTHER = "1.2.3", "1.2.4"


@pytest.fixture
def scorer() -> Scorer:
    """Of a model that sees no limb on any film."""
    made = object.__new__(Scorer)
    bundle = SimpleNamespace(identity=ModelIdentity("blind", "1", "0" * 64), digest="0", training_means={})
    analyser = SimpleNamespace(analyse=lambda pixels: ())
    made._reader = SimpleNamespace(predictor=SimpleNamespace(bundles=[bundle]), analyser=analyser, shapes={})
    return made


@pytest.fixture
def job(film: Callable[..., Path], tmp_path: Path) -> Callable[[bool], ScoreJob]:
    """Two films of one study: one of which nothing is said but the patient, and one that is damaged."""

    def make(careful: bool) -> ScoreJob:
        dataset = dcmread(film(patient="MUSTERMANN-4711"))
        for keyword in ("BodyPartExamined", "AnatomicRegionSequence", "ImageLaterality"):
            delattr(dataset, keyword)
        whole, damaged = tmp_path / "a.dcm", tmp_path / "b.dcm"
        dataset.save_as(whole)
        dataset.PixelData = dataset.PixelData[:100]
        dataset.save_as(damaged)
        return ScoreJob("1.2", {str(whole): UID, str(damaged): OTHER}, tmp_path / f"out-{careful}", careful)

    return make


def test_films_that_cannot_be_read_are_named_by_uid_and_the_patient_is_not(
    scorer: Scorer, job: Callable[[bool], ScoreJob]
) -> None:
    outcome = scorer.score(job(False), lambda film: None)
    assert (outcome.films, outcome.limbs, outcome.scores) == (0, 0, 0)
    reasons = dict(outcome.refused)
    assert set(reasons) == {UID, OTHER}
    assert "no hand or foot" in reasons[UID]
    assert "MUSTERMANN" not in str(outcome)


def test_each_film_is_announced_before_it_is_read_and_decoded_first_under_suspicion(
    scorer: Scorer, job: Callable[[bool], ScoreJob]
) -> None:
    held: list[str | None] = []
    scorer.score(job(False), held.append)
    assert held == [UID, None]  # the damaged one never reached the reader
    held.clear()
    scorer.score(job(True), held.append)
    assert held == [UID, None, OTHER, None, UID, None]


def test_a_stop_before_a_film_leaves_the_study(scorer: Scorer, job: Callable[[bool], ScoreJob]) -> None:
    def stopping(film: str | None) -> None:
        if film is not None:
            raise WorkerStopped

    with pytest.raises(WorkerStopped):
        scorer.score(job(False), stopping)
