"""What the levels about the joints tell of a film's worth: clipped or empty, metal over a joint, a cast on the wrist.

Measured on the upright picture of `quality_picture`. Thresholds were set on the tuning half of the hand-marked real
films (7 hands, 12 feet), on 101 hands of the pool told apart by eye (8 with a cast), and on simulated implants.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from opensvh.domain.anatomy import Limb
from opensvh.domain.reading import Status
from opensvh.inference.quality_findings import Code, Finding, Severity, sites_at
from opensvh.inference.quality_picture import LIMB_PX, LimbPicture

Discs = Mapping[str, NDArray[np.float32]]
"""Levels about each joint."""

JOINT_RADIUS = 0.03
"""Of a joint's neighbourhood, in limb lengths: 6 mm of a hand."""
FEWEST_PIXELS = 50
WHITE, BLACK = 0.985, 0.015
"""Levels beyond are clipped."""
CLIPPED_SHARE = 0.5
"""A joint with more of its neighbourhood clipped cannot be read; real films have none clipped."""
CLIPPED_JOINTS = 0.5
"""With more of its joints clipped a film is not scored."""
LEAST_CONTRAST = 0.02
"""Least range (5th to 95th percentile) of levels about the median joint; real films have 0.09 to 0.37."""
METAL_LEVEL = 2.0
"""Metal is this far above the background, the median joint's bone (90th percentile) being 1."""
WHITE_METAL, ABOVE_BONE = 0.9, 0.2
"""Where the film's white is less than that, metal is this white, and this much above bone."""
METAL_SHARE = 0.15
"""Least share of a joint's neighbourhood that is metal: joints of 19 tuning films and 101 hands of the pool have up to
0.04, those of 80 simulated films without implants up to 0.14 (one above 0.10), prostheses and plates 0.21 to 0.73."""

CAST_ROWS = (-0.02, 0.18)
"""Rows searched, from the wrist towards the elbow, in limb lengths."""
CAST_COLUMNS = (0.06, 0.25)
"""Distances outward from ULNA and RADIUS: past the bones, short of another limb."""
AIR = 0.2
"""Below this share of the tissue's level above the background the limb with its cast has ended."""
CAST_RISE = 0.15
"""A cast shows as a rim: outward of the bones the level rises again by this share of the tissue's. Hands in a cast 0.19
to 1.72, others up to 0.11, tuning films 0."""


def object_findings(limb: Limb, picture: LimbPicture) -> Iterator[Finding]:
    """Exposure first: where a film is clipped or empty, nothing else is looked for."""
    discs = {name: picture.disc(name, JOINT_RADIUS * LIMB_PX) for name in picture.points}
    discs = {name: disc for name, disc in discs.items() if len(disc) >= FEWEST_PIXELS}
    if not discs:
        return
    exposure = list(_exposure(limb, discs))
    yield from exposure
    if any(finding.severity is Severity.REFUSE for finding in exposure):
        return
    if metal := _joints_with_metal(discs, _ground(picture)):
        text = f"{', '.join(metal)}: as bright as metal; it, or a bone seen end-on, may spoil the scores"
        yield Finding(Code.METAL, Severity.WARN, text, sites_at(limb, metal))
    if limb is Limb.HAND and cast_rise(picture) > CAST_RISE:
        text = "the hand seems to lie in a cast or splint; scores beneath it may be wrong"
        yield Finding(Code.CAST, Severity.WARN, text)


def cast_rise(picture: LimbPicture) -> float:
    """How much the level rises again outward of the forearm's bones, as a share of the tissue's above the background:
    the median of the rows on the side where it rises more. 0 where the film does not show the forearm."""
    rises = [_rise(picture, name, outward) for name, outward in (("ULNA", -1), ("RADIUS", 1)) if name in picture.points]
    return max(rises, default=0.0)


def _exposure(limb: Limb, discs: Discs) -> Iterator[Finding]:
    clipped = [name for name, disc in discs.items() if _clipped_share(disc) > CLIPPED_SHARE]
    contrast = float(np.median([np.ptp(np.percentile(disc, (5, 95))) for disc in discs.values()]))
    if len(clipped) > CLIPPED_JOINTS * len(discs):
        text = "overexposed, underexposed or clipped: most joints are all white or all black"
        yield Finding(Code.CLIPPED, Severity.REFUSE, text)
    elif contrast < LEAST_CONTRAST:
        yield Finding(Code.NO_CONTRAST, Severity.REFUSE, "the film shows next to no contrast about the joints")
    elif clipped:
        text = f"{', '.join(clipped)}: all white or all black"
        yield Finding(Code.CLIPPED, Severity.SITE, text, sites_at(limb, clipped), status=Status.POOR_QUALITY)


def _clipped_share(disc: NDArray[np.float32]) -> float:
    return float(max(np.mean(disc >= WHITE), np.mean(disc <= BLACK)))


def _ground(picture: LimbPicture) -> float:
    return float(np.percentile(picture.levels[picture.inside], 5))


def _joints_with_metal(discs: Discs, ground: float) -> list[str]:
    bone = float(np.median([np.percentile(disc, 90) for disc in discs.values()]))
    level = _metal_level(ground, bone)
    return [name for name, disc in discs.items() if np.mean(disc > level) > METAL_SHARE]


def _metal_level(ground: float, bone: float) -> float:
    return min(ground + METAL_LEVEL * (bone - ground), max(WHITE_METAL, bone + ABOVE_BONE))


def _rise(picture: LimbPicture, name: str, outward: int) -> float:
    """The median rise of the rows beside one bone."""
    ground, tissue = _ground(picture), float(np.median(picture.levels[picture.hull]))
    if tissue <= ground:
        return 0.0
    x, y = picture.points[name]
    first, last = (round(y + share * LIMB_PX) for share in CAST_ROWS)
    near, far = (round(share * LIMB_PX) for share in CAST_COLUMNS)
    columns = round(x) + outward * np.arange(near, far)
    columns = columns[(columns >= 0) & (columns < picture.levels.shape[1])]
    rows = range(max(first, 0), min(last, len(picture.levels)), 3)
    air = ground + AIR * (tissue - ground)
    rises = [_row_rise(picture.levels[row, columns], picture.inside[row, columns], air) for row in rows]
    return float(np.median(rises)) / (tissue - ground) if rises else 0.0


def _row_rise(levels: NDArray[np.float32], inside: NDArray[np.bool_], air: float) -> float:
    """The largest rise outward before air or the film's edge."""
    smooth = gaussian_filter1d(levels, 1.5)
    ended = np.flatnonzero(~inside | (smooth < air))
    smooth = smooth[: ended[0]] if len(ended) else smooth
    return float(np.max(smooth - np.minimum.accumulate(smooth))) if len(smooth) else 0.0
