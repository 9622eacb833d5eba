"""How far two clouds of feature vectors lie apart: Frechet distance of Gaussians, and the unbiased kernel distance.

With a dozen real films the Frechet distance is biased upwards (it falls with the number of samples): compare it only
between sets of equal sizes, or read the kernel distance beside it.
"""

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]
"""One row a sample [samples, features]."""


def frechet_distance(one: Features, other: Features) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): Heusel et al., NeurIPS 2017, section 2 (with m, C of samples).

    Raises ValueError with fewer than two samples in either.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("a covariance needs two samples or more")
    apart = float(((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum())
    first, second = _covariance(one), _covariance(other)
    root = _square_root(first)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0.0, None)).sum()
    return max(0.0, apart + float(np.trace(first) + np.trace(second) - 2 * shared))


def kernel_distance(one: Features, other: Features) -> float:
    """Squared maximum mean discrepancy with the kernel (x.y / d + 1)^3, unbiased: about 0 for equal distributions.

    Binkowski et al., ICLR 2018, section 4; it can be slightly negative. Raises ValueError as `frechet_distance` does.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("an unbiased estimate needs two samples or more")
    within = [_off_diagonal_mean(_kernel(each, each)) for each in (one, other)]
    return float(sum(within) - 2 * _kernel(one, other).mean())


def standardised(features: Features) -> Features:
    """Each feature less its mean over its standard deviation, both sets together; one without spread becomes 0."""
    spread = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0))


def _covariance(samples: Features) -> Features:
    return np.atleast_2d(np.cov(samples, rowvar=False))


def _square_root(matrix: Features) -> Features:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T)


def _kernel(one: Features, other: Features) -> Features:
    return np.asarray((one @ other.T / one.shape[1] + 1.0) ** 3)


def _off_diagonal_mean(kernel: Features) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))
