"""Encoder features of pictures."""

import numpy as np
import pytest

from opensvh.cli.options import DEFAULT_MODEL
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.features import BATCH, encoder_features
from opensvh.model.encoder import WIDTHS


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(find_bundle(DEFAULT_MODEL))


def pictures(count: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).random((count, 64, 64)).astype(np.float32))


def test_a_picture_has_one_row_whatever_its_batch(bundle: Bundle) -> None:
    shown = pictures(BATCH + 2)
    told: list[int] = []
    rows = encoder_features(bundle, shown, told.append)
    assert rows.shape == (BATCH + 2, sum(WIDTHS["b0"]))
    assert rows[-1] == pytest.approx(encoder_features(bundle, shown[-1:])[0], abs=1e-4)
    assert told == [BATCH, 2]


def test_different_pictures_have_different_features(bundle: Bundle) -> None:
    one, other = encoder_features(bundle, [np.zeros((64, 64), np.float32), pictures(1)[0]])
    assert np.abs(one - other).max() > 0.1
