"""The tubular bones of a hand from tables of measures; which joints they form is `hand`'s.

Lengths follow ratios to the third metacarpal measured on 910 annotated hands; widths and depths are our own choice of
round figures, tuned by eye against radiographs, the heads (`KNUCKLES`) and the substance against the tuning half of the
marked real hands.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from opensvh.simulation.anatomy.bones import BoneShape, Substance, Tube, tubular
from opensvh.simulation.anatomy.knuckles import Fossa, Knuckle, varied

TUBES: dict[str, Tube] = {
    "mc1": Tube(46.0, (15.0, 9.6, 14.4), (14.0, 8.4, 12.5), "ball", 0.22, 2.4, 0.0, 0.24, 0.24),
    "mc2": Tube(67.0, (16.0, 9.0, 14.8), (16.0, 8.6, 14.5), "ball", 0.25, 3.8, 0.12, 0.17, 0.24),
    "mc3": Tube(65.0, (13.6, 8.5, 14.2), (16.0, 8.4, 14.5), "ball", 0.25, 3.8, 0.10, 0.17, 0.24),
    "mc4": Tube(57.0, (12.0, 7.1, 12.8), (14.0, 7.2, 13.2), "ball", 0.25, 3.8, -0.05, 0.17, 0.24),
    "mc5": Tube(52.2, (14.2, 7.5, 12.2), (12.5, 7.0, 12.5), "ball", 0.25, 3.8, -0.2, 0.25, 0.22),
    "pp1": Tube(30.3, (16.0, 8.6, 11.8), (11.5, 6.8, 8.2), "condyles", 0.20, 3.4, 0.0, 0.25),
    "pp2": Tube(38.8, (16.6, 9.3, 11.9), (12.5, 6.9, 8.2), "condyles", 0.21, 3.4, 0.0, 0.21),
    "pp3": Tube(44.4, (17.2, 9.7, 12.4), (13.0, 7.1, 8.6), "condyles", 0.21, 3.4, 0.0, 0.21),
    "pp4": Tube(41.4, (15.8, 8.9, 11.4), (12.0, 6.7, 8.0), "condyles", 0.21, 3.4, 0.0, 0.21),
    "pp5": Tube(31.4, (14.0, 7.6, 9.8), (10.8, 5.9, 6.8), "condyles", 0.21, 3.4, 0.0, 0.21),
    "mp2": Tube(23.2, (13.8, 8.1, 10.4), (9.8, 5.7, 6.0), "condyles", 0.20, 2.6, 0.0, 0.24),
    "mp3": Tube(28.1, (14.4, 8.7, 11.2), (10.2, 6.1, 6.4), "condyles", 0.20, 2.6, 0.0, 0.24),
    "mp4": Tube(26.6, (13.6, 8.1, 10.4), (9.8, 5.7, 6.0), "condyles", 0.20, 2.6, 0.0, 0.24),
    "mp5": Tube(18.5, (11.6, 7.0, 9.1), (8.2, 4.9, 5.2), "condyles", 0.20, 2.6, 0.0, 0.24),
    "dp1": Tube(22.0, (13.8, 6.8, 9.8), (8.5, 5.1, 4.6), "tuft", 0.18, 1.2, 0.0, 0.26, 0.24),
    "dp2": Tube(16.6, (11.0, 5.1, 8.3), (6.6, 4.1, 3.6), "tuft", 0.18, 1.0, 0.0, 0.26, 0.24),
    "dp3": Tube(17.9, (11.6, 5.3, 8.9), (6.8, 4.3, 3.8), "tuft", 0.18, 1.0, 0.0, 0.26, 0.24),
    "dp4": Tube(17.9, (11.2, 5.2, 8.7), (6.6, 4.2, 3.8), "tuft", 0.18, 1.0, 0.0, 0.26, 0.24),
    "dp5": Tube(15.8, (9.6, 4.7, 7.3), (5.8, 3.7, 3.4), "tuft", 0.18, 1.0, 0.0, 0.26, 0.24),
}

KNUCKLES: dict[str, Knuckle] = {
    "mc": Knuckle(
        (Fossa(0.56, 5.2, (5.0, 11.5), -0.04), Fossa(0.46, 5.0, (5.0, 10.5), -0.02)),
        widest_mm=7.5,
        flare_mm=(12.0, 4.5),
    ),
    "pp": Knuckle((Fossa(0.63, 3.2, (5.0, 13.0), 0.3, 0.03),) * 2, 5.8, (4.4, 1.9), recess=(6.6, 1.7)),
    "mp": Knuckle((Fossa(0.66, 2.6, (4.5, 11.0), 0.3, 0.03),) * 2, 4.6, (3.8, 1.7), recess=(5.2, 1.3)),
}
"""Heads by the first letters of a bone's name; the radial fossa of a metacarpal is the deeper one."""
SUBSTANCES: dict[str, Substance] = {
    "mc": Substance((0.42, 0.35), (0.18, 0.18), (0.34, 4.0), coarse=True),
    "pp": Substance(plates_mm=(0.46, 0.4), spongy=(0.19, 0.24), cortex_to_head=(0.33, 6.0), marrow=0.3),
    "mp": Substance(plates_mm=(0.36, 0.35), spongy=(0.12, 0.24), cortex_to_head=(0.32, 6.0), marrow=0.2),
}
CORNERS_MM = {"pp": 1.4, "mp": 1.6}
LOOKS = 4
"""A bone with a knuckle is made in as many variants, drawn bone by bone."""


def shapes() -> dict[str, BoneShape]:
    """Every bone at its reference size, in the first of its variants."""
    return {name: _shape(name, 0) for name in TUBES}


def drawn_shape(name: str, rng: np.random.Generator) -> BoneShape:
    """A bone at its reference size, in one of its variants."""
    return _shape(name, int(rng.integers(LOOKS)) if _is_finger(name) else 0)


@lru_cache(maxsize=LOOKS * len(TUBES))
def _shape(name: str, look: int) -> BoneShape:
    """Built once a process."""
    kind, tube = name[:2], TUBES[name]
    if not _is_finger(name):
        return tubular(tube)
    knuckle = varied(KNUCKLES[kind], np.random.default_rng([look, list(TUBES).index(name)]))
    substance, corner = SUBSTANCES.get(kind, tube.substance), CORNERS_MM.get(kind, tube.corner_mm)
    return tubular(replace(tube, knuckle=knuckle, substance=substance, corner_mm=corner))


def _is_finger(name: str) -> bool:
    """Whether a bone has a head of `KNUCKLES`: the thumb, seen from its side, shows none of their fossae."""
    return name[:2] in KNUCKLES and not name.endswith("1")
