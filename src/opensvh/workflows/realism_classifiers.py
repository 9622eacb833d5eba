"""Real or simulated: a small network and a logistic regression try to tell, on persons they have not seen.

Also what they key on (the same after pictures were made alike in one respect) and the distance of their features.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opensvh.evaluation.equalise import EQUALISED
from opensvh.evaluation.frechet import frechet_distance, kernel_distance, standardised
from opensvh.evaluation.telling_apart import Verdicts, folds, linear_verdicts
from opensvh.inference.bundle import Bundle
from opensvh.inference.discriminator import (
    Discriminator,
    DiscriminatorConfig,
    occlusion_map,
    probability_real,
    train_discriminator,
)
from opensvh.inference.features import encoder_features
from opensvh.model.encoder import WIDTHS
from opensvh.reporting.realism_evidence import Evidence
from opensvh.workflows.realism_pictures import PictureSet

Figures = dict[str, Any]

CONFIGS: Mapping[str, DiscriminatorConfig] = {
    "film": DiscriminatorConfig(first_stride=4, steps=120),
    "limb": DiscriminatorConfig(first_stride=4, steps=120),
    "joints": DiscriminatorConfig(steps=150, batch=32, shift=4, flips=True),
}
EQUALISED_VIEWS = ("limb", "joints")
"""Views looked at again after the pictures were made alike."""
SHOWN = 5
"""The most confident pictures of each kind that are shown with where the network looked."""
DRAWS = 5
"""Samples of simulated pictures, as many as there are real ones, that distances are the mean of."""


@dataclass(frozen=True)
class Examiner:
    """What all the trials share: the encoder, the number of folds, the seed, and whom to tell of each training.

    `thorough`: the network, too, is trained anew on the pictures made alike; else only the regression, which is quick.
    """

    bundle: Bundle
    folds: int
    seed: int
    progress: Callable[[str], None]
    thorough: bool = False

    @property
    def trainings(self) -> int:
        """How many networks are trained for one limb, each told of once."""
        return self.folds * (len(CONFIGS) + (len(EQUALISED_VIEWS) * len(EQUALISED) if self.thorough else 0))

    def examine(self, view: str, pictures: PictureSet) -> tuple[Figures, list[Evidence]]:
        """Both classifiers on one view, as it is and made alike, and the distance of the features."""
        verdicts, evidence = self._network_verdicts(view, pictures)
        features = self._features(pictures.pictures)
        figures: Figures = {
            "network": self._figures(verdicts),
            "features": self._figures(linear_verdicts(features, pictures.real, pictures.groups, self.folds)),
            "distances": self._distances(features, pictures.real),
        }
        if view in EQUALISED_VIEWS:
            figures["equalised"] = {name: self._equalised(view, name, pictures) for name in EQUALISED}
        return figures, evidence

    def _equalised(self, view: str, name: str, pictures: PictureSet) -> Figures:
        alike = PictureSet(EQUALISED[name](pictures.pictures, pictures.real), pictures.real, pictures.groups)
        features = self._features(alike.pictures)
        figures = {"features": self._figures(linear_verdicts(features, alike.real, alike.groups, self.folds))}
        if self.thorough:
            figures["network"] = self._figures(self._network_verdicts(view, alike, evidence=False)[0])
        return figures

    def _network_verdicts(
        self, view: str, pictures: PictureSet, evidence: bool = True
    ) -> tuple[Verdicts, list[Evidence]]:
        probability = np.empty(len(pictures.real))
        networks: list[Discriminator] = []
        fold = np.zeros(len(pictures.real), dtype=int)
        for number, (train, test) in enumerate(folds(pictures.real, pictures.groups, self.folds)):
            seed = self.seed + number
            network = train_discriminator(pictures.pictures[train], pictures.real[train], CONFIGS[view], seed)
            probability[test] = probability_real(network, pictures.pictures[test])
            fold[test] = number
            networks.append(network)
            self.progress(view)
        verdicts = Verdicts(pictures.real, probability, pictures.groups)
        surest = verdicts.surest(SHOWN) if evidence else []
        return verdicts, [
            Evidence(
                pictures.pictures[row],
                bool(pictures.real[row]),
                float(probability[row]),
                occlusion_map(networks[fold[row]], pictures.pictures[row]),
            )
            for row in surest
        ]

    def _features(self, pictures: NDArray[np.float32]) -> NDArray[np.float64]:
        return encoder_features(self.bundle, list(pictures))

    def _figures(self, verdicts: Verdicts) -> Figures:
        return verdicts.figures(np.random.default_rng(self.seed))

    def _distances(self, features: NDArray[np.float64], real: NDArray[np.bool_]) -> Figures:
        """Of the deepest features: real against as many simulated, and simulated against themselves (the floor)."""
        deepest = features[:, -WIDTHS[self.bundle.config.model.encoder][-1] :]
        own, made = deepest[real], deepest[~real]
        count = min(len(own), len(made) // 2)
        rng = np.random.default_rng(self.seed)
        orders = [rng.permutation(len(made)) for _ in range(DRAWS)]
        halves = [(order[:count], order[count : 2 * count]) for order in orders]
        scaled = standardised(deepest)
        return {
            "pictures": count,
            "frechet": _mean(frechet_distance(own[_some(rng, own, count)], made[one]) for one, _ in halves),
            "frechet_floor": _mean(frechet_distance(made[one], made[other]) for one, other in halves),
            "kernel": kernel_distance(scaled[real], scaled[~real]),
        }


def _some(rng: np.random.Generator, rows: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    return np.asarray(rng.permutation(len(rows))[:count], dtype=np.intp)


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))
