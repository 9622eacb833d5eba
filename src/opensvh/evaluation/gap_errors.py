"""Joint spaces asked for against those seen on a film: errors by joint class, and whether they are small enough."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

LARGEST_MEAN_MM = 0.1
LARGEST_P95_MM = 0.25
"""What is wanted of a class of joints: of the mean error, and of the 95th percentile of its absolute values."""
CLEAR_MM = 0.6
"""From here on a space is wider than the blur of its margins, and can be measured on the film itself."""


@dataclass(frozen=True)
class GapSeen:
    """One joint's space in mm: `asked` of the simulator, `seen` between the margins of its two bones drawn alone, and
    `on_film` between the margins found on the picture of all bones, NaN where it is not seen."""

    film: int
    limb: str
    joint: str
    site: str
    asked: float
    seen: float
    on_film: float


@dataclass(frozen=True)
class GapErrors:
    """Errors of a class of joints in mm: mean, SD, 95th percentile of the absolute error; `missed` were not seen."""

    n: int
    missed: int
    mean: float
    sd: float
    p95: float

    @property
    def small(self) -> bool:
        """Whether they are as small as wanted, with no joint missed."""
        return abs(self.mean) < LARGEST_MEAN_MM and self.p95 < LARGEST_P95_MM and not self.missed


def gap_errors(asked: Sequence[float], seen: Sequence[float]) -> GapErrors | None:
    """Errors of the joints that were seen; None where none was. A fused joint (below 0) is asked to be closed: 0."""
    error = np.asarray(seen, float) - np.maximum(np.asarray(asked, float), 0.0)
    known = error[np.isfinite(error)]
    if not len(known):
        return None
    return GapErrors(
        n=len(error),
        missed=len(error) - len(known),
        mean=float(known.mean()),
        sd=float(known.std()),
        p95=float(np.percentile(np.abs(known), 95)),
    )


def gap_figures(gaps: Iterable[GapSeen]) -> dict[str, Any]:
    """By limb and class, as JSON holds it: errors of what is seen at all gaps, and on the film at those of `CLEAR_MM`
    and more."""
    classes: dict[str, list[GapSeen]] = {}
    for gap in gaps:
        classes.setdefault(f"{gap.limb} {gap.joint}", []).append(gap)
    return {name: _class_figures(members) for name, members in classes.items()}


def _class_figures(members: Sequence[GapSeen]) -> dict[str, Any]:
    seen = gap_errors([gap.asked for gap in members], [gap.seen for gap in members])
    clear = [gap for gap in members if gap.asked >= CLEAR_MM]
    on_film = gap_errors([gap.asked for gap in clear], [gap.on_film for gap in clear])
    return {
        "seen": None if seen is None else asdict(seen) | {"small": seen.small},
        "on_film": None if on_film is None else asdict(on_film) | {"small": on_film.small},
    }
