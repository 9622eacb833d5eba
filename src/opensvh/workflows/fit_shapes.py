"""From a film set with marked joints to the shape models of hand and foot that the quality gate judges by.

What a shape model is, is `inference.shape_model`'s; the same films and seed give the same file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import DatasetInvalid
from opensvh.domain.placement import Pose
from opensvh.inference.shape_model import ShapeModel, canonical_points
from opensvh.inference.shape_model_file import write_shape_models
from opensvh.inference.shape_model_population import FOLDS, LimbShape, shape_model_of
from opensvh.io.tables import FilmRecord, read_dataset

FEWEST_LIMBS = 2 * FOLDS


@dataclass(frozen=True)
class FittedShapes:
    """The models, and how many whole limbs each was fitted on."""

    models: Mapping[Limb, ShapeModel]
    limbs: Mapping[Limb, int]


def fit_shapes(data: Path, out: Path, seed: int) -> FittedShapes:
    """Fit both limbs on a native film set whose films lie with their digits up, and write them to `out`.

    Raises DatasetInvalid where fewer than `FEWEST_LIMBS` whole hands or feet have their joints marked.
    """
    films = read_dataset(data).films
    models, counts = {}, {}
    for limb in Limb:
        shapes = _shapes(films, limb)
        if len(shapes) < FEWEST_LIMBS:
            raise DatasetInvalid(
                f"{data}: {len(shapes)} {limb} films with all joints marked are too few for a shape model; "
                f"simulate at least {FEWEST_LIMBS} patients"
            )
        models[limb] = shape_model_of(limb, shapes, np.random.default_rng(seed))
        counts[limb] = len(shapes)
    facts = {"limbs": {limb.value: count for limb, count in counts.items()}, "seed": seed}
    write_shape_models(out, models, facts)
    return FittedShapes(models, counts)


def _shapes(films: Sequence[FilmRecord], limb: Limb) -> list[LimbShape]:
    """The limb's films on which every joint is marked, looking like left ones."""
    whole = [film for film in films if film.limb is limb and set(POINTS[limb]) <= set(film.points)]
    return [
        LimbShape(film.person, canonical_points(film.points, Pose(mirrored=film.side is Side.RIGHT))) for film in whole
    ]
