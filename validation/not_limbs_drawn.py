"""Pictures that no X-ray machine made: drawn scenes, pages, textures, noise, nothing at all; and one bone of nowhere.

Grey levels 0-255, 1000 rows x 800 columns. What varies comes from the generator that is passed.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Picture = NDArray[np.uint8]
Levels = NDArray[np.float64]

ROWS, COLUMNS = 1000, 800
INK, PAPER = 25, 235
WORDS = "arthritis bone clinic damage erosion film grade joint narrowing page reader report score site study the of and"


def cat(rng: np.random.Generator) -> Picture:
    """A sitting cat on a carpet."""
    room = _grain(np.full((ROWS, COLUMNS), 170.0), 6, rng)
    room[700:] = _grain(np.full((300, COLUMNS), 110.0), 18, rng)
    picture = np.ascontiguousarray(room.astype(np.uint8))
    fur = 60
    cv2.ellipse(picture, (400, 690), (150, 210), 0, 0, 360, fur, -1)
    cv2.circle(picture, (400, 400), 125, fur, -1)
    for ear in ([(285, 360), (300, 215), (385, 290)], [(515, 360), (500, 215), (415, 290)]):
        cv2.fillPoly(picture, [np.array(ear, np.int32)], fur)
    cv2.ellipse(picture, (590, 790), (140, 60), -35, 0, 270, fur, 34)
    for x in (350, 450):
        cv2.ellipse(picture, (x, 390), (26, 18), 0, 0, 360, 225, -1)
        cv2.ellipse(picture, (x, 390), (6, 17), 0, 0, 360, 10, -1)
        for dy in (-20, 0, 20):
            reach = 260 if x < 400 else 540
            cv2.line(picture, (x, 450), (reach, 450 + dy), 230, 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5), np.uint8)


def house(rng: np.random.Generator) -> Picture:
    """A house with a fence, under a sun."""
    sky = np.linspace(215, 160, ROWS)[:, None] * np.ones(COLUMNS)
    sky[720:] = 90
    picture = np.ascontiguousarray(_grain(sky, 5, rng).astype(np.uint8))
    cv2.circle(picture, (650, 160), 70, 250, -1)
    cv2.rectangle(picture, (180, 430), (600, 780), 130, -1)
    cv2.fillPoly(picture, [np.array([(140, 430), (390, 240), (640, 430)], np.int32)], 60)
    cv2.rectangle(picture, (340, 590), (440, 780), 45, -1)
    for x in (220, 480):
        cv2.rectangle(picture, (x, 490), (x + 80, 570), 220, -1)
    for x in range(0, COLUMNS, 50):
        cv2.rectangle(picture, (x, 760), (x + 18, 900), 205, -1)
    return picture


def page(rng: np.random.Generator) -> Picture:
    """A page of words in lines."""
    picture = np.full((ROWS, COLUMNS), PAPER, np.uint8)
    words = WORDS.split()
    for y in range(90, ROWS - 60, 34):
        line = " ".join(words[index] for index in rng.integers(0, len(words), 9))
        cv2.putText(picture, line[:58], (60, y), cv2.FONT_HERSHEY_COMPLEX, 0.62, INK, 1, cv2.LINE_AA)
    return picture


def form(rng: np.random.Generator) -> Picture:
    """A form: a table of numbers on a dark screen, as of a viewer's settings."""
    picture = np.full((ROWS, COLUMNS), INK, np.uint8)
    cv2.putText(picture, "STUDY LIST", (60, 80), cv2.FONT_HERSHEY_DUPLEX, 1.2, PAPER, 2, cv2.LINE_AA)
    for y in range(130, ROWS - 40, 60):
        cv2.line(picture, (60, y), (740, y), 120, 1)
        for x in range(80, 740, 170):
            cv2.putText(picture, f"{rng.integers(10000)}", (x, y + 40), cv2.FONT_HERSHEY_PLAIN, 1.6, PAPER, 1)
    return picture


def white_noise(rng: np.random.Generator) -> Picture:
    """Every pixel for itself."""
    return rng.integers(0, 256, (ROWS, COLUMNS), np.uint8)


def clouds(rng: np.random.Generator) -> Picture:
    """Noise at every scale, as of a cloudy sky: soft shapes without an edge."""
    scales = (4, 12, 36, 108)
    return _stretched(sum((_soft_noise(scale, rng) for scale in scales), np.zeros((ROWS, COLUMNS))))


