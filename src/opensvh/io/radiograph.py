"""What a film is once it is read: one read-only picture with what its file claims about itself.

Reading is `image`'s and `dicom`'s, which share the bounds and the stretching of grey levels kept here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side

LARGEST_PIXELS = 200_000_000
"""Above this many pixels a file is taken for damaged or hostile: the largest plates have about 20 million."""
SMALLEST_SIDE = 64
ROBUST_PERCENTILES = (0.01, 99.99)
"""Percentiles of a 16-bit film that become 0 and 1: a few dead pixels do not set the range."""


@dataclass(frozen=True)
class Radiograph:
    """A film as stored, with its file's claims.

    `pixels` float32 [rows, columns] in [0, 1], dense tissue bright; `path` as the user gave it; `spacing_mm` between
    pixel centres (at the detector unless `facts` says calibrated); `patient`, `limb`, `side`, the `date` of the study
    (ISO 8601, `2024-05-01`) and a trial's `visit` as DICOM tags claim them.
    """

    pixels: NDArray[np.float32]
    path: str
    spacing_mm: float | None = None
    patient: str | None = None
    limb: Limb | None = None
    side: Side | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    date: str | None = None
    visit: str | None = None


def stretched(samples: NDArray[np.generic]) -> NDArray[np.float32] | None:
    """The robust range of the samples to [0, 1]; None where all are equal."""
    low, high = _robust_range(samples)
    if not high > low:
        return None
    levels = (samples.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    return np.asarray(np.clip(np.nan_to_num(levels), 0.0, 1.0), dtype=np.float32)


def _robust_range(samples: NDArray[np.generic]) -> tuple[float, float]:
    """The levels that become 0 and 1; the full range where the percentiles fall together, as on a mostly black film."""
    finite = samples[np.isfinite(samples)]
    if finite.size == 0:
        return 0.0, 0.0
    low, high = np.percentile(finite, ROBUST_PERCENTILES)
    return (float(low), float(high)) if high > low else (float(finite.min()), float(finite.max()))
