"""What models saw at a joint, and how several of them agree on one reading, whatever their sizes and heads.

Evidence is compared in film pixels and on the site's own scale, so models of different inputs and heads combine.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Kind, Site
from opensvh.domain.geometry import Point
from opensvh.domain.reading import SiteReading, Status

Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class JointEvidence:
    """One joint on one film as one model saw it.

    `point` in film pixels, None where nothing was found; `confidence` in [0, 1] that the joint is there; `damage`: for
    each kind the probability of classes that span the grades of its limb evenly (see `on_scale`).
    """

    point: Point | None
    confidence: float
    damage: Mapping[Kind, Probabilities]


def combined(evidence: Sequence[JointEvidence]) -> JointEvidence:
    """The mean over models; the place is weighted by confidence, and models that saw no joint do not place it."""
    if len(evidence) == 1:
        return evidence[0]
    return JointEvidence(
        point=_mean_point(evidence),
        confidence=sum(each.confidence for each in evidence) / len(evidence),
        damage={kind: _mean([each.damage[kind] for each in evidence]) for kind in Kind},
    )


def between(one: JointEvidence, other: JointEvidence, share: float) -> JointEvidence:
    """Two looks of one model at a joint, the other counting by `share` in [0, 1]; where only one of them saw it
    the nearer counts."""
    if share in (0.0, 1.0) or one.point is None or other.point is None:
        return other if share >= 0.5 else one
    (x, y), (u, v) = one.point, other.point
    return JointEvidence(
        point=Point(x + share * (u - x), y + share * (v - y)),
        confidence=one.confidence + share * (other.confidence - one.confidence),
        damage={kind: one.damage[kind] + share * (other.damage[kind] - one.damage[kind]) for kind in Kind},
    )


def mean_of_means(means: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Training means of several models by column, each column over the models that have it."""
    columns = dict.fromkeys(column for each in means for column in each)
    known = {column: [each[column] for each in means if column in each] for column in columns}
    return {column: sum(values) / len(values) for column, values in known.items()}


def site_reading(site: Site, kind: Kind, evidence: JointEvidence, threshold: float) -> SiteReading:
    """The reading of a site from its joint; not assessable where the joint's confidence stays below `threshold`."""
    if evidence.point is None or evidence.confidence < threshold:
        is_unsure = evidence.confidence < threshold
        why = f"the joint was not found (confidence below {threshold:.2f})" if is_unsure else "the joint was not found"
        return SiteReading(site, kind, Status.NOT_ASSESSABLE, confidence=evidence.confidence, reason=why)
    maximum = site.maximum(kind)
    if maximum is None:
        raise ValueError(f"{site.name} of a {site.limb} is not scored for {kind}")
    probabilities = evidence.damage[kind]
    return SiteReading(
        site=site,
        kind=kind,
        status=Status.SCORED,
        expected=expectation(probabilities, maximum),
        probabilities=tuple(float(each) for each in probabilities),
        point=evidence.point,
        confidence=evidence.confidence,
    )


def on_scale(probabilities: Probabilities, maximum: int) -> Probabilities:
    """A head's probabilities as classes that span 0..maximum evenly: classes the limb cannot have are cut off.

    A head of 11 erosion classes on a hand keeps 0-5. A head of 6 on a foot stays as it is: class k stands for the
    grade 2k (paper, section 3: "train on half the score, multiply predictions by 2"). Zeros stay zeros.
    """
    kept = probabilities[: maximum + 1]
    return np.asarray(kept / kept.sum()) if kept.any() else np.zeros_like(kept)


def expectation(probabilities: Probabilities, maximum: int) -> float:
    """The expected grade in [0, maximum] of classes that span 0..maximum evenly."""
    grades = np.linspace(0, maximum, len(probabilities))
    return min(float(maximum), max(0.0, float(probabilities @ grades)))


def _mean_point(evidence: Sequence[JointEvidence]) -> Point | None:
    placed = [(each.point, each.confidence) for each in evidence if each.point is not None]
    weight = math.fsum(confidence for _, confidence in placed)
    if not placed or weight <= 0:
        return None
    x = math.fsum(point.x * confidence for point, confidence in placed) / weight
    return Point(x, math.fsum(point.y * confidence for point, confidence in placed) / weight)


def _mean(rows: Sequence[Probabilities]) -> Probabilities:
    """The mean of those that are distributions: a model that saw nothing of a joint has zeros."""
    finest = max(len(row) for row in rows)
    seen = [_spread(row, finest) for row in rows if row.any()]
    return np.asarray(np.mean(seen, axis=0)) if seen else np.zeros(finest)


def _spread(probabilities: Probabilities, classes: int) -> Probabilities:
    """The same grades among more classes: 6 classes of a foot's erosion take every second of 11."""
    spread = np.zeros(classes)
    spread[:: (classes - 1) // (len(probabilities) - 1)] = probabilities
    return spread
