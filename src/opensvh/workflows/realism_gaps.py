"""Joint spaces asked of the simulator against those seen on what it draws, from wide open to closed.

Limbs are posed with every space at a random share of its normal width, as they lie on a film; each joint is drawn
finely, and its space is measured as a reader would (`evaluation.joint_gap`): between the subchondral margins, at right
angles to the space, within the middle half of the joint; in the wrist that is where its facets are seen end on
(`facets`). Each of the two bones is drawn alone, still cut back by its neighbours: a space narrower than the blur of
its margins cannot be measured on a picture of both. Trabeculae are left out, since noise is not what is asked about.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.evaluation.gap_errors import GapSeen, gap_figures
from opensvh.evaluation.joint_frames import STEP_MM, VIEWS
from opensvh.evaluation.joint_gap import trace_margin, trace_space, width_across
from opensvh.io.whole_file import write_whole
from opensvh.reporting.gaps_page import gaps_page
from opensvh.simulation.anatomy.facets import EndOn, seen_end_on
from opensvh.simulation.anatomy.foot import FootPose, pose_foot
from opensvh.simulation.anatomy.hand import HandPose, pose_hand
from opensvh.simulation.anatomy.joints import Build, JointSpace
from opensvh.simulation.anatomy.skeleton import Skeleton, Vector, turn
from opensvh.simulation.rays.projection import BoneTissue, Detector, bone_thickness

WIDEST_SHARE = 1.2
"""Spaces are asked for between this share of the normal width and none."""
LIE_SD_DEG = {"in_plane": 7.0, "tilt": 4.0}
"""How a limb lies on the film: SDs of the turn on the picture and of the roll out of it."""
WINDOW_MM = 9.0
"""Half the side of the picture drawn of a joint."""
MARGIN_REACH_MM = 2.5

_DIGITS = {
    Limb.HAND: {
        "IP1": ("pp1", "dp1"),
        **{f"MCP{digit}": (f"mc{digit}", f"pp{digit}") for digit in (1, 2, 3, 4, 5)},
        **{f"PIP{digit}": (f"pp{digit}", f"mp{digit}") for digit in (2, 3, 4, 5)},
    },
    Limb.FOOT: {"IP1": ("pp1", "dp1"), **{f"MTP{digit}": (f"mt{digit}", f"pp{digit}") for digit in (1, 2, 3, 4, 5)}},
}
_WRIST = {
    "CMC3": ("capitate", "mc3"),
    "CMC4": ("hamate", "mc4"),
    "CMC5": ("hamate", "mc5"),
    "STT": ("scaphoid", "trapezium"),
    "CNL": ("lunate", "capitate"),
    "RADCAR": ("radius", "scaphoid"),
}
BONES = {Limb.HAND: _DIGITS[Limb.HAND] | _WRIST, Limb.FOOT: _DIGITS[Limb.FOOT]}
"""Site -> the proximal and the distal bone whose space is measured."""


@dataclass(frozen=True)
class Joint:
    """A joint about to be drawn: the limb turned so that the joint's axis points up, and where its middle then lies.

    Further than `half_mm` to either side of that no facet is seen end on, and nothing is measured.
    """

    skeleton: Skeleton
    middle: Vector
    bones: tuple[str, str]
    half_mm: float = float("inf")

    def drawn(self, only: str | None = None) -> NDArray[np.float32]:
        """Bone thickness around the joint at `STEP_MM`; with `only`, of that bone as its neighbours cut it back."""
        side = 2 * round(WINDOW_MM / STEP_MM) + 1
        detector = Detector(side, side, STEP_MM, float(self.middle[0]) - WINDOW_MM, float(self.middle[1]) + WINDOW_MM)
        return bone_thickness(self.skeleton, detector, BoneTissue(texture=0.0), only)


def gaps_of_limbs(number: int, seed: int) -> list[GapSeen]:
    """Every scored space of the hand and the foot of that number."""
    rng = np.random.default_rng([seed, number])
    return [gap for limb in Limb for gap in gaps_of_limb(number, limb, rng)]


def write_gaps(out: Path, gaps: Sequence[GapSeen], settings: Mapping[str, int]) -> None:
    """Write `gaps.csv` (every joint), `gaps.json` (figures and what they were made with) and `gaps.html` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    figures = gap_figures(gaps)
    table = pd.DataFrame([asdict(gap) for gap in gaps])
    write_whole(out / "gaps.csv", table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))
    made_with = {**settings, "pixel_mm": STEP_MM}
    write_whole(out / "gaps.json", json.dumps({"made_with": made_with, "classes": figures}, indent=1) + "\n")
    write_whole(out / "gaps.html", gaps_page(gaps, figures))


