"""What preprocessing may vary: the model's picture, the margin round the limb, and how the limb is looked for.

Kept with every trained model, so that a film is cut for it as the films it was trained on were.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CropConfig(BaseModel):
    """How the limb's box is found (`crop.find_limb_box`); lengths are fractions, levels in [0, 1] of the film's range.

    The defaults were set on films of hands and feet on grey and black backgrounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    working_px: int = Field(default=512, ge=128, le=2048)
    """Longest side of the reduced picture that is searched."""
    canny_low: float = Field(default=0.4, gt=0, lt=1)
    """Canny's lower threshold as a fraction of its upper one."""
    canny_share: float = Field(default=0.06, gt=0, lt=1)
    """Share of pixels whose gradient lies above Canny's upper threshold."""
    canny_floor: float = Field(default=12.0, gt=0)
    """Canny's upper threshold is never below this (Sobel steps of 8-bit levels): noise alone makes no limb."""
    closing: float = Field(default=0.015, gt=0, lt=0.2)
    """Diameter of the closing that joins edges to one limb, of the longest side."""
    smallest_area: float = Field(default=0.01, gt=0, lt=1)
    """Components below this share of the film are markers, text and dirt."""
    hand_kept: float = Field(default=0.17, ge=0, lt=0.5)
    """What is kept of the forearm from where the width has fallen to its own (about the wrist), of the length above."""
    foot_kept: float = Field(default=0.0, ge=0, lt=0.5)
    """The same of the lower leg from the ankle."""


class PreprocessingConfig(BaseModel):
    """From a film to the model's picture.

    `width` and `height` in pixels (paper, section 4: 864 x 928; the axis order is this project's reading). `aspect`:
    "keep" grows the box to the picture's shape, "stretch" resizes it, as the paper seems to. `margin` is added round
    the limb's box on each side, as a fraction of its longer side.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=864, ge=32, multiple_of=2)
    height: int = Field(default=928, ge=32, multiple_of=2)
    aspect: Literal["keep", "stretch"] = "keep"
    margin: float = Field(default=0.03, ge=0, le=0.5)
    crop: CropConfig = CropConfig()