def ramp(rng: np.random.Generator) -> Picture:
    """A straight gradient, turned at random."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return _stretched(np.cos(angle) * x + np.sin(angle) * y)


def glow(rng: np.random.Generator) -> Picture:
    """A gradient round a point: light that falls off."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return _stretched(-np.hypot(y - ROWS * rng.uniform(0.4, 0.6), x - COLUMNS * rng.uniform(0.4, 0.6)))


def black(_: np.random.Generator) -> Picture:
    """Not exposed."""
    return np.zeros((ROWS, COLUMNS), np.uint8)


def grey(_: np.random.Generator) -> Picture:
    """Evenly exposed."""
    return np.full((ROWS, COLUMNS), 128, np.uint8)


def collimated(rng: np.random.Generator) -> Picture:
    """A detector exposed through a collimator, with nothing in the beam."""
    field = np.full((ROWS, COLUMNS), 30.0)
    field[120:880, 110:690] = 200.0
    return _grain(gaussian_filter(field, 4), 4, rng).astype(np.uint8)


def checkerboard(_: np.random.Generator) -> Picture:
    """Squares of 50 pixels."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return np.where((y // 50 + x // 50) % 2 == 0, PAPER, INK).astype(np.uint8)


def spiral(_: np.random.Generator) -> Picture:
    """An Archimedean spiral of nine turns."""
    turns = np.linspace(0, 9 * 2 * np.pi, 4000)
    radius = turns / turns[-1] * 360
    points = np.stack([COLUMNS / 2 + radius * np.cos(turns), ROWS / 2 + radius * np.sin(turns)], axis=1)
    picture = np.full((ROWS, COLUMNS), INK, np.uint8)
    cv2.polylines(picture, [points.round().astype(np.int32)], False, PAPER, 9, cv2.LINE_AA)
    return picture


def fabric(rng: np.random.Generator) -> Picture:
    """Woven threads, warp over weft and under."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    warp, weft = np.sin(x * 2 * np.pi / 14) ** 2, np.sin(y * 2 * np.pi / 14) ** 2
    over = (x // 7 + y // 7) % 2 == 0
    return _stretched(_grain(np.where(over, warp, weft) * 120 + 60 + 8 * _soft_noise(40, rng), 9, rng))


def shaft(rng: np.random.Generator) -> Picture:
    """A long bone's shaft across the whole film, slightly bowed, with its marrow, in soft tissue: no end, no joint."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    axis = COLUMNS / 2 + rng.uniform(-60, 60) + rng.uniform(-50, 50) * ((y / ROWS - 0.5) * 2) ** 2
    across = np.abs(x - axis)
    tissue, outer, marrow = (_chord(across, radius) for radius in (250.0, 75.0, 45.0))
    thickness = tissue * 0.0016 + (outer - marrow) * 0.012 + marrow * 0.0016
    return _stretched(_grain(gaussian_filter(thickness, 1.5) / thickness.max() * 200, 3, rng))


DRAWN: dict[str, Callable[[np.random.Generator], Picture]] = {
    function.__name__: function
    for function in (
        cat,
        house,
        page,
        form,
        white_noise,
        clouds,
        ramp,
        glow,
        black,
        grey,
        collimated,
        checkerboard,
        spiral,
        fabric,
        shaft,
    )
}


def _chord(across: Levels, radius: float) -> Levels:
    """How long a ray runs in a cylinder, in pixels, by its distance from the axis."""
    return 2 * np.sqrt(np.clip(radius**2 - across**2, 0, None))


def _grain(levels: Levels, spread: float, rng: np.random.Generator) -> Levels:
    return np.clip(levels + rng.normal(0, spread, levels.shape), 0, 255)


def _soft_noise(scale: float, rng: np.random.Generator) -> Levels:
    """Noise that varies over about `scale` pixels, of unit spread: drawn coarse and enlarged."""
    coarse = rng.normal(size=(int(ROWS / scale) + 4, int(COLUMNS / scale) + 4))
    noise = cv2.resize(coarse, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
    return np.asarray(noise / noise.std(), np.float64)


def _stretched(levels: Levels) -> Picture:
    return np.asarray((levels - levels.min()) / np.ptp(levels) * 255, np.uint8)
