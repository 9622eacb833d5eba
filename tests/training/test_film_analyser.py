"""Right maps cost less than wrong ones."""

import torch

from opensvh.targets.limb_maps import CHANNELS
from opensvh.training.film_analyser import analyser_losses


def test_right_maps_cost_less_than_wrong_ones() -> None:
    wanted = torch.zeros(1, CHANNELS, 8, 8)
    wanted[:, 0, 4, 4] = 1
    wanted[:, 7, 4, 4] = 1
    weights = torch.ones_like(wanted)
    right, wrong = (wanted.clone() for _ in range(2))
    right[:, :2] = 12 * wanted[:, :2] - 6
    wrong[:, :2] = -right[:, :2]
    wrong[:, 7, 4, 4] = -1
    good, bad = (analyser_losses(each, (wanted, weights)) for each in (right, wrong))
    assert good["peaks"] < 0.1 < bad["peaks"]
    assert good["direction"] < bad["direction"]
