"""Colours with a meaning, in one place: grades from quiet to alarming, and one hue a joint class.

Grades run through one warm scale of falling lightness, so that they keep their order in grey and for colour-blind eyes.
"""

import colorsys

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import JOINT_CLASSES

Colour = tuple[int, int, int]

NORMAL: Colour = (126, 196, 193)
UNSCORED: Colour = (150, 156, 166)
GRADES: tuple[Colour, ...] = ((253, 228, 150), (251, 190, 92), (243, 143, 58), (224, 88, 45), (186, 43, 54))
"""From the first grade of damage to the highest; all but the last carry dark text (contrast above 4.5)."""

GRADE_INK: Colour = (36, 26, 16)
"""Of letters on all grades but the highest, which has white ones."""


def grade_step(share: float | None) -> int | None:
    """0 for normal, 1..5 for a grade as a share of the site's maximum, None where there is no score."""
    if share is None:
        return None
    return 0 if share <= 0 else min(len(GRADES), max(1, int(share * len(GRADES) + 0.5)))


def grade_colour(share: float | None) -> Colour:
    """RGB of a grade as a share of the site's maximum."""
    step = grade_step(share)
    if step is None:
        return UNSCORED
    return NORMAL if step == 0 else GRADES[step - 1]


def ink_on_grade(step: int) -> Colour:
    """RGB of letters on a step of damage, 1 to 5."""
    return (255, 255, 255) if step == len(GRADES) else GRADE_INK


def hexadecimal(colour: Colour) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _smooth_scale() -> NDArray[np.uint8]:
    stops = np.array([NORMAL, *GRADES], float)
    at = np.linspace(0, len(stops) - 1, 256)
    return np.stack([np.interp(at, range(len(stops)), stops[:, channel]) for channel in range(3)], 1).astype(np.uint8)


def _joint_colours() -> NDArray[np.uint8]:
    # Steps of the golden angle: classes that lie side by side get hues far apart.
    hues = [(0.55 + 0.381966 * index) % 1 for index in range(len(JOINT_CLASSES))]
    colours = [(0.0, 0.0, 0.0), *(colorsys.hls_to_rgb(hue, 0.62, 0.75) for hue in hues)]
    return (np.array(colours) * 255).astype(np.uint8)


SCALE = _smooth_scale()
"""RGB [256, 3] from no damage to the highest grade."""
JOINT_COLOURS = _joint_colours()
"""RGB [22, 3]: background, then the joint classes."""
