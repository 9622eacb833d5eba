"""Pictures for the training log: each film with the likeliest joints, and with the damage seen at them."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from opensvh.model.pooling import expected_class
from opensvh.training.datamodule import collate
from opensvh.training.module import TrainingModule

HUES = 180
"""OpenCV's range of hues in 8 bit."""
VEIL = 0.45
Picture = NDArray[np.uint8]


def prediction_picture(module: TrainingModule, films: Sequence[int]) -> Picture:
    """Films side by side, BGR: joints above, narrowing and erosion (blue none to red worst) below."""
    batch = collate([module.examples.plain(film) for film in films])
    logits = module.predict(batch.image.to(module.device))
    joint, narrowing, erosion = (maps.float().softmax(dim=1).cpu() for maps in logits)
    columns = []
    for row in range(len(films)):
        likeliest = joint[row].argmax(dim=0).numpy()
        damage = [_share(maps[row]) for maps in (narrowing, erosion)]
        grey = _bgr(batch.image[row, 0].numpy(), likeliest.shape)
        veils = [_joint_colours(likeliest), *(_damage_colours(share) for share in damage)]
        columns.append(np.concatenate([_veiled(grey, veil, likeliest > 0) for veil in veils]))
    return np.concatenate(columns, axis=1)


def _share(maps: torch.Tensor) -> NDArray[np.float32]:
    """Expected class of [classes, h, w] as a share of the highest."""
    share = expected_class(maps.movedim(0, -1)) / (len(maps) - 1)
    return np.asarray(share.numpy(), np.float32)


def _bgr(image: NDArray[np.float32], shape: tuple[int, ...]) -> Picture:
    small = cv2.resize(image, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor((small * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def _joint_colours(joint: NDArray[np.int64]) -> Picture:
    hue = ((joint * 67) % HUES).astype(np.uint8)
    full = np.full_like(hue, 255)
    return np.asarray(cv2.cvtColor(np.stack([hue, full, full], axis=-1), cv2.COLOR_HSV2BGR), np.uint8)


def _damage_colours(share: NDArray[np.float32]) -> Picture:
    return np.asarray(cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_JET), np.uint8)


def _veiled(grey: Picture, veil: Picture, where: NDArray[np.bool_]) -> Picture:
    mixed = cv2.addWeighted(grey, 1 - VEIL, veil, VEIL, 0)
    return np.where(where[..., None], mixed, grey).astype(np.uint8)
