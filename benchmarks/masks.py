"""How much faster masks are than the plain rule for all pixels and centres: `python benchmarks/masks.py`.

Repeats are interleaved, so that a busy machine slows both; the ratio of the medians goes to benchmarks/results.json.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from opensvh.domain.anatomy import JOINT_CLASSES
from opensvh.domain.geometry import Point, Size
from opensvh.targets.masks import joint_mask

SIZE, INNER_PX, OUTER_PX, REPEATS = Size(864, 928), 32, 40, 15
RESULTS = Path(__file__).parent / "results.json"


def plain_mask(points: dict[int, Point]) -> None:
    """Distances from every pixel to every centre, the nearest, then the rule."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width].astype(np.float32)
    joints = np.array(list(points), np.int16)
    squared = np.stack([(x - np.float32(p.x)) ** 2 + (y - np.float32(p.y)) ** 2 for p in points.values()])
    nearest, distance = joints[squared.argmin(axis=0)], squared.min(axis=0)
    np.where(distance <= INNER_PX**2, nearest, np.where(distance <= OUTER_PX**2, -1, 0))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    rng = np.random.default_rng(0)
    points = {joint: Point(*rng.uniform((100, 100), (764, 828))) for joint in range(1, len(JOINT_CLASSES) + 1)}
    rounds = [
        (seconds(lambda: plain_mask(points)), seconds(lambda: joint_mask(points, SIZE, INNER_PX, OUTER_PX)))
        for _ in range(REPEATS)
    ]
    plain, fast = (median(each) for each in zip(*rounds, strict=True))
    print(f"plain rule {1e3 * plain:.1f} ms, joint_mask {1e3 * fast:.2f} ms: {plain / fast:.0f} times faster")
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, "masks_speedup_vs_brute_force": round(plain / fast, 1)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
