"""Which limbs a film shows, where, which way they lie and which side they show: from its pixels alone.

    analyser = FilmAnalyser()
    for placement in analyser.analyse(film.pixels):
        ...

Looks at the whole film eight times, by quarter turns and mirrored, and takes the mean. What tags, names and markers say
is `io.identity`'s.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Box, Frame, Point
from opensvh.domain.placement import LimbPlacement, Projection, Skeleton
from opensvh.inference.film_analyser_bundle import AnalyserBundle, load_analyser
from opensvh.model.film_analyser import probabilities
from opensvh.preprocessing.overview import overview
from opensvh.targets.limb_maps import DIRECTION, FIRST_FLAG, OFFSET, SeenLimb, decode_limbs

MARGIN = 0.07
"""Added round a limb on each side, of its longer side: boxes found are a few percent off."""
LOOKS = tuple((quarter_turns, mirror) for quarter_turns in range(4) for mirror in (False, True))
"""How the picture is shown to the network: turned counter-clockwise by quarter turns, then mirrored or not."""
Maps = NDArray[np.float32]


class FilmAnalyser:
    """A network with its weights, loaded once: the shipped one unless another is given.

    Raises BundleInvalid where the shipped one is damaged.
    """

    def __init__(self, bundle: AnalyserBundle | None = None) -> None:
        self._bundle = bundle or load_analyser()

    @property
    def threshold(self) -> float:
        """The score below which a limb is taken for none."""
        return self._bundle.header.threshold

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
        """The limbs of a film as stored [rows, columns] in [0, 1], the surest first; () where there is none."""
        seen = overview(pixels, self._bundle.header.model.side_px)
        limbs = decode_limbs(self._maps(seen.image), self.threshold)
        film = Box(0, 0, pixels.shape[1], pixels.shape[0])
        return tuple(placement_of(limb, seen.frame, film) for limb in limbs)

    def best_score(self, pixels: NDArray[np.float32]) -> float:
        """The score of the likeliest limb, in [0, 1]: what the threshold is set by."""
        image = overview(pixels, self._bundle.header.model.side_px).image
        return float(self._maps(image)[:2].max())

    def _maps(self, image: NDArray[np.float32]) -> Maps:
        """Mean maps [12, rows, columns] of all looks, as probabilities."""
        shown = np.stack([_shown(image, *look) for look in LOOKS])[:, None]
        with torch.inference_mode():
            maps = probabilities(self._bundle.network(torch.from_numpy(shown))).numpy()
        return np.asarray(
            np.mean([seen_back(each, *look) for each, look in zip(maps, LOOKS, strict=True)], axis=0), np.float32
        )


def analyse(pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
    """The limbs of a film by the shipped weights (see `FilmAnalyser.analyse`)."""
    return _shipped().analyse(pixels)


def placement_of(limb: SeenLimb, frame: Frame, film: Box) -> LimbPlacement:
    """What was seen in the small picture, on the film; `frame` maps the film's pixels to the picture's."""
    flags = limb.flags
    oblique, growing, left = (flags[name] for name in ("oblique", "growing", "left"))
    return LimbPlacement(
        limb=limb.limb,
        apparent_side=Side.LEFT if left >= 0.5 else Side.RIGHT,
        turn_cw_deg=(360 - limb.angle_deg) % 360,
        box=_box(limb, frame, film),
        projection=Projection.OBLIQUE if oblique >= 0.5 else Projection.FRONTAL,
        skeleton=Skeleton.GROWING if growing >= 0.5 else Skeleton.ADULT,
        confidence={
            "found": limb.score,
            "limb": limb.limb_share,
            "side": max(left, 1 - left),
            "turn": limb.steadiness,
            "projection": max(oblique, 1 - oblique),
            "skeleton": max(growing, 1 - growing),
            "readable": flags["readable"],
        },
    )


def seen_back(maps: Maps, quarter_turns: int, mirror: bool) -> Maps:
    """Maps [12, rows, columns] of a picture that was turned and mirrored, as those of the picture itself."""
    back = maps.copy()
    if mirror:
        back = np.ascontiguousarray(back[:, :, ::-1])
        back[[OFFSET.start, DIRECTION.start]] *= -1
        back[FIRST_FLAG] = 1 - back[FIRST_FLAG]
    for _ in range(quarter_turns):
        back = np.ascontiguousarray(np.rot90(back, -1, axes=(1, 2)))
        for vector in (OFFSET, DIRECTION):
            right, down = back[vector].copy()
            back[vector] = np.stack([-down, right])
    return back


@cache
def _shipped() -> FilmAnalyser:
    return FilmAnalyser()


def _shown(image: NDArray[np.float32], quarter_turns: int, mirror: bool) -> NDArray[np.float32]:
    turned = np.rot90(image, quarter_turns)
    return turned[:, ::-1] if mirror else turned


def _box(limb: SeenLimb, frame: Frame, film: Box) -> Box:
    """The upright box on the film that holds the limb, with a margin, no larger than the film."""
    margin = MARGIN * max(limb.length, limb.width)
    right, down = limb.direction
    wide, high = abs(right) * limb.length + abs(down) * limb.width, abs(down) * limb.length + abs(right) * limb.width
    x, y = limb.centre
    corners = [
        Point(x + across * (wide / 2 + margin), y + along * (high / 2 + margin)) for across, along in ((-1, -1), (1, 1))
    ]
    (left, top), (far, low) = frame.to_film(corners)
    left, top = max(round(left), film.left), max(round(top), film.top)
    return Box(
        min(left, film.right - 1),
        min(top, film.bottom - 1),
        max(min(round(far) + 1, film.right), left + 1),
        max(min(round(low) + 1, film.bottom), top + 1),
    )
