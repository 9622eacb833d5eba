"""The small network that tells real from simulated: seeded, and no better than its pictures allow."""

import numpy as np
import torch

from opensvh.inference.discriminator import (
    PATCHES,
    DiscriminatorConfig,
    occlusion_map,
    probability_real,
    train_discriminator,
)

QUICK = DiscriminatorConfig(steps=40, batch=16, shift=2)


def textures(count: int, noise: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    levels = rng.uniform(0.3, 0.6, (count, 1, 1)) + noise * rng.normal(size=(count, 32, 32))
    return np.clip(levels, 0, 1).astype(np.float32)


def accuracy(first: np.ndarray, second: np.ndarray) -> float:
    """Share right of the second halves after training on the first ones, `first` being the real pictures."""
    half = len(first) // 2
    real = np.r_[np.ones(half, bool), np.zeros(half, bool)]
    network = train_discriminator(np.concatenate([first[:half], second[:half]]), real, QUICK, seed=0)
    said = probability_real(network, np.concatenate([first[half:], second[half:]])) > 0.5
    return float((said == real).mean())


def test_noise_is_told_from_flat() -> None:
    assert accuracy(textures(40, 0.1, 1), textures(40, 0.0, 2)) > 0.95


def test_two_halves_of_one_set_cannot_be_told_apart() -> None:
    one = textures(160, 0.05, 3)
    assert 0.3 < accuracy(one[::2], one[1::2]) < 0.7


def test_the_same_seed_trains_the_same_network_and_leaves_the_callers_randomness_alone() -> None:
    pictures, real = np.concatenate([textures(8, 0.1, 1), textures(8, 0.0, 2)]), np.arange(16) < 8
    before = torch.random.get_rng_state()
    one, other = (train_discriminator(pictures, real, QUICK, seed=5) for _ in range(2))
    assert np.array_equal(probability_real(one, pictures), probability_real(other, pictures))
    assert torch.equal(before, torch.random.get_rng_state())


def test_occlusion_points_at_what_tells() -> None:
    rng = np.random.default_rng(0)
    flat = np.full((40, 48, 48), 0.4, np.float32)
    marked = flat.copy()
    marked[:, 4:16, 32:44] += 0.3 * rng.normal(size=(40, 12, 12)).astype(np.float32)
    config = DiscriminatorConfig(steps=40, batch=16, shift=0)
    network = train_discriminator(np.concatenate([marked, flat]), np.arange(80) < 40, config, seed=0)
    weights = occlusion_map(network, marked[0])
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    assert row < PATCHES / 2 <= column
