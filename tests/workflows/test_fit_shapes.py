"""A population of hands and feet with one way to vary is learnt from a film set's tables, the same for one seed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import FILM_CODES, POINTS, Limb, Side, film_code
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.geometry import Point
from opensvh.inference.shape_model import fitted
from opensvh.inference.shape_model_file import read_shape_models, shipped_shape_models
from opensvh.io.tables import write_joints
from opensvh.workflows.fit_shapes import fit_shapes

PATIENTS, WIDTH, HEIGHT = 12, 500, 520


def places_of(limb: Limb, wide: float) -> dict[str, Point]:
    """The shipped mean limb, stretched across, on a film of `WIDTH` x `HEIGHT`."""
    mean = shipped_shape_models()[limb].mean
    return {name: Point(WIDTH / 2 + 400 * wide * x, HEIGHT / 2 + 400 * y) for name, (x, y) in
              zip(POINTS[limb], mean, strict=True)}  # fmt: skip


def film_set(folder: Path, patients: int) -> Path:
    """Four films a patient; right limbs lie mirrored."""
    (folder / "images").mkdir(parents=True)
    blank = np.zeros((HEIGHT, WIDTH), np.uint8)
    rng = np.random.default_rng(0)
    joints = {}
    for number in range(patients):
        wide = 1 + 0.05 * rng.normal()
        for code, (limb, side) in FILM_CODES.items():
            cv2.imwrite(str(folder / "images" / f"P{number:02}-{code}.png"), blank)
            points = places_of(limb, wide)
            if side is Side.RIGHT:
                points = {name: Point(WIDTH - 1 - x, y) for name, (x, y) in points.items()}
            joints[f"P{number:02}", film_code(limb, side)] = points
    write_joints(folder / "joints.csv", joints)
    return folder


def test_a_film_set_gives_the_models_of_its_limbs(tmp_path: Path) -> None:
    data = film_set(tmp_path / "data", PATIENTS)
    found = fit_shapes(data, tmp_path / "shapes.json", seed=3)
    assert found.limbs == {Limb.HAND: 2 * PATIENTS, Limb.FOOT: 2 * PATIENTS}
    models = read_shape_models(tmp_path / "shapes.json")
    for limb, model in models.items():
        assert len(model.modes) == 1, "they vary in one way only"
        fit = fitted(model, places_of(limb, 1.04))
        assert fit is not None
        assert fit.distance < 1
        assert fit.length_px == pytest.approx(400, rel=0.05)
    fit_shapes(data, tmp_path / "again.json", seed=3)
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "shapes.json").read_bytes()


def test_a_set_too_small_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="too few for a shape model; simulate at least"):
        fit_shapes(film_set(tmp_path / "data", 3), tmp_path / "shapes.json", seed=0)
    assert not (tmp_path / "shapes.json").exists()
