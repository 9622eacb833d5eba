"""How sure a sum is: the spread of its sites' class probabilities, widened until it holds on films of known grades.

Errors of a patient's sites go together (a film, a joint's look, what the model has learnt), so the SD of independent
sites is too small. How it was measured: docs/report.md; `python validation/interval_coverage.py` prints it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.domain.reading import SiteReading, StudyReading

LEVEL = 0.90
NORMAL_90 = 1.645
"""Half the width of the 90 % interval of a normal distribution, in SD."""

CALIBRATED_WITH = "reference 0.5.0"
"""The model whose errors the factors below were measured on; another one's may differ."""

WIDENING: dict[Kind | None, float] = {None: 1.45, Kind.NARROWING: 2.00, Kind.EROSION: 1.00}
"""Factor on the independent sites' SD, by kind (None: both): the smallest that covers the exact sums of 41 of 44.

44 simulated patients unseen in training (20 of seed 2, 24 of seed 7, `--severity training`); 41 since of 44 drawn
the 41st bounds 90 % of those to come (41/45). Never below 1.
"""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, in units of the score."""

    low: float
    high: float


def site_variance(reading: SiteReading) -> float | None:
    """Variance of a site's grade by its class probabilities, in grades squared; None where it has none."""
    maximum, classes = reading.site.maximum(reading.kind), len(reading.probabilities)
    weight = sum(reading.probabilities)
    if reading.expected is None or maximum is None or classes < 2 or weight <= 0:
        return None
    grades = [maximum * index / (classes - 1) for index in range(classes)]
    shares = [probability / weight for probability in reading.probabilities]
    mean = sum(share * grade for share, grade in zip(shares, grades, strict=True))
    return sum(share * (grade - mean) ** 2 for share, grade in zip(shares, grades, strict=True))


def total_variance(readings: Iterable[SiteReading]) -> float | None:
    """Variance of a sum of independent sites; None where nothing was scored, or a score has no probabilities."""
    variances = [site_variance(reading) for reading in readings if reading.expected is not None]
    known = [variance for variance in variances if variance is not None]
    return sum(known) if known and len(known) == len(variances) else None


def total_interval(
    study: StudyReading, kind: Kind | None = None, limb: Limb | None = None, side: Side | None = None
) -> Interval | None:
    """90 % interval of the sum over the sites that were assessed; None where `total_variance` has none."""
    readings = [
        reading
        for film, reading in study.site_readings()
        if kind in (None, reading.kind) and limb in (None, film.limb) and side in (None, film.side)
    ]
    variance = total_variance(readings)
    if variance is None:
        return None
    scored = [reading for reading in readings if reading.expected is not None]
    value = sum(reading.expected or 0.0 for reading in scored)
    highest = sum(reading.site.maximum(reading.kind) or 0 for reading in scored)
    half = NORMAL_90 * WIDENING[kind] * float(variance**0.5)
    return Interval(max(0.0, value - half), min(float(highest), value + half))