def gaps_of_limb(number: int, limb: Limb, rng: np.random.Generator) -> Iterator[GapSeen]:
    """Every scored space of one limb in a random state."""
    size = float(np.exp(rng.normal(0, 0.07)))
    skeleton = _posed(limb, size, rng)
    for site in BONES[limb]:
        view = VIEWS[limb][site]
        seen, on_film = _measured(joint_of(skeleton, limb, site), view.half_mm * size, view.reach_mm)
        yield GapSeen(number, limb.value, view.joint, site, float(skeleton.gaps_mm[site]), seen, on_film)


def _posed(limb: Limb, size: float, rng: np.random.Generator) -> Skeleton:
    spaces = {site: JointSpace(share=float(share)) for site, share in zip(BONES[limb], _shares(limb, rng), strict=True)}
    build = Build(size, gap=float(np.exp(rng.normal(0, 0.1))))
    if limb is Limb.HAND:
        pose = HandPose(spread=float(rng.uniform(0.1, 1.6)), deviation=float(rng.normal(0, 6)))
        skeleton = pose_hand(build, pose, spaces, rng)
    else:
        skeleton = pose_foot(build, FootPose(spread=float(rng.uniform(0.4, 1.5))), spaces, rng)
    lie = turn(z=rng.normal(0, LIE_SD_DEG["in_plane"])) @ turn(y=rng.normal(0, LIE_SD_DEG["tilt"]))
    return skeleton.turned(lie)


def _shares(limb: Limb, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(0, WIDEST_SHARE, len(BONES[limb]))


def joint_of(skeleton: Skeleton, limb: Limb, site: str) -> Joint:
    """The joint with its axis upward: along the distal bone in a digit, across the facets in the wrist, where the
    joint's points may lie beside them."""
    bones = BONES[limb][site]
    if site in _DIGITS[limb]:
        return _upright(skeleton, EndOn(skeleton.points[site], skeleton.bones[bones[1]].axis, float("inf")), bones)
    gap = max(float(skeleton.gaps_mm[site]), 0.0)
    return _upright(skeleton, seen_end_on(skeleton, bones, skeleton.points[site], gap), bones)


def _upright(skeleton: Skeleton, seen: EndOn, bones: tuple[str, str]) -> Joint:
    upright = turn(z=float(np.degrees(np.arctan2(seen.across[0], seen.across[1]))))
    return Joint(skeleton.turned(upright), upright @ seen.middle, bones, seen.half_mm)


def _hollow(skeleton: Skeleton, bones: tuple[str, str]) -> str:
    """The one of two bones that is cut back along the other's surface."""
    return next(contact.bone for contact in skeleton.contacts if {contact.bone, contact.neighbour} == set(bones))


def _measured(joint: Joint, half_mm: float, reach_mm: float) -> tuple[float, float]:
    """Median width between the margins of the bones drawn alone, and on the picture of all bones."""
    hollow, half_mm = _hollow(joint.skeleton, joint.bones), min(half_mm, joint.half_mm)
    proximal, distal = (
        trace_margin(joint.drawn(name), STEP_MM, half_mm, MARGIN_REACH_MM, name == joint.bones[1], name == hollow)
        for name in joint.bones
    )
    across = STEP_MM * np.arange(-(len(proximal) // 2), len(proximal) // 2 + 1, dtype=np.float64)
    seen = width_across(across, proximal, distal)
    on_film = trace_space(joint.drawn(), STEP_MM, half_mm, reach_mm)
    return _median(seen), _median(on_film.gap_mm)


def _median(widths: NDArray[np.float64]) -> float:
    return float(np.nanmedian(widths)) if np.isfinite(widths).any() else float("nan")
