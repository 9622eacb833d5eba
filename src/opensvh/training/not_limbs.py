"""Pictures that are no limb, for the close look: films torn to pieces or melted, and curves and grains drawn at random.

Films that show other parts of the body are better still, but a product is also given photographs, forms and drawings.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def torn(image: Image, rng: np.random.Generator) -> Image:
    """A square picture cut into 9 to 49 pieces, which are shuffled, turned and mirrored."""
    pieces = int(rng.integers(3, 8))
    size = image.shape[0] // pieces
    square = image[: size * pieces, : size * pieces]
    tiles = square.reshape(pieces, size, pieces, size).swapaxes(1, 2).reshape(-1, size, size)
    turned = [np.rot90(tile, int(rng.integers(4)))[:: int(rng.choice([1, -1]))] for tile in tiles]
    order = rng.permutation(len(turned))
    rows = np.stack([turned[place] for place in order]).reshape(pieces, pieces, size, size)
    joined = rows.swapaxes(1, 2).reshape(size * pieces, size * pieces)
    return np.asarray(cv2.resize(joined, image.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def melted(image: Image, rng: np.random.Generator) -> Image:
    """A picture whose places are moved by waves, so far that nothing keeps its form."""
    rows, columns = image.shape
    cells = int(rng.integers(4, 9))
    away = float(rng.uniform(0.5, 1.2)) * max(rows, columns) / cells
    moves = [
        cv2.resize(
            rng.standard_normal((cells, cells)).astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC
        )
        for _ in range(2)
    ]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    across, down = (np.asarray(move, np.float32) * np.float32(away) for move in moves)
    moved = cv2.remap(image, x + across, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.float32)


def curves(side_px: int, rng: np.random.Generator) -> Image:
    """Lines of sums of circles, some closing in on their middle, bright on dark or dark on bright."""
    ink = np.zeros((side_px, side_px), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        t = np.linspace(0, 2 * np.pi * float(rng.uniform(0.5, 12)), 600)
        place = sum(
            float(rng.normal(0, side_px / 4)) * np.exp(1j * (int(rng.integers(-6, 7)) * t + rng.uniform(0, 6.3)))
            for _ in range(int(rng.integers(1, 4)))
        )
        place = place * (np.linspace(float(rng.uniform(0, 1)), 1, len(t))) + complex(
            *rng.uniform(0.3, 0.7, 2) * side_px
        )
        line = np.stack([place.real, place.imag], axis=-1).round().astype(np.int32)
        level, width = int(rng.integers(80, 256)), int(rng.integers(1, 8))
        cv2.polylines(ink, [line], bool(rng.random() < 0.5), (level,), width, cv2.LINE_AA)
    picture = np.asarray(cv2.GaussianBlur(ink, (0, 0), float(rng.uniform(0.3, 2))), np.float32) / np.float32(255)
    return 1 - picture if rng.random() < 0.3 else picture


def petals(side_px: int, rng: np.random.Generator) -> Image:
    """Many soft discs, bars and edges over one another, as on photographs of things."""
    picture = np.full((side_px, side_px), float(rng.uniform(0, 0.6)), np.float32)
    y, x = np.mgrid[:side_px, :side_px].astype(np.float32) / side_px
    for _ in range(int(rng.integers(10, 80))):
        middle, size = rng.uniform(0, 1, 2), float(rng.uniform(0.02, 0.3))
        turn, flat = float(rng.uniform(0, np.pi)), float(rng.uniform(0.15, 1))
        across = (x - middle[0]) * np.cos(turn) + (y - middle[1]) * np.sin(turn)
        along = (y - middle[1]) * np.cos(turn) - (x - middle[0]) * np.sin(turn)
        body = np.hypot(across / size, along / (size * flat)) < 1
        shade = float(rng.uniform(0, 1)) + float(rng.normal(0, 0.5)) * across / size
        picture[body] = shade[body]
    return np.asarray(np.clip(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 1.5))), 0, 1), np.float32)


DRAWN: tuple[Callable[[int, np.random.Generator], Image], ...] = (curves, petals)
SPOILT: tuple[Callable[[Image, np.random.Generator], Image], ...] = (torn, melted)
