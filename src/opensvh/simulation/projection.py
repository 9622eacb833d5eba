"""Line integrals through posed bones: the thickness of bone along each ray of a parallel beam, in mm.

The inner loop walks each ray through each bone's distance volume: outside in steps of the distance, inside in fine
steps. Cortex lies where the depth below the surface is less than its thickness, also along surfaces cut by a
neighbour; erosions take bone away without making new cortex; a bridge takes the cortex away between fused bones.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from opensvh.simulation.bones import CORTEX_STEPS, MARGIN_MM, VOXEL_MM
from opensvh.simulation.skeleton import Contact, Lesion, PosedBone, Skeleton

TEXTURE_VOXELS = 64
STEP_MM = 0.45

# Single precision throughout: in compiled code a bare literal would turn a whole expression into double precision.
_ONE, _ZERO, _HALF = np.float32(1), np.float32(0), np.float32(0.5)
_VOXEL, _GRAIN = np.float32(VOXEL_MM), np.float32(1 / 0.345)


@dataclass(frozen=True)
class Detector:
    """The film plane: pixel (column, row) lies at world (left_mm + column * pixel_mm, top_mm - row * pixel_mm)."""

    width: int
    height: int
    pixel_mm: float
    left_mm: float
    top_mm: float

    def pixels(self, point: NDArray[np.float64]) -> tuple[float, float]:
        """Column and row of a world point."""
        return (float(point[0]) - self.left_mm) / self.pixel_mm, (self.top_mm - float(point[1])) / self.pixel_mm


@dataclass(frozen=True)
class BoneTissue:
    """What bone is made of in one patient: factors on density and cortex, and how coarse the trabeculae show."""

    density: float = 1.0
    cortex: float = 1.0
    texture: float = 0.5
    texture_seed: int = 0


def bone_thickness(skeleton: Skeleton, detector: Detector, tissue: BoneTissue) -> NDArray[np.float32]:
    """Millimetres of cortical-equivalent bone under each pixel, [height, width]."""
    image = np.zeros((detector.height, detector.width), np.float32)
    names = list(skeleton.bones)
    for number, name in enumerate(names):
        _add_bone(image, skeleton, name, detector, tissue, number)
    return image


def _add_bone(
    image: NDArray[np.float32], skeleton: Skeleton, name: str, detector: Detector, tissue: BoneTissue, number: int
) -> None:
    bone = skeleton.bones[name]
    window, near, far = _extent(bone, detector)
    if window is None:
        return
    contacts = [contact for contact in skeleton.contacts if contact.bone == name]
    neighbours = [skeleton.bones[contact.neighbour] for contact in contacts]
    maps = [_contact_map(contact, bone, other) for contact, other in zip(contacts, neighbours, strict=True)]
    _march(
        image,
        window,
        np.array([detector.left_mm, detector.top_mm, detector.pixel_mm, near, far], np.float32),
        bone.shape.distance,
        _grid_map(bone, np.eye(3), bone.position),
        np.array([*bone.shape.origin, bone.shape.length_mm, bone.scale.mean(), bone.shape.endless], np.float32),
        *_packed(neighbours),
        np.array(maps, np.float32).reshape(-1, 3, 4),
        np.array(
            [(c.gap_mm, c.shared, other.scale.mean()) for c, other in zip(contacts, neighbours, strict=True)],
            np.float32,
        ).reshape(-1, 3),
        _lesions(bone.erosions),
        _lesions(bone.bridges),
        bone.shape.cortex_mm * np.float32(tissue.cortex),
        np.array([bone.shape.trabecular_end, bone.shape.trabecular_middle, tissue.texture, tissue.density], np.float32),
        _texture(tissue.texture_seed % 4),
        (tissue.texture_seed * 7 + number * 13) % TEXTURE_VOXELS,
    )


def _packed(bones: list[PosedBone]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The bones' volumes end to end, and each one's first place and shape, [n, 4]."""
    volumes = [bone.shape.distance for bone in bones]
    starts = np.cumsum([0, *(volume.size for volume in volumes)])[:-1]
    places = np.array([(start, *volume.shape) for start, volume in zip(starts, volumes, strict=True)], np.int64)
    return np.concatenate([np.zeros(0, np.float32), *(v.ravel() for v in volumes)]), places.reshape(-1, 4)


def _extent(bone: PosedBone, detector: Detector) -> tuple[NDArray[np.int64] | None, float, float]:
    """Window (top, bottom, left, right) in pixels and depth range that the bone can touch; None if off the film."""
    low = np.array(bone.shape.origin) + MARGIN_MM - 1.0
    high = np.array(bone.shape.origin) + VOXEL_MM * (np.array(bone.shape.distance.shape) - 1) - MARGIN_MM + 1.0
    low[1], high[1] = bone.shape.origin[1], high[1] + MARGIN_MM
    if bone.shape.endless:
        low[1] = -400.0
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    world = (corners * bone.scale) @ bone.rotation.T + bone.position
    columns = (world[:, 0] - detector.left_mm) / detector.pixel_mm
    rows = (detector.top_mm - world[:, 1]) / detector.pixel_mm
    top, bottom = max(int(rows.min()), 0), min(int(rows.max()) + 2, detector.height)
    left, right = max(int(columns.min()), 0), min(int(columns.max()) + 2, detector.width)
    if top >= bottom or left >= right:
        return None, 0.0, 0.0
    return np.array([top, bottom, left, right]), float(world[:, 2].min()), float(world[:, 2].max())


