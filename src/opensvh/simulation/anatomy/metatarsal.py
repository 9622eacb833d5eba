"""The shapes of the five metatarsals: a slim shaft, a wedge-shaped base, and a head of its own in each.

The lesser heads are narrow and deep, round from the side, notched behind the joint surface, with tubercles of unequal
size behind the notch, in several forms (`HeadForm`); the first is square, with two grooves for the sesamoids on its
sole side and the crista between them; the fifth has its styloid process. Widths follow the marked real films (relative
to the distance between MTP 1 and MTP 5); lengths are near FACTS.md, section 6.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.simulation.anatomy.bones import CORTEX_STEPS, MARGIN_MM, BoneShape, dome
from opensvh.simulation.anatomy.distance_fields import Field, evened, grid, smooth_max
from opensvh.simulation.anatomy.solids import Solid, distance_to, united


@dataclass(frozen=True)
class HeadForm:
    """What the sides of a head look like on the picture; mm.

    The `tubercles` of the collateral ligaments stand out towards the hallux and away from it, their middle `behind` the
    end of the head; a notch of `notch` before them bounds the joint surface. `cap` is a factor on the radius of the
    head's outline (a larger one is flatter), `reach` one on its length; `waist` says how abruptly it falls to the neck
    (share of that length).
    """

    tubercles: tuple[float, float]
    behind: float
    notch: float
    cap: float = 1.0
    reach: float = 1.0
    waist: float = 0.2


FIRST = HeadForm((0.9, 0.9), 9.45, 0.0, waist=0.3)
LESSER: tuple[HeadForm, ...] = (
    HeadForm((1.2, 1.4), 8.6, 0.35),
    HeadForm((0.7, 2.0), 8.2, 0.5, 1.1, 0.95, 0.16),
    HeadForm((1.7, 0.9), 9.4, 0.25, 0.95, 1.05, 0.22),
    HeadForm((1.6, 1.7), 9.0, 0.6, 1.2, 1.0, 0.15),
    HeadForm((0.6, 0.9), 7.6, 0.2, 0.95, 0.92, 0.24),
)
"""Forms of the second to fourth head: from 0.6 to 2 mm, by eye on 24 real feet; one of them a person and digit."""
FIFTH: tuple[HeadForm, ...] = (
    HeadForm((0.5, 1.6), 7.4, 0.3),
    HeadForm((0.8, 2.2), 7.0, 0.5, 1.1, 1.0, 0.17),
    HeadForm((0.3, 1.2), 8.0, 0.2, 0.95, 1.05, 0.24),
    HeadForm((0.9, 1.8), 7.6, 0.4, 1.0, 0.95, 0.16),
)
"""Forms of the fifth, whose side away from the hallux stands out further."""
_FORMS: dict[str, tuple[HeadForm, ...]] = {"mt1": (FIRST,), "mt5": FIFTH}


@dataclass(frozen=True)
class Metatarsal:
    """Measures in mm: length, then width (x) and depth (z) of base, shaft and head.

    `cap` is the radius of the head's outline on the picture and `roll` its radius from the side, in half widths and
    half depths; `form` is what stands out behind it; `wedge` is the part by which the base narrows towards
    the sole; `slope` tilts the base plane (mm per mm across); the flares of base and head `reach` so far, in shares of
    the length; `crista` is 1 where two grooves for sesamoids lie under the head.
    """

    length: float
    width: tuple[float, float, float]
    depth: tuple[float, float, float]
    cap: float = 1.25
    roll: float = 1.05
    wedge: float = 0.25
    slope: float = 0.0
    reach: tuple[float, float] = (0.23, 0.098)
    crista: float = 0.0
    form: HeadForm = FIRST
    bow: float = 0.025
    cortex: float = 0.26
    overlap_mm: float = 3.0


METATARSALS: dict[str, Metatarsal] = {
    "mt1": Metatarsal(
        60.0, (20.0, 11.4, 18.2), (27.0, 13.5, 19.5), 1.25, 1.1, 0.1, 0.12, (0.23, 0.175), crista=1.0, cortex=0.2
    ),
    "mt2": Metatarsal(73.0, (15.4, 6.6, 9.9), (19.0, 8.4, 14.5), 1.1, slope=0.08),
    "mt3": Metatarsal(69.0, (14.4, 6.2, 9.5), (19.0, 8.4, 14.5), 1.1, slope=-0.10),
    "mt4": Metatarsal(67.0, (14.0, 6.3, 9.7), (17.5, 8.2, 13.5), 1.1, slope=-0.14),
    "mt5": Metatarsal(65.0, (17.0, 7.2, 10.6), (13.5, 7.6, 12.5), 1.1, wedge=0.1, slope=0.35, reach=(0.26, 0.108)),
}

STYLOID = Solid((-7.4, -1.0, 1.0), (4.8, 9.5, 5.0), (0.0, 0.0, -26.0), 2.2)
"""The process at the lateral side of the base of metatarsal 5, of the left foot."""


def head_forms(name: str) -> tuple[HeadForm, ...]:
    """The forms that the head of a metatarsal may have, each as often as the others."""
    return _FORMS.get(name, LESSER)


def metatarsal(name: str, form: int = 0) -> BoneShape:
    """Volume of a metatarsal of the left foot with one of its `head_forms`.

    Its base lies `overlap_mm` below y = 0, where the tarsus cuts it.
    """
    measures = replace(METATARSALS[name], form=head_forms(name)[form])
    half = (max(measures.width) / 2 + MARGIN_MM + 1.5, max(measures.depth) / 2 + MARGIN_MM + 2.5)
    left = half[0] + (4.0 if name == "mt5" else 0.0)
    lowest = -measures.overlap_mm - 2.0 - abs(measures.slope) * max(measures.width) / 2
    x, y, z, origin = grid(
        (-left, min(lowest, -18.0 if name == "mt5" else 0.0), -half[1]), (half[0], measures.length + MARGIN_MM, half[1])
    )
    distance = _body(measures, x, y, z)
    if name == "mt5":
        distance = united([distance, distance_to(STYLOID, x, y, z)], 2.0)
    return BoneShape(
        evened(distance),
        origin,
        measures.length,
        measures.width[2],
        _cortex(measures),
        0.28,
        0.03,
        waist=_waist(measures),
        coarse=True,
    )


def _body(measures: Metatarsal, x: Field, y: Field, z: Field) -> Field:
    along = np.clip(y / measures.length, -0.1, 1.1)
    near_base, near_head = _flares(measures, along)
    across = _flared(measures.width, near_base, near_head)
    deep = _flared(measures.depth, near_base, near_head)
    across = across + _sides(measures, x, y, z)
    arch = measures.bow * measures.length * 4 * along * (1 - along)
    lowered = z + arch
    across = across * (1 - measures.wedge * near_base * np.clip(lowered / deep, -1, 1))
    deep = deep * (1 - _grooves(measures, x, lowered) * near_head)
    level = (np.abs(x / across) ** 2.4 + np.abs(lowered / deep) ** 2.4) ** (1 / 2.4)
    radius = np.hypot(x, lowered)
    side = np.maximum(radius - radius / np.maximum(level, 0.05), -np.minimum(across, deep))
    base = -measures.overlap_mm + measures.slope * x - y
    return smooth_max(smooth_max(side, base, 0.6), y - _head_surface(measures, x, z), 0.9)


def _flares(measures: Metatarsal, along: Field) -> tuple[Field, Field]:
    """How much of base and head is left at a share of the length; a head has a plateau before it falls to the neck."""
    near_base = np.exp(-((np.clip(along, 0, None) / measures.reach[0]) ** 2))
    reach = measures.reach[1] * measures.form.reach
    near_head = 1 / (1 + np.exp((1 - along - 1.5 * reach) / (measures.form.waist * reach)))
    return near_base, near_head


def _flared(ends: tuple[float, float, float], near_base: Field, near_head: Field) -> Field:
    base, shaft, head = ends
    return (shaft + (base - shaft) * near_base + (head - shaft) * near_head) / 2


def _sides(measures: Metatarsal, x: Field, y: Field, z: Field) -> Field:
    """What tubercles and notches add to the half width of each side, on the upper half of the head."""
    form = measures.form
    medial = 1 / (1 + np.exp(-x / 0.8))
    height = form.tubercles[1] + (form.tubercles[0] - form.tubercles[1]) * medial
    behind = measures.length - y - form.behind
    width = 0.24 * measures.width[2]
    ridge = height * np.exp(-((behind / width) ** 2)) - form.notch * np.exp(-(((behind + 1.5 * width) / 1.3) ** 2))
    upper = 1 / (1 + np.exp((z - 0.15 * measures.depth[2]) / 1.2))
    return np.asarray(ridge * upper)


def _grooves(measures: Metatarsal, x: Field, z: Field) -> Field:
    """Share of the depth taken away under the head by the grooves of the two sesamoids."""
    beside = np.abs(2 * x / measures.width[2]) - 0.5
    return np.asarray(0.22 * measures.crista * np.exp(-((beside / 0.26) ** 2)) * (z > 0))


def _head_surface(measures: Metatarsal, x: Field, z: Field) -> Field:
    """Height of the joint surface: a circle on the picture, one from the side."""
    cap, roll = measures.cap * measures.form.cap * measures.width[2] / 2, measures.roll * measures.depth[2] / 2
    return np.asarray(measures.length - cap * dome(x / cap, 1.0) - roll * dome(z / roll, 1.0))


def _waist(measures: Metatarsal) -> NDArray[np.float32]:
    along = np.arange(0.0, measures.length + 1) / measures.length
    width = _flared(measures.width, *_flares(measures, along))
    return np.asarray(width / width.mean(), np.float32)


def _cortex(measures: Metatarsal) -> NDArray[np.float32]:
    """Thin under the joints, most so in the lesser heads, thick at mid-shaft; in mm over the length."""
    along = (np.arange(CORTEX_STEPS) + 0.5) / CORTEX_STEPS
    end = np.where((along > 0.5) & (measures.form is not FIRST), 0.35, 0.5)
    middle = measures.cortex * measures.width[1]
    return np.asarray(end + (middle - end) * np.exp(-(np.abs((along - 0.5) / 0.3) ** 3)), dtype=np.float32)
