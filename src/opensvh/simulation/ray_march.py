"""The compiled inner loop of the projection: one bone's cortex and trabecular bone along each ray, in mm.

Arrays only, since compiled code takes no objects; `projection` packs them and says what they mean. A ray steps by the
distance to the next surface: to the bone from outside, and inside from one side of the cortex to the other, so that
most of a bone is crossed in a few steps. Blocks of rays that pass the bone at a distance are left out together.
"""

import numpy as np
from numba import njit

from opensvh.simulation.bones import CORTEX_STEPS, VOXEL_MM

STEP_MM = 0.32
"""Step across a surface; what lies between surfaces is crossed at once, up to `LEAP_MM`."""
LEAP_MM = 2.5
BLOCK_PX = 4
SOFT_EDGE_MM = 0.5
"""A surface fades over this much: about a voxel, so that outlines do not show the grid."""

# Single precision throughout: in compiled code a bare literal would turn a whole expression into double precision.
_ONE, _ZERO, _HALF, _TWO = np.float32(1), np.float32(0), np.float32(0.5), np.float32(2)
_VOXEL, _GRAIN = np.float32(VOXEL_MM), np.float32(1 / 0.345)
_STEP, _LEAP, _SKIN = np.float32(STEP_MM), np.float32(LEAP_MM), np.float32(SOFT_EDGE_MM / 2)
_STEEP = np.float32(1 / SOFT_EDGE_MM)
_FAR, _FUSED = np.float32(1e3), np.float32(-0.4)


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _sample(packed, start, rows, sheets, x, y, z):  # type: ignore[no-untyped-def]
    """Trilinear value of a volume that begins at `start`, with `rows` and `sheets` places a step of y and x."""
    i, j, k = np.int64(x), np.int64(y), np.int64(z)
    u, v, w = x - np.float32(i), y - np.float32(j), z - np.float32(k)
    at = start + i * sheets + j * rows + k
    a = packed[at] + w * (packed[at + 1] - packed[at])
    b = packed[at + rows] + w * (packed[at + rows + 1] - packed[at + rows])
    at += sheets
    c = packed[at] + w * (packed[at + 1] - packed[at])
    d = packed[at + rows] + w * (packed[at + rows + 1] - packed[at + rows])
    near = a + v * (b - a)
    return near + u * (c + v * (d - c) - near)


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _clipped(value):  # type: ignore[no-untyped-def]
    return min(max(value, _ZERO), _ONE)


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
        far = _sample(packed, places[n, 0], places[n, 3], places[n, 2] * places[n, 3], gx, gy, gz) * terms[n, 2]
        gap = max(terms[n, 0] + terms[n, 3] * x + terms[n, 4] * y + terms[n, 5] * z, _FUSED)
        shared = (uncut - far + gap) * _HALF
        distance = max(distance, shared if terms[n, 1] > _ZERO else gap - far)
    return distance


@njit(cache=True, fastmath=True, nogil=True)
def _to_lesion(lesions, n, x, y, z):  # type: ignore[no-untyped-def]
    """Rough signed distance in mm from a local point to the n-th ellipsoid."""
    u = (x - lesions[n, 0]) / lesions[n, 3]
    v = (y - lesions[n, 1]) / lesions[n, 4]
    w = (z - lesions[n, 2]) / lesions[n, 5]
    return (np.sqrt(u * u + v * v + w * w) - _ONE) * min(lesions[n, 3], lesions[n, 4])


@njit(cache=True, fastmath=True, nogil=True)
def _nearest(lesions, x, y, z):  # type: ignore[no-untyped-def]
    """Rough signed distance to the nearest ellipsoid, and its number."""
    least, which = _FAR, 0
    for n in range(lesions.shape[0]):
        away = _to_lesion(lesions, n, x, y, z)
        if away < least:
            least, which = away, n
    return least, which


