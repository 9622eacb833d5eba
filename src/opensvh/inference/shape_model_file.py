"""Shape models as JSON: written by `opensvh fit-shapes`, read here, and the ones that come with the package."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from opensvh.domain.anatomy import POINTS, SITE_TABLE_VERSION, Limb
from opensvh.domain.errors import BundleInvalid
from opensvh.inference.shape_model import ShapeModel
from opensvh.io.whole_file import write_whole

SHIPPED_SHAPES = Path(__file__).with_name("joint_shapes.json")
DECIMALS = 5
"""A hundred-thousandth of a limb is 2 micrometres."""

_ARRAYS = ("mean", "modes", "variances", "noise", "distances")


@cache
def shipped_shape_models() -> Mapping[Limb, ShapeModel]:
    """The models of hand and foot that come with the package."""
    return read_shape_models(SHIPPED_SHAPES)


def read_shape_models(path: Path) -> dict[Limb, ShapeModel]:
    """The models of a file; raises BundleInvalid where it is none, or one of another site table."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["site_table"] != SITE_TABLE_VERSION:
            raise ValueError(f"made for site table {content['site_table']!r}, not {SITE_TABLE_VERSION!r}")
        return {Limb(limb): _model(Limb(limb), arrays) for limb, arrays in content["limbs"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleInvalid(f"{path}: holds no shape models ({error}); write it with `opensvh fit-shapes`") from error


def write_shape_models(path: Path, models: Mapping[Limb, ShapeModel], facts: Mapping[str, object]) -> None:
    """Write the models with the facts of what they were fitted on."""
    limbs = {limb.value: {name: _rounded(getattr(model, name)) for name in _ARRAYS} for limb, model in models.items()}
    content = {"site_table": SITE_TABLE_VERSION, "fitted_on": dict(facts), "limbs": limbs}
    write_whole(path, json.dumps(content) + "\n")


def _model(limb: Limb, arrays: Mapping[str, Any]) -> ShapeModel:
    mean, modes, variances, noise, distances = (np.asarray(arrays[name], dtype=np.float64) for name in _ARRAYS)
    points = len(POINTS[limb])
    if mean.shape != (points, 2) or noise.shape != (points,) or modes.shape != (len(variances), points, 2):
        raise ValueError(f"its {limb} does not have {points} points")
    return ShapeModel(limb, mean, modes, variances, noise, distances)


def _rounded(values: np.ndarray) -> Any:
    """Variances are squares of lengths and keep twice the decimals."""
    return np.round(values, DECIMALS if values.ndim != 1 else 2 * DECIMALS).tolist()
