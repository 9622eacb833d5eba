"""Scores -> soft labels over classes: local label smoothing and the halved foot erosion (paper, section 3)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Limb

NARROWING_CLASSES = 5
HALVED_EROSION_CLASSES = 6
NATIVE_EROSION_CLASSES = 11


@dataclass(frozen=True)
class Smoothing:
    """How much of a label's mass leaves its class, and where it goes.

    `local`: p/2 to each neighbour, the paper's. `gaussian`: a bell of the same variance, p, over all classes.
    `binomial`: p spread as n coins fall whose expected heads are the class.
    """

    p: float
    shape: Literal["local", "gaussian", "binomial"] = "local"

    def matrix(self, classes: int) -> NDArray[np.float32]:
        """Row x is the smoothed label of class x."""
        if not self.p:
            return np.eye(classes, dtype=np.float32)
        return SHAPES[self.shape](classes, self.p)


def soft_label(score: float, kind: Kind, limb: Limb, classes: int, smoothing: float | Smoothing) -> NDArray[np.float32]:
    """Label over `classes` for a score; `smoothing`, or the paper's p alone, in [0, 1].

    A foot's erosion, 0-10, is halved for a head of 6 classes: an odd score lies between two classes and is spread over
    both. So is any score that is not whole, such as the mean of two readers. Raises ValueError where the score lies
    outside the classes.
    """
    halved = kind is Kind.EROSION and limb is Limb.FOOT and classes == HALVED_EROSION_CLASSES
    spread = smoothing if isinstance(smoothing, Smoothing) else Smoothing(smoothing)
    return np.asarray(between_classes(score / 2 if halved else score, classes) @ spread.matrix(classes))


def between_classes(place: float, classes: int) -> NDArray[np.float32]:
    """All mass on a class, or shared by the two classes that a fractional place lies between."""
    if not 0 <= place <= classes - 1:
        raise ValueError(f"{place} lies outside classes 0 to {classes - 1}")
    label = np.zeros(classes, np.float32)
    below = min(int(place), classes - 2)
    label[below : below + 2] = (1 - (place - below), place - below)
    return label


def smoothing_matrix(classes: int, smoothing: float) -> NDArray[np.float32]:
    """Row x is the smoothed label of class x: p/2 on each neighbour, 1 - p on x.

    At the first and last class the mass of the neighbour that does not exist stays: 1 - p/2.
    """
    matrix = np.eye(classes, dtype=np.float32) * (1 - smoothing)
    aside = np.arange(classes - 1)
    matrix[aside, aside + 1] = matrix[aside + 1, aside] = smoothing / 2
    matrix[0, 0] = matrix[-1, -1] = 1 - smoothing / 2
    return matrix


def gaussian_matrix(classes: int, smoothing: float) -> NDArray[np.float32]:
    """Row x is a bell about class x with the variance that local smoothing gives in the middle: p."""
    away = np.subtract.outer(np.arange(classes), np.arange(classes))
    bells = np.exp(-(away**2) / (2 * smoothing))
    return np.asarray(bells / bells.sum(axis=1, keepdims=True), np.float32)


def binomial_matrix(classes: int, smoothing: float) -> NDArray[np.float32]:
    """Row x keeps 1 - p on class x; p is spread as a binomial over the classes whose mean is x."""
    coins = classes - 1
    spread = [
        [math.comb(coins, k) * (x / coins) ** k * (1 - x / coins) ** (coins - k) for k in range(classes)]
        for x in range(classes)
    ]
    return np.asarray((1 - smoothing) * np.eye(classes) + smoothing * np.array(spread), np.float32)


SHAPES: dict[str, Callable[[int, float], NDArray[np.float32]]] = {
    "local": smoothing_matrix,
    "gaussian": gaussian_matrix,
    "binomial": binomial_matrix,
}