@njit(cache=True, fastmath=True, nogil=True)
def _grain(texture, x, y, z):  # type: ignore[no-untyped-def]
    mask = texture.shape[0] - 1
    i = np.int32(x * _GRAIN + np.float32(200)) & mask
    j = np.int32(y * _GRAIN + np.float32(4000)) & mask
    return texture[i, j, np.int32(z * _GRAIN + np.float32(200)) & mask]


@njit(cache=True, fastmath=True, nogil=True)
def _inside(a, slope, low, high, near, far):  # type: ignore[no-untyped-def]
    """The part of a ray between near and far on which a + slope * z lies in [low, high]."""
    if abs(slope) < np.float32(1e-6):
        if a < low or a > high:
            return far, near
        return near, far
    first, second = (low - a) / slope, (high - a) / slope
    return max(near, min(first, second)), min(far, max(first, second))


@njit(cache=True, fastmath=True, nogil=True)
def _ray(grid, x, y, z_range, shape, endless):  # type: ignore[no-untyped-def]
    """Where the ray over (x, y) is within the volume: its start in voxels, and the depths it enters and leaves at."""
    ax = grid[0, 0] * x + grid[0, 1] * y + grid[0, 3]
    ay = grid[1, 0] * x + grid[1, 1] * y + grid[1, 3]
    az = grid[2, 0] * x + grid[2, 1] * y + grid[2, 3]
    rim = np.float32(1.001)
    near, far = _inside(ax, grid[0, 2], _ZERO, shape[0] - rim, z_range[0], z_range[1])
    low = -np.float32(1e4) if endless else _ZERO
    near, far = _inside(ay, grid[1, 2], low, shape[1] - rim, near, far)
    near, far = _inside(az, grid[2, 2], _ZERO, shape[2] - rim, near, far)
    return ax, ay, az, near, far


@njit(cache=True, fastmath=True, nogil=True)
def _passes(grid, x, y, z_range, volume, shape, scale, endless, reach):  # type: ignore[no-untyped-def]
    """Whether the ray over (x, y) keeps more than `reach` mm from the uncut bone."""
    rows, sheets = shape[2], shape[1] * shape[2]
    ax, ay, az, z, far = _ray(grid, x, y, z_range, shape, endless)
    while z < far:
        gy = ay + grid[1, 2] * z
        if endless and gy < _ZERO:
            gy = _ZERO
        gx = min(max(ax + grid[0, 2] * z, _ZERO), shape[0] - np.float32(1.001))
        gz = min(max(az + grid[2, 2] * z, _ZERO), shape[2] - np.float32(1.001))
        distance = _sample(volume, 0, rows, sheets, gx, min(gy, shape[1] - np.float32(1.001)), gz) * scale * _HALF
        if distance < reach:
            return False
        z += max(distance, _STEP)
    return True


@njit(cache=True, fastmath=True, nogil=True)
def march(  # type: ignore[no-untyped-def]
    shell_image,
    spongy_image,
    window,
    beam,
    volume,
    shape,
    grid,
    body,
    contacts,
    lesions,
    cortex,
    texture,
):
    """Fill the two images of the window with mm of cortex and density-weighted mm of trabecular bone."""
    endless, scale = body[5] > _ZERO, body[4]
    z_range = (beam[3], beam[4])
    reach = np.float32(BLOCK_PX * 0.75) * beam[2] + np.float32(0.3)
    for top in range(window[0], window[1], BLOCK_PX):
        for left in range(window[2], window[3], BLOCK_PX):
            y = beam[1] - (np.float32(top) + np.float32(BLOCK_PX / 2)) * beam[2]
            x = beam[0] + (np.float32(left) + np.float32(BLOCK_PX / 2)) * beam[2]
            if lesions[2].shape[0] == 0 and _passes(grid, x, y, z_range, volume, shape, scale, endless, reach):
                continue
            for row in range(top, min(top + BLOCK_PX, window[1])):
                for column in range(left, min(left + BLOCK_PX, window[3])):
                    shell, spongy = _along_ray(
                        beam[0] + np.float32(column) * beam[2],
                        beam[1] - np.float32(row) * beam[2],
                        z_range,
                        volume,
                        shape,
                        grid,
                        body,
                        contacts,
                        lesions,
                        cortex,
                        texture,
                    )
                    shell_image[row - window[0], column - window[2]] = shell
                    spongy_image[row - window[0], column - window[2]] = spongy


