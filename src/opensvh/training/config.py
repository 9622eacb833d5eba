"""What a training run is: model, picture, variation and schedule, from one TOML file or a preset by name.

Which films are trained on is `datamodule`'s; the run itself `experiment`'s.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import opensvh.model
from opensvh.domain.errors import ConfigInvalid
from opensvh.model.config import INPUT_MULTIPLE, ModelConfig
from opensvh.preprocessing.augment import AugmentationConfig
from opensvh.preprocessing.config import PreprocessingConfig

PRESETS = Path(opensvh.model.__file__).parent / "presets"


class TrainingConfig(BaseModel):
    """The schedule: AdamW and OneCycle (paper, section 4); the numbers are this project's.

    The run's length is `steps`, or `epochs` over the training films where `steps` is not given. `batch_size` films go
    through the network at once and `accumulate` such batches make a step. `learning_rate` is OneCycle's maximum.
    `start` is the bundle (a folder, or the name of a shipped one) whose weights the run begins with; empty: random or
    ImageNet's. `start_share` of these weights stays in the model that is kept, what the run learnt has the rest
    (weights before and after fine-tuning averaged: Wortsman et al., CVPR 2022). `average_decay` > 0 keeps a moving
    average of the weights, which is what is validated and shipped.
    `patience`: the run ends early once so many validations brought nothing better. `devices` share the `accumulate`
    batches of a step, and leave the result as it would be on one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str = ""
    start_share: float = Field(default=0.0, ge=0, lt=1)
    mix: Mapping[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    """Folders of further film sets, each with its share of the run's examples; they train and never validate."""
    steps: int | None = Field(default=None, ge=1)
    epochs: float = Field(default=60, gt=0)
    batch_size: int = Field(default=8, ge=1)
    accumulate: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=3e-4, gt=0)
    warmup_share: float = Field(default=0.15, gt=0, lt=1)
    weight_decay: float = Field(default=1e-4, ge=0)
    clip_norm: float = Field(default=5.0, gt=0)
    average_decay: float = Field(default=0.0, ge=0, lt=1)
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """"auto" is bf16 on a GPU and on a CPU with bf16 instructions."""
    patience: int | None = Field(default=None, ge=1)
    devices: int = Field(default=1, ge=1)
    threads: int | None = Field(default=None, ge=1)
    """CPU threads of the network; None takes all."""
    seed: int = Field(default=0, ge=0)
    folds: int = Field(default=8, ge=2)
    """The paper validates on the first of eight folds."""
    validations: int = Field(default=8, ge=1)
    """How often in a run the model is validated, on `validation_films` films, the last time on all."""
    validation_films: int = Field(default=96, ge=1)
    checkpoint_minutes: float = Field(default=5.0, gt=0)
    cache_margin: float = Field(default=0.12, ge=0)
    """What the stored crops hold beyond the model's picture, on each side, of its width and height."""
    cache_density: float = Field(default=1.2, gt=0)
    """Pixels of the stored crops per pixel of the model's picture."""

    @model_validator(mode="after")
    def _leaves_a_share(self) -> Self:
        if sum(self.mix.values()) >= 1:
            raise ValueError(f"mix: the further film sets take {sum(self.mix.values()):g} of all examples; leave some")
        return self

    @model_validator(mode="after")
    def _deals_batches_evenly(self) -> Self:
        if self.accumulate % self.devices:
            raise ValueError(f"{self.devices} devices cannot share the {self.accumulate} batches of a step evenly")
        return self

    @property
    def batches_a_step(self) -> int:
        """Of each device."""
        return self.accumulate // self.devices

    @property
    def lasting(self) -> "TrainingConfig":
        """What of a run may not change while it goes on: not where it runs, nor how often it is stored."""
        usual = TrainingConfig()
        machine = {name: getattr(usual, name) for name in ("devices", "threads", "checkpoint_minutes")}
        return self.model_copy(update=machine)


class Preset(BaseModel):
    """All of a training run; saved resolved with its result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelConfig = ModelConfig()
    preprocessing: PreprocessingConfig = PreprocessingConfig()
    augmentation: AugmentationConfig = AugmentationConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _fits_the_network(self) -> Self:
        width, height = self.preprocessing.width, self.preprocessing.height
        if width % INPUT_MULTIPLE or height % INPUT_MULTIPLE:
            raise ValueError(f"a picture of {width} x {height}; both must be multiples of {INPUT_MULTIPLE}")
        return self


def load_preset(name: str) -> Preset:
    """The preset of a TOML file, or of a name such as `compact`; raises ConfigInvalid."""
    path = Path(name)
    if not path.is_file():
        path = PRESETS / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(preset.stem for preset in PRESETS.glob("*.toml")))
        raise ConfigInvalid(f"{name}: is neither a file nor a preset; give a TOML file or one of {known}")
    try:
        return Preset.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"{path}: is not TOML ({error}); correct it") from error
    except ValidationError as error:
        facts = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ConfigInvalid(f"{path}: {facts}; correct it") from error


def with_training(preset: Preset, **changes: object) -> Preset:
    """The preset with other training values, those that are None left as they are; raises ConfigInvalid."""
    given = {key: value for key, value in changes.items() if value is not None}
    try:
        training = TrainingConfig.model_validate({**preset.training.model_dump(), **given})
    except ValidationError as error:
        facts = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ConfigInvalid(f"training: {facts}; correct it") from error
    return preset.model_copy(update={"training": training})
