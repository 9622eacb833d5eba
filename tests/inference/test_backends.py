"""Pooled maps become the joints and the damage that the maps themselves would give; what is missing is named."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from opensvh.domain.anatomy import POINTS, Kind, Limb, joint_class
from opensvh.domain.errors import ConfigInvalid
from opensvh.domain.geometry import Point, Size
from opensvh.inference import backends
from opensvh.inference.backends import GRAPH_MAP_STRIDE, TorchEngine, map_stride, pooling_plan, refuse_missing
from opensvh.inference.bundle import BundleConfig, ReadingConfig
from opensvh.model.config import ModelConfig
from opensvh.model.heads import JOINT_MAPS, Logits
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.targets.decode import MaskRadii, decode_joints
from opensvh.targets.masks import joint_mask

WIDTH, HEIGHT = 160, 192
RADII = MaskRadii(8, 10)
Image = NDArray[np.float32]


def config(stride: int = 1, mirrored_pair: bool = False) -> BundleConfig:
    return BundleConfig(
        model=ModelConfig(
            encoder="b0",
            output_stride=stride,  # type: ignore[arg-type]
            radius_px=RADII.inner_px * stride,
            outer_radius_px=RADII.outer_px * stride,
        ),
        preprocessing=PreprocessingConfig(width=WIDTH * stride, height=HEIGHT * stride),
        reading=ReadingConfig(mirrored_pair=mirrored_pair),
    )


@dataclass
class Given(nn.Module):
    """Gives these logits whatever it is shown."""

    logits: Logits

    def __post_init__(self) -> None:
        super().__init__()

    def forward(self, batch: Tensor) -> Logits:
        return self.logits


def crowded(limb: Limb) -> tuple[Logits, Image]:
    """Logits of joints whose discs cut one another, with one joint likely nowhere, and their softmax."""
    points = {
        joint_class(limb, name): Point(22.3 + 12.1 * (i % 5) + i, 25.7 + 13.4 * (i // 5))
        for i, name in enumerate(POINTS[limb])
    }
    del points[joint_class(limb, POINTS[limb][2])]
    mask = np.maximum(joint_mask(points, Size(WIDTH, HEIGHT), RADII.inner_px, RADII.outer_px), 0)
    noise = np.random.default_rng(0)
    joint = 6.0 * (np.arange(JOINT_MAPS)[:, None, None] == mask) + noise.normal(size=(JOINT_MAPS, HEIGHT, WIDTH))
    heads = [joint, *(noise.normal(size=(classes, HEIGHT, WIDTH)) for classes in (5, 6))]
    logits = Logits(*(torch.from_numpy(each.astype(np.float32))[None] for each in heads))
    return logits, logits.joint[0].softmax(0).numpy()


@pytest.mark.parametrize("limb", list(Limb))
def test_joints_of_pooled_maps_are_those_of_the_maps(limb: Limb) -> None:
    logits, maps = crowded(limb)
    pooled = TorchEngine(Given(logits), config()).look(np.zeros((HEIGHT, WIDTH), np.float32))
    found, wanted = pooled.joints(limb, config()), decode_joints(maps, limb, RADII)
    assert set(found) == set(wanted) == set(POINTS[limb])
    assert sum(each.point is None for each in wanted.values()) == 1
    for name, joint in wanted.items():
        assert found[name].confidence == pytest.approx(joint.confidence)
        if joint.point is None:
            assert found[name].point is None
        else:
            assert found[name].point == pytest.approx(joint.point, abs=2e-3)


def test_damage_is_that_of_the_joints_class() -> None:
    logits, _ = crowded(Limb.FOOT)
    pooled = TorchEngine(Given(logits), config()).look(np.zeros((HEIGHT, WIDTH), np.float32))
    damage = pooled.damage(Limb.FOOT, "MTP3")
    row = joint_class(Limb.FOOT, "MTP3")
    assert damage[Kind.NARROWING] == pytest.approx(pooled.narrowing[row])
    assert damage[Kind.EROSION] == pytest.approx(pooled.erosion[row])
    assert not np.allclose(damage[Kind.EROSION], pooled.erosion[row - 1])


@pytest.mark.parametrize(("stride", "graphs", "every"), [(1, 4, 4), (2, 4, 2), (4, 4, 1)])
def test_graphs_give_people_a_quarter_of_the_picture(stride: int, graphs: int, every: int) -> None:
    assert map_stride(config(stride), GRAPH_MAP_STRIDE) == graphs
    assert pooling_plan(config(stride), GRAPH_MAP_STRIDE).every == every


def test_the_plan_is_the_bundles() -> None:
    plan = pooling_plan(config(2, mirrored_pair=True), GRAPH_MAP_STRIDE)
    assert (plan.mirrored_pair, plan.reach_px) == (True, 2 * RADII.outer_px)


def test_the_engine_says_what_it_reckons_in() -> None:
    logits, _ = crowded(Limb.FOOT)
    assert TorchEngine(Given(logits), config()).name == "torch fp32"
    assert TorchEngine(Given(logits), config(), autocast=True).name == "torch bf16"


def test_a_library_that_is_missing_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda module: None)
    with pytest.raises(ConfigInvalid, match=r"int8: needs nncf, .* pip install 'opensvh\[fast\]'"):
        refuse_missing("nncf", "int8")
