"""Drawn films, a bundle with drawn weights, rows that nobody read, and Ray, begun once a file."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from opensvh.batch.cluster import cluster
from opensvh.batch.rows import FileRead, FileResult, FilmStatus, ModelLabel, film_row
from opensvh.inference.bundle import BundleConfig, BundleContents, write_bundle
from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet
from opensvh.preprocessing.config import PreprocessingConfig

LABEL = ModelLabel("small", "1", "0123456789abcdef", "torch fp32")
SMALL = ModelConfig(encoder="b0", decoder=(8, 8, 8, 8, 8), output_stride=2, radius_px=6, outer_radius_px=8)
MakeResult = Callable[..., FileResult]


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """Ray with two CPUs, begun once for all tests of a file, since that takes longer than most; no test ends it."""
    pytest.importorskip("ray", reason="ray is an extra: pip install 'opensvh[ray]'")
    with cluster(None, 2) as begun, pytest.MonkeyPatch.context() as patch:
        patch.setattr(begun, "shutdown", lambda: None)
        yield begun


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that is sure of something at every pixel."""
    torch.manual_seed(1)
    network = SvHNet(SMALL)
    with torch.no_grad():
        network.heads.classify.weight.mul_(20)
    config = BundleConfig(
        model=SMALL,
        preprocessing=PreprocessingConfig(width=64, height=96),
    )
    contents = BundleContents("small", "1", config, network.state_dict(), {}, {}, "# Small")
    return write_bundle(tmp_path_factory.mktemp("small") / "bundle", contents)


@pytest.fixture
def hands(tmp_path: Path) -> Path:
    """A manifest of two hands, all said of them, and of a file that is no picture."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("P1-LH.png", "P2-RH.png"):
        cv2.imwrite(str(folder / name), _hand(1 if name.startswith("P1") else 2))
    (folder / "P3-LH.png").write_bytes(b"no picture")
    rows = ["film,patient,limb,side,rotate_cw,date"]
    rows += [f"films/P{number}-{side}H.png,P{number},hand,{side},0,2024-05-01" for number, side in enumerate("LRL", 1)]
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


@pytest.fixture
def result() -> MakeResult:
    """Makes what came of a file: a film and two rows of sites."""
    return made_result


def made_result(file: str, status: FilmStatus = FilmStatus.SCORED, stamp: str = "1-1", key: str = "k") -> FileResult:
    """A film of so named a file."""
    row = film_row(file, FileRead(file, stamp, "abc", key), LABEL, status)
    sites = [{"film": file, "site": site, "patient": "P", "status": "scored"} for site in ("PIP2", "PIP3")]
    return FileResult(file, (row,), tuple(sites) if status is FilmStatus.SCORED else ())


def _hand(seed: int) -> np.ndarray:
    """Five bright rays on grey, with noise."""
    rng = np.random.default_rng(seed)
    pixels = np.full((420, 300), 25.0)
    pixels[40:400, 40:260] = 75
    for digit in range(1, 6):
        x = 40 + 40 * digit
        pixels[60:380, x - 9 : x + 10] = 180
        pixels[60:380, x - 6 : x + 7] = 130
    return np.clip(pixels + 4 * rng.normal(size=pixels.shape), 0, 255).astype(np.uint8)