def _grid_map(bone: PosedBone, linear: NDArray[np.float64], about: NDArray[np.float64]) -> NDArray[np.float32]:
    """World mm -> voxel coordinates, after the linear map `linear` about the point `about`, as [3, 4]."""
    to_local = (bone.rotation / bone.scale).T
    matrix = to_local @ linear / VOXEL_MM
    offset = (to_local @ (about - linear @ about - bone.position) - np.array(bone.shape.origin)) / VOXEL_MM
    return np.column_stack([matrix, offset]).astype(np.float32)


def _contact_map(contact: Contact, bone: PosedBone, neighbour: PosedBone) -> NDArray[np.float32]:
    """World -> neighbour's voxels, with depth shrunk by `contact.flatten` so that the joint is seen through."""
    normal = np.array([0.0, 0.0, 1.0]) if contact.shared else bone.rotation[:, 2]
    about = np.array([0.0, 0.0, contact.depth_mm]) if contact.shared else bone.position
    return _grid_map(neighbour, np.eye(3) - (1 - contact.flatten) * np.outer(normal, normal), about)


def _lesions(lesions: tuple[Lesion, ...]) -> NDArray[np.float32]:
    return np.array([[*lesion.centre, *lesion.radii] for lesion in lesions], np.float32).reshape(-1, 6)


@lru_cache(maxsize=4)
def _texture(seed: int) -> NDArray[np.float32]:
    """Trabecular pattern: band-passed noise, periodic, unit variance, struts longer along the bone."""
    noise = np.random.default_rng(seed).standard_normal((TEXTURE_VOXELS,) * 3)
    fine = gaussian_filter(noise, (0.8, 1.5, 0.8), mode="wrap")
    coarse = gaussian_filter(noise, (2.2, 3.5, 2.2), mode="wrap")
    band = fine - coarse
    return np.asarray(band / band.std(), dtype=np.float32)


@njit(cache=True, fastmath=True, nogil=True)
def _sample(volume, x, y, z):  # type: ignore[no-untyped-def]
    i, j, k = np.int32(x), np.int32(y), np.int32(z)
    u, v, w = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    a = volume[i, j, k] + w * (volume[i, j, k + 1] - volume[i, j, k])
    b = volume[i, j + 1, k] + w * (volume[i, j + 1, k + 1] - volume[i, j + 1, k])
    c = volume[i + 1, j, k] + w * (volume[i + 1, j, k + 1] - volume[i + 1, j, k])
    d = volume[i + 1, j + 1, k] + w * (volume[i + 1, j + 1, k + 1] - volume[i + 1, j + 1, k])
    near = a + v * (b - a)
    return near + u * (c + v * (d - c) - near)


@njit(cache=True, fastmath=True, nogil=True)
def _outside(volume, x, y, z):  # type: ignore[no-untyped-def]
    low = x < _ZERO or y < _ZERO or z < _ZERO
    return low or x >= volume.shape[0] - 1 or y >= volume.shape[1] - 1 or z >= volume.shape[2] - 1


@njit(cache=True, fastmath=True, nogil=True)
def _clipped(value):  # type: ignore[no-untyped-def]
    return min(max(value, _ZERO), _ONE)


@njit(cache=True, fastmath=True, nogil=True)
def _sample_packed(packed, place, x, y, z):  # type: ignore[no-untyped-def]
    i, j, k = np.int64(x), np.int64(y), np.int64(z)
    u, v, w = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    row, sheet = place[3], place[2] * place[3]
    at = place[0] + i * sheet + j * row + k
    a = packed[at] + w * (packed[at + 1] - packed[at])
    b = packed[at + row] + w * (packed[at + row + 1] - packed[at + row])
    at += sheet
    c = packed[at] + w * (packed[at + 1] - packed[at])
    d = packed[at + row] + w * (packed[at + row + 1] - packed[at + row])
    near = a + v * (b - a)
    return near + u * (c + v * (d - c) - near)


