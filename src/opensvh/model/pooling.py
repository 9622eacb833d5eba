"""Per-pixel maps -> one distribution a joint: damage averaged with the joint's probability as weight.

Paper, section 3: "a weighted average, using the softmax predictions produced by the model as weights".
"""

import torch
from torch import Tensor

LEAST_MASS = 1e-6


def pool_scores(joint: Tensor, scores: Tensor) -> Tensor:
    """Mean score distribution of each joint class: [..., 22, h, w] and [..., K, h, w] probabilities -> [..., 22, K].

    Row 0 is the background's and means nothing.
    """
    weights, values = joint.flatten(-2), scores.flatten(-2)
    return weights @ values.transpose(-1, -2) / joint_mass(joint)[..., None]


def joint_mass(joint: Tensor) -> Tensor:
    """Probability of each class summed over the pixels: [..., 22, h, w] -> [..., 22], px."""
    return joint.flatten(-2).sum(dim=-1).clamp(min=LEAST_MASS)


def expected_class(probabilities: Tensor) -> Tensor:
    """[..., K] -> [...]: the expectation of the class, in [0, K - 1]."""
    classes = torch.arange(probabilities.shape[-1], device=probabilities.device, dtype=probabilities.dtype)
    return probabilities @ classes
