"""A cross-validation spread over Ray gives the models that this machine alone gives."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from opensvh.batch.cluster import cluster
from opensvh.batch.folds import spread_folds
from opensvh.domain.anatomy import FILM_CODES, POINTS
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Point
from opensvh.inference.bundle import load_bundle
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints
from opensvh.training.config import load_preset, with_training
from opensvh.workflows.train import Folds, train


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Films of noise with joints and a few grades, of two patients."""
    folder = tmp_path / "films"
    (folder / "images").mkdir(parents=True)
    noise = np.random.default_rng(1)
    for patient in "AB":
        for code in FILM_CODES:
            picture = noise.integers(0, 255, (100, 80), dtype=np.uint8)
            cv2.imwrite(str(folder / "images" / f"{patient}-{code}.png"), picture)
    places = {
        (patient, code): {name: Point(10 + 12 * (i % 5), 20 + 15 * (i // 5)) for i, name in enumerate(POINTS[limb])}
        for patient in "AB"
        for code, (limb, _) in FILM_CODES.items()
    }
    write_joints(folder / "joints.csv", places)
    write_ra2(folder / "training.csv", {"A": {"LH_mcp_E__2": 1}, "B": {"LH_mcp_E__2": 4}})
    return folder


@pytest.mark.slow
def test_folds_spread_over_ray_are_those_trained_here(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is an extra: pip install 'opensvh[ray]'")
    preset = with_training(load_preset("tiny"), steps=1, batch_size=2, threads=1, precision="fp32", folds=2)
    spread = spread_folds(preset, data, tmp_path / "spread")
    here = train(preset, data, tmp_path / "here", Folds(every=True))
    assert [bundle.relative_to(tmp_path / "spread") for bundle in spread] == [
        bundle.relative_to(tmp_path / "here") for bundle in here
    ]
    for one, other in zip(spread, here, strict=True):
        weights, again = (load_bundle(bundle).network.state_dict() for bundle in (one, other))
        assert all(torch.allclose(weight, again[name], atol=1e-5) for name, weight in weights.items())


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ConfigInvalid, match=r"opensvh\[ray\]"), cluster(None):
        pass


def test_one_of_the_folds_lies_where_it_would_among_all() -> None:
    out = Path("out")
    assert Folds(every=True, only=2).runs(out, 3) == [(2, out / "fold2")]
