"""What a model is: encoder, decoder, heads, the masks and labels it is trained on, and the weights of its losses.

Kept with the weights, resolved. How it is trained is `training.config`'s, the picture it sees `preprocessing.config`'s.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LabelShape = Literal["local", "gaussian", "binomial"]
STAGES_BY_STRIDE = {1: 5, 2: 4, 4: 3}
"""Decoder stages run for each output stride: the encoder ends at stride 32."""
INPUT_MULTIPLE = 32
"""Width and height of the picture are multiples of this: the encoder halves five times."""


class LossConfig(BaseModel):
    """How much each objective counts (paper, section 3: a simple weighted average).

    `per_joint`: average the damage losses over each joint's pixels first, so that every joint counts the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    joint: float = Field(default=1.0, ge=0)
    narrowing: float = Field(default=1.0, ge=0)
    erosion: float = Field(default=1.0, ge=0)
    per_joint: bool = False


class ModelConfig(BaseModel):
    """The paper's model by default (section 3): EfficientNet-B5, decoder 256-128-64-32-16, r 32, R 40, p 0.1.

    `drop_connect`: share of the encoder's deepest residual blocks left out in training, less of the shallow ones (Tan &
    Le 2019). `pretrained`: "none", "download" (ImageNet weights), or the file of ImageNet weights. `decoder`: width of
    each stage from the deepest on, the first ending at stride 16. `output_stride`: pixels of the picture per pixel of
    the maps; 2 and 4 leave out the last one or two stages. `radius_px` and `outer_radius_px` in pixels of the model's
    picture. `erosion_classes`: 6 halves the feet's scores, 11 takes them as they are. `label_smoothing`: the paper's p.
    `label_shape`: how the mass p lies about the grade (`targets.smoothing`). `damage`: grades as classes, or as one
    number a pixel, by squared error or as the chance of a binomial (`regression`). `coordinates`: without, the first
    convolution takes nothing from the place of a pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: Literal["b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"] = "b5"
    pretrained: str = "none"
    drop_connect: float = Field(default=0.2, ge=0, lt=1)
    decoder: tuple[int, ...] = (256, 128, 64, 32, 16)
    output_stride: Literal[1, 2, 4] = 1
    erosion_classes: Literal[6, 11] = 6
    radius_px: float = Field(default=32.0, gt=0)
    outer_radius_px: float = Field(default=40.0, gt=0)
    label_smoothing: float = Field(default=0.1, ge=0, le=1)
    label_shape: LabelShape = "local"
    damage: Literal["classification", "regression", "binomial"] = "classification"
    coordinates: bool = True
    loss: LossConfig = LossConfig()

    @property
    def stage_widths(self) -> tuple[int, ...]:
        """Widths of the decoder's stages that are run."""
        return self.decoder[: STAGES_BY_STRIDE[self.output_stride]]

    @property
    def map_radii_px(self) -> tuple[float, float]:
        """r and R in pixels of the maps."""
        return self.radius_px / self.output_stride, self.outer_radius_px / self.output_stride

    @model_validator(mode="after")
    def _possible(self) -> Self:
        stages = STAGES_BY_STRIDE[self.output_stride]
        if not stages <= len(self.decoder) <= STAGES_BY_STRIDE[1]:
            raise ValueError(
                f"decoder has {len(self.decoder)} widths; output stride {self.output_stride} needs {stages}"
            )
        if min(self.decoder) < 1:
            raise ValueError("a decoder width is below 1")
        if self.outer_radius_px < self.radius_px:
            raise ValueError(f"outer_radius_px {self.outer_radius_px:g} is below radius_px {self.radius_px:g}")
        if self.pretrained not in ("none", "download") and not Path(self.pretrained).suffix:
            raise ValueError(f"pretrained {self.pretrained!r} is neither none, download nor a file of weights")
        return self
