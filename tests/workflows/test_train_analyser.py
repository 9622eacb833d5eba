"""From films to the film analyser's folder, which loads and looks; what is held out trains nothing."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, POINTS
from opensvh.domain.geometry import Point
from opensvh.inference.film_analyser_bundle import load_analyser
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.io.tables import write_joints
from opensvh.model.film_analyser_config import FilmAnalyserConfig, LimbLookConfig
from opensvh.training.film_analyser import AnalyserRun
from opensvh.training.film_analyser_films import LABEL_COLUMNS
from opensvh.training.limb_look import LookRun
from opensvh.workflows.train_analyser import AnalyserFilms, Runs, is_held_out, train

WIDTHS = (4, 4, 8, 8, 8)
TINY = Runs(
    AnalyserRun(model=FilmAnalyserConfig(side_px=64, widths=WIDTHS), steps=2, batch_size=4, threads=1),
    LookRun(model=LimbLookConfig(side_px=64, widths=WIDTHS), steps=3, batch_size=4, threads=1),
)


@pytest.fixture
def films(tmp_path: Path) -> AnalyserFilms:
    """Two patients' films and two real ones, a hand and a knee."""
    (tmp_path / "data" / "images").mkdir(parents=True)
    (tmp_path / "real").mkdir()
    rng = np.random.default_rng(0)
    joints = {}
    for patient in ("A", "B"):
        for code, (limb, _) in FILM_CODES.items():
            cv2.imwrite(str(tmp_path / "data" / "images" / f"{patient}-{code}.png"), noise(rng))
            joints[patient, code] = {
                name: Point(20 + 3.0 * i, 30 + 2.0 * (i % 3)) for i, name in enumerate(POINTS[limb])
            }
    write_joints(tmp_path / "data" / "joints.csv", joints)
    for name in ("hand.png", "knee.png"):
        cv2.imwrite(str(tmp_path / "real" / name), noise(rng))
    rows = [",".join(LABEL_COLUMNS), "hand.png,hand,frontal,up,right,0,0,1,1,whole,,1", "knee.png,none,,,,,,,,,,1"]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    return AnalyserFilms(tmp_path / "data", tmp_path / "real", tmp_path / "labels.csv")


def noise(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 255, (120, 100), dtype=np.uint8)


def test_run_leaves_an_analyser_that_loads(films: AnalyserFilms, tmp_path: Path) -> None:
    folder = train(films, tmp_path / "run", TINY)
    bundle = load_analyser(folder)
    assert (bundle.header.model, bundle.header.look) == (TINY.overview.model, TINY.look.model)
    assert bundle.header.training["look"]["steps"] == 3  # type: ignore[index]
    FilmAnalyser(bundle).analyse(np.zeros((80, 60), np.float32))


def test_films_kept_out_are_not_gathered(films: AnalyserFilms, tmp_path: Path) -> None:
    listed = tmp_path / "kept_out.txt"
    listed.write_text("knee.png\n")
    gathered = AnalyserFilms(films.data, films.real, films.labels, listed).gathered()
    assert {film.path.name for film in films.gathered()} - {film.path.name for film in gathered} == {"knee.png"}


def test_about_one_person_in_eight_is_held_out() -> None:
    from opensvh.training.film_analyser_cache import SmallFilm

    picture = np.zeros((8, 8), np.uint8)
    share = np.mean([is_held_out(SmallFilm(picture, (), 0.0, False, f"SIM{n:04d}")) for n in range(600)])
    assert share == pytest.approx(0.12, abs=0.04)
