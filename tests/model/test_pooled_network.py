"""What a graph gives of its maps is what `targets.decode` and `pooling` make of the same maps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from opensvh.model.heads import JOINT_MAPS, NARROWING_MAPS, Logits
from opensvh.model.pooled_network import PooledMaps, PooledNetwork, PoolingPlan
from opensvh.model.pooling import pool_scores

ROWS, COLUMNS, EROSION = 40, 32, 6
REACH = 5


@dataclass
class Given(nn.Module):
    """A network that gives these logits for the picture, and for its mirror image theirs."""

    logits: Sequence[Tensor]

    def __post_init__(self) -> None:
        super().__init__()

    def forward(self, batch: Tensor) -> Logits:
        return Logits(*(each[: len(batch)] for each in self.logits))


class Sampled(Given):
    """One that leaves out pixels where it is asked to."""

    def forward(self, batch: Tensor, every: int = 1) -> Logits:
        return Logits(*(each[..., ::every, ::every] for each in super().forward(batch)))


def maps(seed: int, looks: int = 1) -> list[Tensor]:
    """Blurred noise, so that every class has some connected regions: logits of the three heads."""
    rng = np.random.default_rng(seed)
    heads = []
    for classes in (JOINT_MAPS, NARROWING_MAPS, EROSION):
        noise = torch.from_numpy(rng.normal(size=(looks, classes, ROWS, COLUMNS)).astype(np.float32))
        heads.append(12 * nn.functional.avg_pool2d(noise, 7, stride=1, padding=3))
    return heads


def pooled(logits: list[Tensor], mirrored: bool = False, every: int = 1) -> PooledMaps:
    network = PooledNetwork(Given(logits), PoolingPlan(mirrored, REACH, every))
    found: PooledMaps = network(torch.zeros(1, 1, ROWS, COLUMNS))
    return found


def middle(probability: NDArray[np.float32], region: NDArray[np.bool_]) -> tuple[float, float]:
    """x and y, by the definition: the weighted mean of the class's region around its peak."""
    masked = np.where(region, probability, 0)
    row, column = np.unravel_index(masked.argmax(), masked.shape)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    near = masked * ((np.abs(y - row) <= REACH) & (np.abs(x - column) <= REACH))
    return float((near * x).sum() / near.sum()), float((near * y).sum() / near.sum())


@pytest.mark.parametrize("seed", [0, 1])
def test_peaks_areas_and_middles_are_those_of_the_maps(seed: int) -> None:
    logits = maps(seed)
    found = pooled(logits)
    joint = logits[0][0].softmax(0).numpy()
    likeliest = joint.argmax(0)
    assert found.peaks.numpy() == pytest.approx(joint.max(axis=(1, 2)))
    assert found.areas.tolist() == [int((likeliest == each).sum()) for each in range(JOINT_MAPS)]
    seen = np.unique(likeliest)
    assert len(seen) > 10
    for each in seen:
        assert found.middles[each].tolist() == pytest.approx(middle(joint[each], likeliest == each), abs=1e-4)


def test_of_two_equal_peaks_the_first_in_reading_order_is_looked_around() -> None:
    logits = maps(0)
    logits[0] = torch.full((1, JOINT_MAPS, ROWS, COLUMNS), -9.0)
    logits[0][0, 0] = 0.0
    for row, column in ((30, 4), (8, 25)):
        logits[0][0, 5, row, column] = 20.0
    assert pooled(logits).middles[5].tolist() == pytest.approx([25, 8])


def test_damage_is_pooled_with_the_joints_as_weights() -> None:
    logits = maps(2)
    joint, narrowing, erosion = (each[0].softmax(0) for each in logits)
    found = pooled(logits)
    assert torch.allclose(found.narrowing, pool_scores(joint, narrowing), atol=1e-6)
    assert torch.allclose(found.erosion, pool_scores(joint, erosion), atol=1e-6)
    assert torch.allclose(found.erosion.sum(1), torch.ones(JOINT_MAPS), atol=1e-5)


def test_of_a_mirrored_pair_the_second_is_turned_back() -> None:
    once = maps(3)
    pair = [torch.cat([each, each.flip(-1)]) for each in once]
    for one, other in zip(pooled(once), pooled(pair, mirrored=True), strict=True):
        assert torch.allclose(one, other, atol=1e-4)
    unequal = maps(3, looks=2)
    joint = (unequal[0][0].softmax(0) + unequal[0][1].softmax(0).flip(-1)) / 2
    assert torch.allclose(pooled(unequal, mirrored=True).peaks, joint.amax((1, 2)), atol=1e-6)


@pytest.mark.parametrize("every", [1, 2, 4])
def test_maps_for_people_are_single_pixels_of_the_maps(every: int) -> None:
    logits = maps(4)
    joint, narrowing, erosion = (each[0].softmax(0) for each in logits)
    likeliest, probability, narrow, eroded = pooled(logits, every=every).maps
    assert likeliest.shape == (ROWS // every, COLUMNS // every)
    assert torch.equal(likeliest, joint.argmax(0)[::every, ::every].float())
    assert torch.allclose(probability, joint.amax(0)[::every, ::every])
    for share, head in ((narrow, narrowing), (eroded, erosion)):
        expected = sum(grade * row for grade, row in enumerate(head)) / (len(head) - 1)
        assert torch.allclose(share, expected[::every, ::every], atol=1e-6)  # type: ignore[union-attr]


def test_of_sampled_maps_places_are_in_pixels_of_all() -> None:
    logits = [nn.functional.interpolate(each, scale_factor=2.0, mode="bilinear") for each in maps(6)]
    sampled = PooledNetwork(Sampled(logits), PoolingPlan(False, 2 * REACH, 4, sampled=2))
    whole = PooledNetwork(Given(logits), PoolingPlan(False, 2 * REACH, 4))
    one, other = sampled(torch.zeros(1, 1, 2 * ROWS, 2 * COLUMNS)), whole(torch.zeros(1, 1, 2 * ROWS, 2 * COLUMNS))
    assert torch.equal(one.maps, other.maps)
    large = other.areas > 200
    assert large.sum() > 3
    assert torch.allclose(one.areas[large], other.areas[large], rtol=0.15)
    assert (one.middles[large] - other.middles[large]).abs().max() < 1
    assert torch.allclose(one.narrowing, other.narrowing, atol=0.01)
    assert torch.allclose(one.erosion, other.erosion, atol=0.01)


@pytest.mark.parametrize("plan", [(True, 9, 4, 2), (False, 9, 1, 2)], ids=["a mirrored pair", "between the samples"])
def test_maps_that_cannot_be_sampled_are_refused(plan: tuple[bool, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no maps can be sampled so"):
        PoolingPlan(*plan)
