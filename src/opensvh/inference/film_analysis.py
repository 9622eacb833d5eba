"""Which limbs a film shows, where, which way they lie and which side they show: from its pixels alone.

    analyser = FilmAnalyser()
    for placement in analyser.analyse(film.pixels):
        ...

One network looks at the whole film eight times, by quarter turns and mirrored, and tells where limbs may lie; another
looks at each of them turned upright, both ways round. What tags, names and markers say is `io.identity`'s.
"""

import math
from dataclasses import replace
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import LimbPlacement, Projection, Skeleton
from opensvh.inference.film_analyser_bundle import AnalyserHeader, load_analyser
from opensvh.model.film_analyser_config import FLAGS
from opensvh.preprocessing.overview import Overview, close_up, overview, shrunk
from opensvh.targets.limb_maps import DIRECTION, FIRST_FLAG, OFFSET, SeenLimb, decode_limbs

MARGIN = 0.07
"""Added round a limb on each side, of its longer side: boxes found are a few percent off."""
LOOKS = tuple((quarter_turns, mirror) for quarter_turns in range(4) for mirror in (False, True))
"""How the picture is shown to the network: turned counter-clockwise by quarter turns, then mirrored or not."""
CANDIDATE_SCORE = 0.06
"""A peak this high is looked at closely."""
CLOSE_UP_FROM_PX = 384
"""Longest side of the film that close-ups are cut from: that of the films they were learnt from."""
MOST_CLOSE_UPS, UPRIGHT_DEG = 3, 20.0
"""A limb is looked at anew, turned, until it lies within this angle of upright."""
Maps = NDArray[np.float32]


class LimbNetworks(Protocol):
    """Both networks on whatever runs them: `film_analyser_bundle.AnalyserBundle`, `film_analyser_graphs`."""

    @property
    def header(self) -> AnalyserHeader:
        """How they are used."""

    def maps(self, pictures: Maps) -> Maps:
        """Maps of limbs [looks, 12, side / 8, side / 8] of pictures [looks, 1, side, side], as probabilities."""

    def answers(self, picture: Maps) -> Maps:
        """What a cut-out [side, side] shows: flags as probabilities, then the direction [8]."""


class FilmAnalyser:
    """Both networks, loaded once: the shipped ones in PyTorch unless others are given.

    Raises BundleInvalid where the shipped ones are damaged.
    """

    def __init__(self, networks: LimbNetworks | None = None) -> None:
        self._networks: LimbNetworks = networks or load_analyser()

    @property
    def threshold(self) -> float:
        """The score below which a limb is taken for none."""
        return self._networks.header.threshold

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
        """The limbs of a film as stored [rows, columns] in [0, 1], the surest first; () where there is none."""
        film = Size(pixels.shape[1], pixels.shape[0])
        return tuple(placement_of(limb, film) for limb in self._limbs(pixels) if limb.score >= self.threshold)

    def best_score(self, pixels: NDArray[np.float32]) -> float:
        """The score of the likeliest limb, in [0, 1]: what the threshold is set by."""
        return max((limb.score for limb in self._limbs(pixels)), default=0.0)

    def _limbs(self, pixels: NDArray[np.float32]) -> list[SeenLimb]:
        """All that may be limbs, in pixels of the film, the surest first."""
        seen = overview(pixels, self._networks.header.model.side_px)
        small = shrunk(pixels, CLOSE_UP_FROM_PX)
        limbs = (on_film(limb, seen) for limb in decode_limbs(self._maps(seen.image), CANDIDATE_SCORE))
        return sorted((self._looked_at(limb, small) for limb in limbs), key=lambda limb: -limb.score)

    def _maps(self, image: NDArray[np.float32]) -> Maps:
        """Mean maps [12, rows, columns] of all looks, as probabilities."""
        shown = np.stack([_shown(image, *look) for look in LOOKS])[:, None]
        maps = self._networks.maps(shown)
        return np.asarray(
            np.mean([seen_back(each, *look) for each, look in zip(maps, LOOKS, strict=True)], axis=0), np.float32
        )

    def _looked_at(self, limb: SeenLimb, small: Overview) -> SeenLimb:
        """The limb with what a close look says of it; its score is the geometric mean of both networks'."""
        config = self._networks.header.look
        (centre,) = small.frame.to_model([limb.centre])
        shown = config.shown * max(limb.length, limb.width) * small.frame.scale
        angle = limb.angle_deg
        for _ in range(MOST_CLOSE_UPS):
            image = close_up(small.image, centre, -angle, shown, config.side_px)
            *flags, right, down = self._networks.answers(image).tolist()
            off = math.degrees(math.atan2(right, -down))
            angle += off
            if abs(off) < UPRIGHT_DEG:
                break
        return _told(limb, dict(zip(FLAGS, flags, strict=True)), angle % 360, math.hypot(right, down))


def analyse(pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]:
    """The limbs of a film by the shipped weights (see `FilmAnalyser.analyse`)."""
    return _shipped().analyse(pixels)


def placement_of(limb: SeenLimb, film: Size) -> LimbPlacement:
    """What was seen, as a placement; the limb in pixels of the film."""
    flags = limb.flags
    oblique, growing, left = (flags[name] for name in ("oblique", "growing", "left"))
    return LimbPlacement(
        limb=limb.limb,
        apparent_side=Side.LEFT if left >= 0.5 else Side.RIGHT,
        turn_cw_deg=(360 - limb.angle_deg) % 360,
        box=_box(limb, film),
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


def on_film(limb: SeenLimb, seen: Overview) -> SeenLimb:
    """A limb of the small picture in pixels of the film."""
    (centre,) = seen.frame.to_film([limb.centre])
    scale = seen.frame.scale
    return replace(limb, centre=centre, length=limb.length / scale, width=limb.width / scale)


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


def _told(limb: SeenLimb, flags: dict[str, float], angle_deg: float, steadiness: float) -> SeenLimb:
    """The limb as a close look has it; the kind of limb is both networks' mean."""
    is_crosswise = abs(math.cos(math.radians(angle_deg - limb.angle_deg))) < math.sqrt(0.5)
    length, width = (limb.width, limb.length) if is_crosswise else (limb.length, limb.width)
    first = limb.limb_share if limb.limb is Limb.FOOT else 1 - limb.limb_share
    foot = (first + flags["foot"]) / 2
    return replace(
        limb,
        limb=Limb.FOOT if foot >= 0.5 else Limb.HAND,
        limb_share=max(foot, 1 - foot),
        angle_deg=angle_deg,
        length=length,
        width=width,
        flags=flags,
        score=math.sqrt(limb.score * flags["limb"]),
        steadiness=min(steadiness, 1.0),
    )


def _box(limb: SeenLimb, film: Size) -> Box:
    """The upright box on the film that holds the limb, with a margin, no larger than the film."""
    margin = MARGIN * max(limb.length, limb.width)
    right, down = (abs(each) for each in limb.direction)
    reach = Point(
        (right * limb.length + down * limb.width) / 2 + margin, (down * limb.length + right * limb.width) / 2 + margin
    )
    left, far = _within(limb.centre.x, reach.x, film.width)
    top, low = _within(limb.centre.y, reach.y, film.height)
    return Box(left, top, far, low)


def _within(middle: float, reach: float, most: int) -> tuple[int, int]:
    """First pixel and the one after the last, of at least one on the film."""
    first = min(max(round(middle - reach), 0), most - 1)
    return first, max(min(round(middle + reach) + 1, most), first + 1)
