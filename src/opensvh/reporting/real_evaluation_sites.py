"""The sites of real limbs without arthritis that were graded highest, as pictures: what the model takes for damage."""

from collections import Counter
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Point
from opensvh.evaluation.real_damage import SiteRead, site_reads
from opensvh.evaluation.real_reads import RealRead
from opensvh.io.image import read_film
from opensvh.reporting.real_evaluation_overlays import Shown, jpeg

SHOWN = 18
OF_A_FILM = 3
"""At most so many sites of one film are shown."""
REACH = 0.075
"""Half the side of the part shown, in shares of the limb's height."""
SIDE_PX = 220


def highest_false_sites(reads: Iterable[RealRead]) -> list[Shown]:
    """The sites plain to see of adults without arthritis that were graded highest in shares of their maximum."""
    rows = [(read, row) for read in reads if read.film.ordinary for row in site_reads(read) if _is_damaged(row)]
    rows.sort(key=lambda each: _share(each[1]), reverse=True)
    return [Shown(_caption(row), jpeg(_part(read, row))) for read, row in list(_few_of_each(rows))[:SHOWN]]


def _few_of_each(rows: Iterable[tuple[RealRead, SiteRead]]) -> Iterator[tuple[RealRead, SiteRead]]:
    seen: Counter[str] = Counter()
    for read, row in rows:
        seen[row.film.truth.film] += 1
        if seen[row.film.truth.film] <= OF_A_FILM:
            yield read, row


def _is_damaged(row: SiteRead) -> bool:
    truth = row.film.truth
    return row.site.point in truth.points and row.site.point not in truth.uncertain and _share(row) > 0


def _share(row: SiteRead) -> float:
    return (row.expected or 0.0) / (row.site.maximum(row.kind) or 1)


def _caption(row: SiteRead) -> str:
    grade = f"{row.kind} {row.expected:.1f} of {row.site.maximum(row.kind)}"
    return f"{row.film.truth.film}, {row.film.half}, {row.site.name}: {grade}"


def _part(read: RealRead, row: SiteRead) -> NDArray[np.uint8]:
    """The film around the marked joint, [220, 220], upright, grey levels stretched."""
    truth = read.film.truth
    pixels = read_film(truth.path).pixels
    reach = max(4, round(REACH * (truth.height_px or max(read.film.box.width, read.film.box.height))))
    part = _cut(pixels, truth.points[row.site.point], reach)
    low, high = np.percentile(part, (1, 99.5))
    grey = ((part - low) / max(float(high - low), 1e-6)).clip(0, 1) * 255
    upright = np.ascontiguousarray(np.rot90(grey.astype(np.uint8), -truth.quarter_turns_cw))
    return np.asarray(cv2.resize(upright, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _cut(pixels: NDArray[np.float32], centre: Point, reach: int) -> NDArray[np.float32]:
    """A square of 2 `reach` + 1 around a place, its edge repeated beyond the film."""
    rows, columns = (np.arange(-reach, reach + 1) + round(middle) for middle in (centre.y, centre.x))
    return pixels[np.clip(rows, 0, pixels.shape[0] - 1)][:, np.clip(columns, 0, pixels.shape[1] - 1)]