@njit(cache=True, fastmath=True, nogil=True)
def _along_ray(x, y, z_range, volume, shape, grid, body, contacts, lesions, cortex, texture):  # type: ignore[no-untyped-def]
    """Millimetres of cortex, and of trabecular bone weighted by its density, on one ray."""
    packed, places, maps, terms = contacts
    erosions, bridges, growths, dense, plate = lesions
    length, scale, endless = body[3], body[4], body[5] > _ZERO
    rows, sheets = shape[2], shape[1] * shape[2]
    ax, ay, az, z, far = _ray(grid, x, y, z_range, shape, endless)
    shell_mm, spongy_mm = _ZERO, _ZERO
    while z < far:
        gx, gy, gz = ax + grid[0, 2] * z, ay + grid[1, 2] * z, az + grid[2, 2] * z
        lx, ly, lz = gx * _VOXEL + body[0], gy * _VOXEL + body[1], gz * _VOXEL + body[2]
        if endless and gy < _ZERO:
            gy = _ZERO
        distance = _sample(volume, 0, rows, sheets, gx, gy, gz) * scale
        if growths.shape[0] > 0:
            distance = min(distance, _nearest(growths, lx, ly, lz)[0] * scale)
        if distance > _SKIN + _STEP:
            # Distances along flat sides are too long by up to a half, so half of one is a safe step.
            z += max(distance * _HALF - _SKIN, _STEP)
            continue
        if maps.shape[0] > 0:
            distance = _cut(distance, x, y, z, packed, places, maps, terms)
        if plate[1] > _ZERO:
            off = ly - plate[0] - plate[2] * (lx * _TWO / plate[3]) * (lx * _TWO / plate[3])
            distance = max(distance, (plate[1] * _HALF - abs(off)) * scale)
        if distance >= _SKIN:
            z += max(distance * _HALF - _SKIN, _STEP)
            continue
        along = min(max(ly / length, _ZERO), np.float32(0.999))
        thickness = cortex[np.int32(along * np.float32(CORTEX_STEPS))]
        depth = -distance
        # Between the surface and the inner side of the cortex nothing changes: one step crosses it.
        step = min(abs(depth - thickness), depth) - _SKIN
        occupied = min(_HALF + depth * _STEEP, _ONE)
        shell = _clipped((thickness - depth) * _STEEP + _HALF)
        if erosions.shape[0] > 0:
            away, which = _nearest(erosions, lx, ly, lz)
            if away < np.float32(2.5):
                away += np.float32(0.15) * _grain(texture, lx, ly, lz) * min(erosions[which, 3], erosions[which, 4])
                occupied *= _clipped(_HALF + away / np.float32(0.5))
                rim = erosions[which, 6]
                if rim > _ZERO and away < rim:
                    shell = _ONE
                step = min(step, abs(away) - _SKIN)
        if bridges.shape[0] > 0:
            away = _nearest(bridges, lx, ly, lz)[0]
            shell *= _clipped(_HALF + away / np.float32(0.6))
            step = min(step, abs(away) - _SKIN)
        end = along if endless else along + along - _ONE
        spongy = body[7] + (body[6] - body[7]) * end * end
        spongy *= _ONE - (_ONE - body[8]) * end * end
        if dense.shape[0] > 0:
            share = _clipped(_HALF - _nearest(dense, lx, ly, lz)[0] / np.float32(1.5))
            spongy += (np.float32(0.75) - spongy) * share
            step = min(step, _ONE)
        step = min(max(step, _STEP), _LEAP)
        shell_mm += occupied * shell * step
        spongy_mm += occupied * (_ONE - shell) * spongy * step
        z += step
    return shell_mm, spongy_mm
