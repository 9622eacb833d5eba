"""A joint's patch becomes logits for each joint class."""

import pytest
import torch
from pydantic import ValidationError

from opensvh.model.patch_classifier import PatchConfig, PatchNet


def test_a_patch_gives_logits_for_every_joint_class() -> None:
    network = PatchNet(PatchConfig(classes=6)).eval()
    with torch.no_grad():
        logits = network(torch.rand(3, 1, 64, 64))
    assert logits.shape == (3, 22, 6)
    assert not torch.equal(logits[0, 1], logits[0, 2])


def test_a_side_that_the_encoder_cannot_halve_is_refused() -> None:
    with pytest.raises(ValidationError, match="32"):
        PatchConfig(side_px=60)
