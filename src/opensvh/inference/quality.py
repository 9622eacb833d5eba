"""The quality gate: is this film to be scored, and which of its sites? Asked once its joints are found.

What may be found is `quality_findings`', how it is found `quality_joints`' and `quality_objects`'. Films on which no
hand or foot is made out never come here.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.placement import LimbPlacement, Projection, Skeleton
from opensvh.domain.reading import FilmReading
from opensvh.inference.quality_findings import Code, Finding, Severity, refusal
from opensvh.inference.quality_joints import joint_findings, judged_joints
from opensvh.inference.quality_objects import object_findings
from opensvh.inference.quality_picture import limb_picture

OBLIQUE_TEXT = "an oblique view: the method is for PA and DP films, and joint spaces look narrower here"
GROWING_TEXT = "a growing skeleton: the method is for adults, and growth plates may be taken for damage"


def judge(
    pixels: NDArray[np.float32],
    reading: FilmReading,
    placement: LimbPlacement,
    spacing_mm: float | None = None,
) -> tuple[Finding, ...]:
    """What is to be said of a film that was read with its limb placed as told; empty where nothing is.

    `pixels` of the film as stored, [rows, columns] in [0, 1], dense tissue bright; `spacing_mm` between them where
    known. What follows is `quality_findings`': first `refusal`, then `apply_findings`.
    """
    joints = judged_joints(pixels, reading, placement)
    findings = [*joint_findings(joints, spacing_mm)]
    if refusal(findings) is None and joints.fit is not None:
        findings += object_findings(reading.limb, limb_picture(pixels, reading.points, placement.pose, joints.fit))
        findings += _placement_findings(placement)
    return tuple(findings)


def _placement_findings(placement: LimbPlacement) -> Iterator[Finding]:
    if placement.projection is Projection.OBLIQUE:
        yield Finding(Code.OBLIQUE, Severity.WARN, OBLIQUE_TEXT)
    if placement.skeleton is Skeleton.GROWING:
        yield Finding(Code.GROWING, Severity.WARN, GROWING_TEXT)
