"""How well a classifier told real from simulated: balanced accuracy and area under the ROC curve, with intervals.

The probabilities come from held-out folds; persons are resampled whole, real and simulated ones apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DRAWS = 500
LEVEL = 0.95


@dataclass(frozen=True)
class Verdicts:
    """What a classifier said of pictures it was not trained on.

    `real` whether each is; `probability` of that, in [0, 1]; `groups` the person of each, never both real and
    simulated.
    """

    real: NDArray[np.bool_]
    probability: NDArray[np.float64]
    groups: NDArray[np.str_]

    def figures(self, rng: np.random.Generator) -> dict[str, Any]:
        """Balanced accuracy with its 95 % interval, AUC, and the shares recognised of each kind."""
        low, high = self._interval(rng)
        return {
            "pictures": {"real": int(self.real.sum()), "simulated": int((~self.real).sum())},
            "accuracy": balanced_accuracy(self.real, self.probability),
            "interval": [low, high],
            "auc": float(roc_auc_score(self.real, self.probability)),
            "real_recognised": float((self.probability[self.real] > 0.5).mean()),
            "simulated_recognised": float((self.probability[~self.real] <= 0.5).mean()),
        }

    def surest(self, count: int) -> list[int]:
        """Rows recognised with most confidence: `count` real ones, then as many simulated, the surest first."""
        order = np.argsort(self.probability)
        real = [row for row in order[::-1] if self.real[row]]
        simulated = [row for row in order if not self.real[row]]
        return [int(row) for row in (*real[:count], *simulated[:count])]

    def _interval(self, rng: np.random.Generator) -> tuple[float, float]:
        rows = {kind: self._rows_of_groups(kind) for kind in (True, False)}
        drawn = []
        for _ in range(DRAWS):
            picked = np.concatenate(
                [np.concatenate([each[i] for i in rng.integers(0, len(each), len(each))]) for each in rows.values()]
            )
            drawn.append(balanced_accuracy(self.real[picked], self.probability[picked]))
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return float(low), float(high)

    def _rows_of_groups(self, real: bool) -> list[NDArray[np.intp]]:
        own = np.unique(self.groups[self.real == real])
        return [np.flatnonzero((self.groups == group) & (self.real == real)) for group in own]


def balanced_accuracy(real: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Mean of the shares recognised of real and of simulated pictures; 0.5 is guessing."""
    return float(((probability[real] > 0.5).mean() + (probability[~real] <= 0.5).mean()) / 2)


def folds(
    real: NDArray[np.bool_], groups: Sequence[str] | NDArray[np.str_], count: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to train on and to test on, each row tested once, no person in both, both kinds in every fold.

    Raises ValueError with fewer persons than folds of either kind.
    """
    named = np.asarray(groups)
    parts: list[list[NDArray[np.intp]]] = [[] for _ in range(count)]
    for kind in (True, False):
        rows = np.flatnonzero(real == kind)
        for part, (_, test) in zip(parts, GroupKFold(count).split(rows, groups=named[rows]), strict=True):
            part.append(rows[test])
    everything = np.arange(len(real))
    for part in parts:
        tested = np.concatenate(part)
        yield np.setdiff1d(everything, tested), tested


def linear_verdicts(
    features: NDArray[np.float64], real: NDArray[np.bool_], groups: NDArray[np.str_], count: int
) -> Verdicts:
    """Held-out verdicts of a logistic regression on standardised features, both kinds weighing the same."""
    probability = np.empty(len(real))
    for train, test in folds(real, groups, count):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, class_weight="balanced", max_iter=500))
        model.fit(features[train], real[train])
        probability[test] = model.predict_proba(features[test])[:, 1]
    return Verdicts(real, probability, groups)
