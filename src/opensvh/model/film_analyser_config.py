"""What the film analyser's two networks are: sizes of pictures and maps, and what the second one says.

Apart from the networks, so that what only runs them needs no PyTorch.
"""

from pydantic import BaseModel, ConfigDict, Field

FLAGS = ("left", "oblique", "growing", "readable", "foot", "limb")
"""What the second network says yes or no to, as logits; then the digits' direction, x to the right and y down."""
ANSWERS = len(FLAGS) + 2


class FilmAnalyserConfig(BaseModel):
    """Size of picture and network: `widths` channels of the maps at strides 2, 4, 8, 16 and 32."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(default=256, ge=64, multiple_of=32)
    widths: tuple[int, int, int, int, int] = (16, 32, 64, 128, 192)


class LimbLookConfig(BaseModel):
    """Size of picture and network: `widths` channels of the maps at strides 2, 4, 8, 16 and 32.

    `shown`: side of the cut-out, in longer sides of the limb.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side_px: int = Field(default=128, ge=64, multiple_of=32)
    widths: tuple[int, int, int, int, int] = (16, 24, 40, 64, 96)
    shown: float = Field(default=1.15, gt=0.5, lt=3)
    dropout: float = Field(default=0.2, ge=0, lt=1)
