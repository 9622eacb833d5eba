"""How good a network is while it trains: places of joints, and grades beside predicting the mean.

Coarser than `evaluation`, which measures a finished bundle on films as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb, joint_class
from opensvh.domain.geometry import Point
from opensvh.domain.scoring import FOOT_EROSION_FACTOR
from opensvh.model.config import ModelConfig
from opensvh.model.heads import Logits
from opensvh.model.pooling import expected_class, pool_scores
from opensvh.targets.decode import MaskRadii, decode_joints
from opensvh.targets.smoothing import HALVED_EROSION_CLASSES
from opensvh.training.dataset import FilmExamples

MISSED_PERCENT = 100.0
"""Error taken for a joint that is not found."""


@dataclass
class Validation:
    """Collects films and sums them up; `means` [2 limbs, 22] a kind: the training films' mean grades."""

    examples: FilmExamples
    model: ModelConfig
    means: Mapping[Kind, NDArray[np.float64]]
    place_errors: list[float] = field(default_factory=list)
    errors: dict[Kind, list[float]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    mean_errors: dict[Kind, list[float]] = field(default_factory=lambda: {kind: [] for kind in Kind})

    def add(self, logits: Logits, films: list[int]) -> None:
        """Take in a batch of plain films."""
        with torch.autocast(logits.joint.device.type, enabled=False):  # a run in bf16 would pool in bf16
            joint, narrowing, erosion = (maps.float().softmax(dim=1) for maps in logits)
            pooled = {
                Kind.NARROWING: expected_class(pool_scores(joint, narrowing)).cpu().numpy(),
                Kind.EROSION: expected_class(pool_scores(joint, erosion)).cpu().numpy(),
            }
        for row, film in enumerate(films):
            self.place_errors.extend(self._place_errors(joint[row].cpu().numpy(), film))
            for kind in Kind:
                self._add_grades(kind, pooled[kind][row], film)

    def figures(self) -> dict[str, float]:
        """Places in percent of the picture's height; RMSE of grades, and what predicting the means would give."""
        figures = {}
        if self.place_errors:
            figures["joint_median_percent"] = float(np.median(self.place_errors))
            figures["joint_within_3_percent"] = float(np.mean(np.asarray(self.place_errors) <= 3))
        for kind in Kind:
            if self.errors[kind]:
                figures[f"{kind}_rmse"] = _rms(self.errors[kind])
                figures[f"{kind}_rmse_of_mean"] = _rms(self.mean_errors[kind])
        return figures

    def _place_errors(self, joint: NDArray[np.float32], film: int) -> Iterator[float]:
        limb = self.examples.films[film].limb
        radii = MaskRadii(*self.model.map_radii_px)
        frame = self.examples.cache.picture.strided(self.model.output_stride)
        found = {joint_class(limb, name): each.point for name, each in decode_joints(joint, limb, radii).items()}
        for number, place in self.examples.points(film, frame).items():
            yield _distance_percent(found[number], place, joint.shape[1])

    def _add_grades(self, kind: Kind, expected: NDArray[np.float32], film: int) -> None:
        limb = self.examples.films[film].limb
        halved = kind is Kind.EROSION and limb is Limb.FOOT and self.model.erosion_classes == HALVED_EROSION_CLASSES
        grades = self.examples.labels.grades[kind][film]
        marked = ~np.isnan(self.examples.cache.points[film, :, 0])
        known = marked & ~np.isnan(grades)
        read = expected * FOOT_EROSION_FACTOR if halved else expected
        self.errors[kind].extend((read - grades)[known].tolist())
        self.mean_errors[kind].extend((self.means[kind][_row(limb)] - grades)[known].tolist())


def mean_grades(examples: FilmExamples, films: tuple[int, ...]) -> dict[Kind, NDArray[np.float64]]:
    """Mean grade of each joint class over the films, [2 limbs, 22]; 0 where there is none."""
    limbs = np.array([_row(examples.films[film].limb) for film in films])
    means = {}
    for kind in Kind:
        grades = examples.labels.grades[kind][list(films)]
        rows = []
        for row in range(len(Limb)):
            chosen = grades[limbs == row]
            count = (~np.isnan(chosen)).sum(axis=0)
            rows.append(np.nansum(chosen, axis=0, dtype=np.float64) / np.maximum(count, 1))
        means[kind] = np.stack(rows)
    return means


def _row(limb: Limb) -> int:
    return list(Limb).index(limb)


def _distance_percent(found: Point | None, place: Point, height: int) -> float:
    if found is None:
        return MISSED_PERCENT
    return float(np.hypot(found.x - place.x, found.y - place.y)) / height * 100


def _rms(errors: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(errors))))


def share_of_mean(figures: Mapping[str, float]) -> float:
    """One figure to choose a checkpoint by, lower is better: RMSE as a share of the mean baseline's, of both kinds."""
    ratios = [
        figures[f"{kind}_rmse"] / figures[f"{kind}_rmse_of_mean"]
        for kind in Kind
        if figures.get(f"{kind}_rmse_of_mean", 0) > 0
    ]
    return float(np.mean(ratios)) if ratios else figures.get("joint_median_percent", float("nan"))
