"""A small network trained from scratch to tell real films from simulated ones, and where it looks.

A plain loop of a minute, seeded by its argument; folds and figures are `evaluation.telling_apart`'s.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from opensvh.model.network import GREY_MEAN, GREY_SPREAD

Pictures = NDArray[np.float32]
"""Grey levels in [0, 1] [pictures, rows, columns]."""

WIDTHS = (16, 32, 48, 64)
PATCHES = 12
"""Squares on a side of an occlusion map."""


@dataclass(frozen=True)
class DiscriminatorConfig:
    """How it is trained: `steps` of `batch` pictures, half of them real; `first_stride` reduces large pictures early.

    `shift` moves pictures by up to so many pixels; `flips` also shows them left-right exchanged, for pictures that
    have no side.
    """

    steps: int = 150
    batch: int = 16
    first_stride: int = 2
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    shift: int = 6
    flips: bool = False


class Discriminator(nn.Module):
    """Four convolutions with batch normalisation, mean and maximum over the places, one logit."""

    def __init__(self, first_stride: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before, kernel, stride = 1, first_stride + 1, first_stride
        for width in WIDTHS:
            layers += [
                nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
            before, kernel, stride = width, 3, 2
        self.layers = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * WIDTHS[-1], 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Standardised levels [batch, 1, rows, columns] -> logit of being real [batch]."""
        maps = self.layers(pictures)
        logits: Tensor = self.head(torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1))
        return logits[:, 0]


def train_discriminator(
    pictures: Pictures, real: NDArray[np.bool_], config: DiscriminatorConfig, seed: int
) -> Discriminator:
    """Train on all of `pictures`, real and simulated drawn equally often; needs one of each. In eval mode after."""
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Discriminator(config.first_stride)
        nn.Module.to(network, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=config.steps)
        kinds = np.flatnonzero(real), np.flatnonzero(~real)
        network.train()
        for _ in range(config.steps):
            rows = np.concatenate([rng.choice(kind, config.batch // 2) for kind in kinds])
            shown = np.stack([_varied(pictures[row], config, rng) for row in rows])
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(_standard(shown)), torch.from_numpy(real[rows].astype(np.float32))
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    network.eval()
    return network


def probability_real(network: Discriminator, pictures: Pictures, batch: int = 64) -> NDArray[np.float64]:
    """Probability in [0, 1] that each picture is real."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pictures), batch):
            parts.append(network(_standard(pictures[start : start + batch])).sigmoid().double().numpy())
    return np.concatenate(parts)


def occlusion_map(network: Discriminator, picture: Pictures) -> NDArray[np.float64]:
    """How the logit of being real falls when a square is blurred away [12, 12]: positive where the picture looks real.

    Each square covers two steps, so that nothing falls between two of them.
    """
    blurred = cv2.GaussianBlur(picture, (0, 0), max(picture.shape) / 16)
    rows, columns = (_squares(size) for size in picture.shape)
    occluded = []
    for row, column in itertools.product(rows, columns):
        shown = picture.copy()
        shown[row, column] = blurred[row, column]
        occluded.append(shown)
    with torch.inference_mode():
        whole = network(_standard(picture[None]))
        logits = network(_standard(np.stack(occluded)))
    return np.asarray((whole - logits).double().numpy().reshape(PATCHES, PATCHES))


def _squares(size: int) -> list[slice]:
    """The pixels that each square hides, half a step more than its own on both sides."""
    step = size / PATCHES
    return [slice(max(round((i - 0.5) * step), 0), round((i + 1.5) * step)) for i in range(PATCHES)]


def _standard(pictures: Pictures) -> Tensor:
    levels = torch.from_numpy(np.ascontiguousarray(pictures))[:, None]
    return ((levels - GREY_MEAN) / GREY_SPREAD).contiguous(memory_format=torch.channels_last)


def _varied(picture: Pictures, config: DiscriminatorConfig, rng: np.random.Generator) -> Pictures:
    """Shifted a little, its edge going on, and perhaps mirrored."""
    if config.flips and rng.random() < 0.5:
        picture = picture[:, ::-1]
    across, down = rng.integers(-config.shift, config.shift + 1, 2)
    move = np.array([[1, 0, across], [0, 1, down]], dtype=np.float32)
    size = picture.shape[1], picture.shape[0]
    moved = cv2.warpAffine(np.ascontiguousarray(picture), move, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)
