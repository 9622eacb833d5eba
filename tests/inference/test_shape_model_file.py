"""Shape models survive the way through their file; what is none is refused by name."""

from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.shape_model_file import (
    SHIPPED_SHAPES,
    read_shape_models,
    shipped_shape_models,
    write_shape_models,
)


def test_models_come_back_from_their_file(tmp_path: Path) -> None:
    models = shipped_shape_models()
    write_shape_models(tmp_path / "shapes.json", models, {"seed": 1})
    again = read_shape_models(tmp_path / "shapes.json")
    for limb in Limb:
        assert np.array_equal(again[limb].mean, models[limb].mean)
        assert np.array_equal(again[limb].covariance, models[limb].covariance)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"site_table": "0", "limbs": {}}'])
def test_what_holds_no_models_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(BundleInvalid, match=r"other\.json.*fit-shapes"):
        read_shape_models(tmp_path / "other.json")


def test_a_model_with_points_missing_is_refused(tmp_path: Path) -> None:
    text = SHIPPED_SHAPES.read_text().replace('"mean": [[', '"mean": [[0, 0], [', 1)
    (tmp_path / "longer.json").write_text(text)
    with pytest.raises(BundleInvalid, match="hand does not have 21 points"):
        read_shape_models(tmp_path / "longer.json")
