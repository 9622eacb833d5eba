"""A small bundle with drawn weights, whole and exported: enough for everything but the scores themselves."""

from pathlib import Path

import pytest
import torch

from opensvh.domain.backends import Backend, Precision
from opensvh.inference.bundle import Bundle, BundleConfig, BundleContents, ReadingConfig, load_bundle, write_bundle
from opensvh.inference.export import Target, export_bundles
from opensvh.model.config import ModelConfig
from opensvh.model.network import SvHNet
from opensvh.preprocessing.config import PreprocessingConfig

SMALL = ModelConfig(encoder="b0", decoder=(8, 8, 8, 8, 8), output_stride=2, radius_px=6, outer_radius_px=8)


def small_bundle(folder: Path, seed: int, mirrored_pair: bool = False) -> Bundle:
    """A network that is sure of something at every pixel."""
    torch.manual_seed(seed)
    network = SvHNet(SMALL)
    with torch.no_grad():
        network.heads.classify.weight.mul_(20)
    config = BundleConfig(
        model=SMALL,
        preprocessing=PreprocessingConfig(width=64, height=96),
        reading=ReadingConfig(mirrored_pair=mirrored_pair),
    )
    means = {"LH_mcp_E__ip": 0.25}
    return load_bundle(
        write_bundle(folder, BundleContents(f"small-{seed}", "1", config, network.state_dict(), {}, means, "# Small"))
    )


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """One with the mirrored pair: its mean is in the graph too."""
    return small_bundle(tmp_path_factory.mktemp("small") / "bundle", 1, mirrored_pair=True)


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Another, without."""
    return small_bundle(tmp_path_factory.mktemp("other") / "bundle", 2)


@pytest.fixture(scope="session")
def openvino_pair(small: Bundle, other: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both as one bundle for OpenVINO, in fp32."""
    folder = tmp_path_factory.mktemp("openvino") / "pair"
    export_bundles(folder, [small, other], Target(Backend.OPENVINO, Precision.FP32))
    return folder


@pytest.fixture(scope="session")
def onnx_small(small: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first for ONNX Runtime, in fp32."""
    folder = tmp_path_factory.mktemp("onnx") / "small"
    export_bundles(folder, [small], Target(Backend.ONNX, Precision.FP32))
    return folder
