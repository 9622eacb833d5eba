"""Which earlier studies a report is compared with: dated ones of the same patient, a day's as one visit."""

from dataclasses import replace
from pathlib import Path

import pytest

from opensvh.domain.anatomy import Limb, Side, film_code
from opensvh.domain.geometry import Box
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, ModelIdentity, StudyReading
from opensvh.io.identity import KnownFilm
from opensvh.reporting.study_file import StudyFile, write_study
from opensvh.serving.earlier_visits import earlier_visits
from opensvh.workflows.films import Film, Patient

MODEL = ModelIdentity("reference", "1", "0" * 64)


def stored(folder: Path, date: str | None, limb: Limb, patient: str = "P1", model: ModelIdentity = MODEL) -> Path:
    film = FilmReading(
        patient, f"{limb.value}.dcm", limb, Side.LEFT, (), Box(0, 0, 9, 9), points={}, confidences={},
        pose=Pose(0.0, False, None), placement=None, warnings=(), facts={},
    )  # fmt: skip
    write_study(folder, StudyFile(folder.name, StudyReading(patient, (film,), (), (model,), "OpenSvH", date)))
    return folder / "study.json"


def patient(date: str | None) -> Patient:
    return Patient("P1", (Film("x.dcm", KnownFilm(patient="P1", date=date), named=True),))


@pytest.fixture
def hand(tmp_path: Path) -> Path:
    return stored(tmp_path / "hand", "2024-01-01", Limb.HAND)


def test_hands_and_feet_of_one_day_are_one_visit(hand: Path, tmp_path: Path) -> None:
    foot = stored(tmp_path / "foot", "2024-01-01", Limb.FOOT)
    (visit,) = earlier_visits([hand, foot], [patient("2025-01-01")]).studies
    assert {film_code(film.limb, film.side) for film in visit.study.films} == {"LH", "LF"}
    assert visit.key == "hand+foot"


def test_another_model_s_reading_of_the_day_is_left_apart(hand: Path, tmp_path: Path) -> None:
    foot = stored(tmp_path / "foot", "2024-01-01", Limb.FOOT, model=replace(MODEL, version="2"))
    (visit,) = earlier_visits([hand, foot], [patient("2025-01-01")]).studies
    assert [film.limb for film in visit.study.films] == [Limb.HAND]


def test_undated_studies_are_compared_with_nothing(hand: Path, tmp_path: Path) -> None:
    assert earlier_visits([hand], [patient(None)]).studies == ()
    undated = stored(tmp_path / "undated", None, Limb.HAND)
    assert earlier_visits([undated], [patient("2025-01-01")]).studies == ()


def test_another_patient_s_file_and_a_damaged_one_are_left_out(hand: Path, tmp_path: Path) -> None:
    other = stored(tmp_path / "other", "2024-02-01", Limb.HAND, patient="P2")
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{", encoding="utf-8")
    (visit,) = earlier_visits([hand, other, damaged, tmp_path / "gone.json"], [patient("2025-01-01")]).studies
    assert visit.study.date == "2024-01-01"
