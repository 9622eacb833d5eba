"""How the film analyser's first network learns where limbs lie: its run, and what a wrong map costs.

The run itself is `film_analyser_run`'s, pictures are `film_analyser_examples`'.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid, smooth_l1_loss

from opensvh.model.film_analyser import FIRST_FLAG, PEAKS, FilmAnalyserNet
from opensvh.model.film_analyser_config import FilmAnalyserConfig
from opensvh.training.film_analyser_examples import Shares, SheetSource, varied_example
from opensvh.training.film_analyser_run import Schedule, Task

FLAG_WEIGHTS = (3.0, 1.0, 1.0, 1.0)
"""The side is what is hardest to see, and most depends on it (the order is `targets.limb_maps.FLAGS`')."""


class AnalyserRun(Schedule):
    """The run of the first network."""

    model: FilmAnalyserConfig = FilmAnalyserConfig()
    shares: Shares = Shares()


def analyser_task(source: SheetSource, config: AnalyserRun) -> Task:
    """Maps of limbs on sheets made of these films."""
    return Task(
        network=lambda: FilmAnalyserNet(config.model),
        example=lambda seed, number: varied_example(source, config.shares, config.model.side_px, seed, number),
        losses=analyser_losses,
    )


def analyser_losses(maps: Tensor, wanted: Sequence[Tensor]) -> dict[str, Tensor]:
    """Focal loss of the peaks (Zhou et al. 2019, equation 1), the rest where a limb's peak is, weighted by its height.

    `maps` are the network's, peaks and flags as logits; `wanted` maps and weights, all [batch, 12, rows, columns].
    """
    found, (true, weights) = maps.float(), wanted
    limbs = true[:, :PEAKS].eq(1).sum().clamp(min=1)
    place, direction, flags = slice(2, 6), slice(6, FIRST_FLAG), slice(FIRST_FLAG, None)
    apart = smooth_l1_loss(found[:, place], true[:, place], reduction="none", beta=0.1)
    turned = (found[:, direction] - true[:, direction]).square()
    sureness = torch.tensor(FLAG_WEIGHTS)[:, None, None]
    doubt = sureness * binary_cross_entropy_with_logits(found[:, flags], true[:, flags], reduction="none")
    return {
        "peaks": _focal(found[:, :PEAKS], true[:, :PEAKS], weights[:, :PEAKS]) / limbs,
        "place": weighted_mean(apart, weights[:, place]),
        "direction": 2 * weighted_mean(turned, weights[:, direction]),
        "flags": 2 * weighted_mean(doubt, weights[:, flags]),
    }


def _focal(logits: Tensor, peaks: Tensor, weights: Tensor) -> Tensor:
    at_peak = peaks.eq(1).float()
    likely = logits.sigmoid()
    hit = -logsigmoid(logits) * (1 - likely).square() * at_peak
    false = -logsigmoid(-logits) * likely.square() * (1 - peaks).pow(4) * (1 - at_peak)
    return ((hit + false) * weights).sum()


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean; 0 where nothing has weight."""
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)