@njit(cache=True, fastmath=True, nogil=True)
def _cut(distance, x, y, z, packed, places, maps, terms):  # type: ignore[no-untyped-def]
    """Distance after every neighbour has cut the bone back."""
    uncut = distance
    for n in range(maps.shape[0]):
        gx = maps[n, 0, 0] * x + maps[n, 0, 1] * y + maps[n, 0, 2] * z + maps[n, 0, 3]
        if gx < _ZERO or gx >= places[n, 1] - 1:
            continue
        gy = maps[n, 1, 0] * x + maps[n, 1, 1] * y + maps[n, 1, 2] * z + maps[n, 1, 3]
        if gy < _ZERO or gy >= places[n, 2] - 1:
            continue
        gz = maps[n, 2, 0] * x + maps[n, 2, 1] * y + maps[n, 2, 2] * z + maps[n, 2, 3]
        if gz < _ZERO or gz >= places[n, 3] - 1:
            continue
        far = _sample_packed(packed, places[n], gx, gy, gz) * terms[n, 2]
        shared = (uncut - far + terms[n, 0]) * _HALF
        distance = max(distance, shared if terms[n, 1] > _ZERO else terms[n, 0] - far)
    return distance


@njit(cache=True, fastmath=True, nogil=True)
def _left_by(lesions, x, y, z, grain):  # type: ignore[no-untyped-def]
    """Share of bone left at a local point: 0 within a lesion, 1 outside, over a ragged rim of 0.6 mm."""
    left = _ONE
    for n in range(lesions.shape[0]):
        u = (x - lesions[n, 0]) / lesions[n, 3]
        v = (y - lesions[n, 1]) / lesions[n, 4]
        w = (z - lesions[n, 2]) / lesions[n, 5]
        squared = u * u + v * v + w * w
        if squared < np.float32(2.6):
            rim = min(lesions[n, 3], lesions[n, 4])
            edge = (np.sqrt(squared) - _ONE + np.float32(0.15) * grain) * rim
            left *= _clipped(_HALF + edge / np.float32(0.6))
    return left


@njit(cache=True, fastmath=True, nogil=True)
def _grain(texture, x, y, z, shift):  # type: ignore[no-untyped-def]
    mask = texture.shape[0] - 1
    i = (np.int32(x * _GRAIN + np.float32(200)) + shift) & mask
    j = np.int32(y * _GRAIN + np.float32(4000)) & mask
    return texture[i, j, (np.int32(z * _GRAIN + np.float32(200)) + 2 * shift) & mask]


@njit(cache=True, fastmath=True, nogil=True)
def _march(  # type: ignore[no-untyped-def]
    image,
    window,
    beam,
    volume,
    grid,
    body,
    packed,
    places,
    maps,
    terms,
    erosions,
    bridges,
    cortex,
    inner,
    texture,
    shift,
):
    """Add one bone to the image; array arguments, since compiled code takes no objects (see `_add_bone`)."""
    skin, step = np.float32(0.25), np.float32(STEP_MM)
    length, scale, endless = body[3], body[4], body[5] > _ZERO
    for row in range(window[0], window[1]):
        y = beam[1] - np.float32(row) * beam[2]
        for column in range(window[2], window[3]):
            x = beam[0] + np.float32(column) * beam[2]
            ax = grid[0, 0] * x + grid[0, 1] * y + grid[0, 3]
            ay = grid[1, 0] * x + grid[1, 1] * y + grid[1, 3]
            az = grid[2, 0] * x + grid[2, 1] * y + grid[2, 3]
            total = _ZERO
            z = beam[3]
            while z < beam[4]:
                gx, gy, gz = ax + grid[0, 2] * z, ay + grid[1, 2] * z, az + grid[2, 2] * z
                ly = gy * _VOXEL + body[1]
                if endless and gy < _ZERO:
                    gy = _ZERO
                if _outside(volume, gx, gy, gz):
                    z += step + step
                    continue
                distance = _sample(volume, gx, gy, gz) * scale
                if distance > skin + step:
                    # Distances along flat sides are too long by up to a half, so half of one is a safe step.
                    z += max(distance * _HALF - skin, step)
                    continue
                if maps.shape[0] > 0:
                    distance = _cut(distance, x, y, z, packed, places, maps, terms)
                if distance < skin:
                    lx, lz = gx * _VOXEL + body[0], gz * _VOXEL + body[2]
                    grain = _grain(texture, lx, ly, lz, shift)
                    occupied = min(_HALF - distance * np.float32(2), _ONE)
                    if erosions.shape[0] > 0:
                        occupied *= _left_by(erosions, lx, ly, lz, grain)
                    along = min(max(ly / length, _ZERO), np.float32(0.999))
                    thickness = cortex[np.int32(along * np.float32(CORTEX_STEPS))]
                    shell = _clipped((thickness + distance) / np.float32(0.6) + _HALF)
                    if bridges.shape[0] > 0:
                        shell *= _left_by(bridges, lx, ly, lz, _ZERO)
                    end = along if endless else along + along - _ONE
                    spongy = inner[1] + (inner[0] - inner[1]) * end * end
                    spongy *= max(_ONE + inner[2] * grain, _ZERO)
                    total += occupied * (shell + (_ONE - shell) * spongy) * step
                z += step
            image[row, column] += total * inner[3]
