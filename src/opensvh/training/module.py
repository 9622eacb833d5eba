"""What Lightning runs: a step's losses, the moving average of the weights, the optimiser, a validation's figures.

Data come from `datamodule`; the run around it is `experiment`'s.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from opensvh.domain.errors import ConfigInvalid
from opensvh.model.encoder import FIRST_CONVOLUTION
from opensvh.model.heads import Logits
from opensvh.model.losses import Losses, Targets, svh_losses
from opensvh.model.network import SvHNet, channels_last
from opensvh.model.regression import CurveName, RegressionHeads, plain_heads, regression_heads, regression_losses
from opensvh.training.config import Preset, TrainingConfig
from opensvh.training.datamodule import Batch
from opensvh.training.dataset import FilmExamples
from opensvh.training.devices import JoinedStatistics
from opensvh.training.lean import without_padding_copies
from opensvh.training.validation import Validation, share_of_mean

Tensors = tuple[Tensor, ...] | list[Tensor]
HEAD_CURVES: dict[str, CurveName] = {"regression": "bell", "binomial": "binomial"}
"""What the number of a head that gives one means."""
SEED_STRIDE = 1_000_003
"""Runs of other seeds draw other numbers in each of their steps."""


class TrainingModule(LightningModule):
    """The network in training, from the weights of `start`. `new_validation` makes an empty collector of figures."""

    def __init__(
        self,
        preset: Preset,
        steps: int,
        examples: FilmExamples,
        new_validation: Callable[[], Validation],
        start: Mapping[str, Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.preset, self.steps, self.examples = preset, steps, examples
        self.network = channels_last(network_in_training(preset, start))
        without_padding_copies(self.network)
        self._losses = regression_losses if preset.model.damage == "regression" else svh_losses
        decay = preset.training.average_decay
        self.average = AveragedModel(self.network, multi_avg_fn=_averaging(decay), use_buffers=True) if decay else None
        if self.average is not None:
            self.average.requires_grad_(False)  # or devices would wait for its gradients
        self._statistics: JoinedStatistics | None = None
        self.figures: dict[str, float] = {}
        self._new_validation = new_validation
        self._validation: Validation | None = None

    @property
    def shipped(self) -> SvHNet:
        """The network that is validated and kept: the averaged one where there is one."""
        network = self.network if self.average is None else self.average.module
        assert isinstance(network, SvHNet)
        return network

    def training_step(self, batch: Batch, number: int) -> Tensor:
        # Drop-connect draws from torch's generator: seeded by the step, a resumed run draws what the first would have.
        with torch.random.fork_rng():
            torch.manual_seed(self.preset.training.seed * SEED_STRIDE + batch.number)
            logits = self.network(batch.image)
        losses = self._losses(logits, batch.targets, self.preset.model.loss)
        if not torch.isfinite(losses.total):  # before its gradient can spoil the weights
            raise FloatingPointError(f"the loss of step {self.global_step + 1} is not finite")
        self._log_losses(losses)
        return losses.total

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        # Not in a hook after the batch: a checkpoint written in such a hook would lack this step's average.
        super().optimizer_step(*args, **kwargs)
        if self._statistics is not None:
            self._statistics.join()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def on_train_start(self) -> None:
        if self.trainer.world_size > 1:
            self._statistics = JoinedStatistics(self.network, self.preset.training.batches_a_step)

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        # Lightning refuses to clip for a fused optimiser under bf16, for a loss scaler that bf16 does without.
        if gradient_clip_val:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), gradient_clip_val)

    def on_validation_epoch_start(self) -> None:
        self._validation = self._new_validation()

    def validation_step(self, batch: Batch, number: int) -> None:
        if self._validation is not None:
            self._validation.add(self.predict(batch.image), batch.films)

    def on_validation_epoch_end(self) -> None:
        if self._validation is None:
            return
        self.figures = self._validation.figures()
        self.log_dict({f"validation/{name}": value for name, value in self.figures.items()})
        self.log("validation/share_of_mean", share_of_mean(self.figures))

    def predict(self, image: Tensor) -> Logits:
        """The shipped network's logits, without gradients, in eval mode."""
        network = self.shipped.eval()
        with torch.no_grad():
            logits: Logits = network(image)
        self.network.train(self.training)
        return logits

    def configure_optimizers(self) -> Any:
        config = self.preset.training
        optimizer = torch.optim.AdamW(
            _with_and_without_decay(self.network, config.weight_decay), lr=config.learning_rate, fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=config.learning_rate, total_steps=self.steps, pct_start=_warmup(config, self.steps)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        return batch._replace(
            image=batch.image.to(device), targets=Targets(*(each.to(device) for each in batch.targets))
        )

    def _log_losses(self, losses: Losses) -> None:
        self.log("loss", losses.total.detach(), prog_bar=True, batch_size=1)
        parts = {"joint": losses.joint, "narrowing": losses.narrowing, "erosion": losses.erosion}
        self.log_dict({f"loss/{name}": value.detach() for name, value in parts.items()}, batch_size=1)


def network_in_training(preset: Preset, start: Mapping[str, Tensor] | None = None) -> SvHNet:
    """A run's network at its first step: with heads for regression where wanted, and blind to places where told so."""
    network = seeded_network(preset) if start is None else started_network(preset, start)
    if preset.model.damage != "classification":
        with torch.random.fork_rng():
            torch.manual_seed(preset.training.seed)
            network.heads = regression_heads(network.heads, HEAD_CURVES[preset.model.damage])  # type: ignore[assignment]
    if not preset.model.coordinates:
        _forget_places(network)
    return network


def plain_weights(network: SvHNet) -> dict[str, Tensor]:
    """The network's weights (a state_dict) as any `SvHNet` takes them, whatever heads it was trained with."""
    state = {name: weight for name, weight in network.state_dict().items() if not name.startswith("heads.")}
    heads: nn.Module = network.heads
    plain = plain_heads(heads) if isinstance(heads, RegressionHeads) else heads
    return {**state, **{f"heads.{name}": weight for name, weight in plain.state_dict().items()}}


def _forget_places(network: SvHNet) -> None:
    """Without CoordConv: what the first convolution takes of x and y is nothing and stays nothing."""
    weight = network.encoder.get_parameter(FIRST_CONVOLUTION)
    seen = torch.zeros_like(weight)
    seen[:, 0] = 1
    with torch.no_grad():
        weight.mul_(seen)
    weight.register_hook(lambda gradient: gradient * seen.to(gradient.device))  # type: ignore[no-untyped-call]


def seeded_network(preset: Preset) -> SvHNet:
    """A network whose random weights are the seed's; the caller's randomness is left alone."""
    with torch.random.fork_rng():
        torch.manual_seed(preset.training.seed)
        return SvHNet(preset.model)


def started_network(preset: Preset, weights: Mapping[str, Tensor]) -> SvHNet:
    """A network with the weights of the bundle the preset starts from; raises ConfigInvalid where they do not fit."""
    own = preset.model.model_copy(update={"pretrained": "none"})
    network = seeded_network(preset.model_copy(update={"model": own}))
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        fact = str(error).splitlines()[1].strip()
        raise ConfigInvalid(
            f"{preset.training.start}: its weights do not fit this network ({fact}); start from a bundle of the same "
            "encoder, decoder, output stride and erosion classes"
        ) from error
    return network


def keep_of_start(network: SvHNet, start: Mapping[str, Tensor], share: float) -> None:
    """Draw a trained network's weights and statistics back towards those it began with: `share` of the way, in [0, 1).

    Models begun from the same weights lie in one valley, and their mean may be better than either on films that
    neither was trained on (Wortsman et al., CVPR 2022).
    """
    with torch.no_grad():
        for name, weight in network.state_dict().items():
            if share and weight.is_floating_point():
                weight.lerp_(start[name].to(weight.dtype), share)


def _warmup(config: TrainingConfig, steps: int) -> float:
    """The schedule's rising part; of exactly one step it would be a division by zero."""
    share = config.warmup_share
    return share if abs(share * steps - 1) > 1e-3 else share + 1e-2 / steps


def _averaging(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """Exponential average that forgets the first steps faster: after n steps about the last n / 10 of them count."""

    def average(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
        number = float(count)
        keep = min(decay, (1 + number) / (10 + number))
        if averaged[0].is_floating_point():  # all of one type
            torch._foreach_lerp_(list(averaged), list(current), 1 - keep)
            return
        for mean, new in zip(averaged, current, strict=True):
            mean.copy_(new)

    return average


def _with_and_without_decay(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weights are drawn to zero, biases and normalisation are not."""
    matrices = [weight for weight in network.parameters() if weight.ndim > 1]
    vectors = [weight for weight in network.parameters() if weight.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
