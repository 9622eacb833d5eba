"""The compiled inner loop of the projection: one bone's cortex and trabecular bone along each ray, in mm.

Arrays only, since compiled code takes no objects; `projection` packs them and says what they mean. A ray steps by the
distance to the next surface: to the bone from outside, and inside from one side of the cortex to the other, so that
most of a bone is crossed in a few steps. Blocks of rays that pass the bone at a distance are left out together.
"""

import numpy as np
from numba import njit

from opensvh.simulation.anatomy.bones import CORTEX_STEPS
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM

STEP_MM = 0.45
"""Step across a surface; what lies between surfaces is crossed at once, up to `LEAP_MM`."""
LEAP_MM = 2.5
BLOCK_PX = 4
SMOOTH_MM = 0.1
"""A block of rays is interpolated where its middle is this close to the mean of its corners."""
SURE = 0.7
"""Part of a stored distance that is sure to be free of bone: along flat sides distances are too long."""
SOFT_EDGE_MM = 0.45
"""A surface fades over this much: about a voxel, so that outlines do not show the grid."""

# Single precision throughout: in compiled code a bare literal would turn a whole expression into double precision.
_ONE, _ZERO, _HALF, _TWO = np.float32(1), np.float32(0), np.float32(0.5), np.float32(2)
_VOXEL, _GRAIN = np.float32(VOXEL_MM), np.float32(1 / 0.345)
_STEP, _LEAP, _SKIN = (
    np.float32(STEP_MM),
    np.float32(LEAP_MM),
    np.float32(SOFT_EDGE_MM / 2),
)
_STEEP = np.float32(1 / SOFT_EDGE_MM)
_SMOOTH_MM, _SURE = np.float32(SMOOTH_MM), np.float32(SURE)
_FAR, _FUSED = np.float32(1e3), np.float32(-0.4)
_STEPS = np.float32(CORTEX_STEPS)


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


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _cut(distance, x, y, z, packed, places, maps, terms):  # type: ignore[no-untyped-def]
    """Distance after every neighbour has cut the bone back."""
    uncut = distance
    for n in range(maps.shape[0]):
        gx = maps[n, 0, 0] * x + maps[n, 0, 1] * y + maps[n, 0, 2] * z + maps[n, 0, 3]
        if gx < _ZERO or gx >= np.float32(places[n, 1] - 1):
            continue
        gy = maps[n, 1, 0] * x + maps[n, 1, 1] * y + maps[n, 1, 2] * z + maps[n, 1, 3]
        if gy < _ZERO or gy >= np.float32(places[n, 2] - 1):
            continue
        gz = maps[n, 2, 0] * x + maps[n, 2, 1] * y + maps[n, 2, 2] * z + maps[n, 2, 3]
        if gz < _ZERO or gz >= np.float32(places[n, 3] - 1):
            continue
        far = (
            _sample(
                packed,
                places[n, 0],
                places[n, 3],
                places[n, 2] * places[n, 3],
                gx,
                gy,
                gz,
            )
            * terms[n, 2]
        )
        gap = max(terms[n, 0] + terms[n, 3] * x + terms[n, 4] * y + terms[n, 5] * z, _FUSED)
        shared = (uncut - far + gap) * _HALF
        distance = max(distance, shared if terms[n, 1] > _ZERO else gap - far)
    return distance


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _to_lesion(lesions, n, x, y, z):  # type: ignore[no-untyped-def]
    """Rough signed distance in mm from a local point to the n-th ellipsoid."""
    u = (x - lesions[n, 0]) / lesions[n, 3]
    v = (y - lesions[n, 1]) / lesions[n, 4]
    w = (z - lesions[n, 2]) / lesions[n, 5]
    return (np.sqrt(u * u + v * v + w * w) - _ONE) * min(lesions[n, 3], lesions[n, 4])


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _nearest(lesions, x, y, z):  # type: ignore[no-untyped-def]
    """Rough signed distance to the nearest ellipsoid, and its number."""
    least, which = _FAR, 0
    for n in range(lesions.shape[0]):
        away = _to_lesion(lesions, n, x, y, z)
        if away < least:
            least, which = away, n
    return least, which


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _grain(texture, x, y, z):  # type: ignore[no-untyped-def]
    mask = texture.shape[0] - 1
    i = np.int32(x * _GRAIN + np.float32(200)) & mask
    j = np.int32(y * _GRAIN + np.float32(4000)) & mask
    return texture[i, j, np.int32(z * _GRAIN + np.float32(200)) & mask]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _inside(a, slope, low, high, near, far):  # type: ignore[no-untyped-def]
    """The part of a ray between near and far on which a + slope * z lies in [low, high]."""
    if abs(slope) < np.float32(1e-6):
        if a < low or a > high:
            return far, near
        return near, far
    first, second = (low - a) / slope, (high - a) / slope
    return max(near, min(first, second)), min(far, max(first, second))


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _ray(grid, x, y, z_range, shape, endless):  # type: ignore[no-untyped-def]
    """Where the ray over (x, y) is within the volume: its start in voxels, and the depths it enters and leaves at."""
    ax = grid[0, 0] * x + grid[0, 1] * y + grid[0, 3]
    ay = grid[1, 0] * x + grid[1, 1] * y + grid[1, 3]
    az = grid[2, 0] * x + grid[2, 1] * y + grid[2, 3]
    rim = np.float32(1.001)
    near, far = _inside(ax, grid[0, 2], _ZERO, np.float32(shape[0]) - rim, z_range[0], z_range[1])
    low = -np.float32(1e4) if endless else _ZERO
    near, far = _inside(ay, grid[1, 2], low, np.float32(shape[1]) - rim, near, far)
    near, far = _inside(az, grid[2, 2], _ZERO, np.float32(shape[2]) - rim, near, far)
    return ax, ay, az, near, far


@njit(cache=True, fastmath=True, nogil=True)
def march(image, window, beam, bone):  # type: ignore[no-untyped-def]
    """Fill `image` [2, rows, columns] of the window with mm of cortex and density-weighted mm of trabecular bone.

    Rays on a lattice come first; a block between them is interpolated where its middle shows that it may be.
    """
    rows, columns = image.shape[1], image.shape[2]
    down, across = (rows - 1) // BLOCK_PX + 2, (columns - 1) // BLOCK_PX + 2
    lattice = np.full((2, down, across), np.float32(-1))
    pixels, values = (
        np.empty((BLOCK_PX * BLOCK_PX, 2), np.int64),
        np.empty((2, BLOCK_PX * BLOCK_PX), np.float32),
    )
    for i in range(down - 1):
        for j in range(across - 1):
            top, left = i * BLOCK_PX, j * BLOCK_PX
            span = _block_span(top, left, window, beam, bone)
            if span[0] >= span[1]:
                continue
            pixels[0] = top + BLOCK_PX // 2, left + BLOCK_PX // 2
            count = 1
            for k in range(4):
                if lattice[0, i + k // 2, j + k % 2] < _ZERO:
                    pixels[count] = top + k // 2 * BLOCK_PX, left + k % 2 * BLOCK_PX
                    count += 1
            _follow(values, pixels, count, window, beam, span, bone)
            count = 1
            for k in range(4):
                if lattice[0, i + k // 2, j + k % 2] < _ZERO:
                    lattice[0, i + k // 2, j + k % 2] = values[0, count]
                    lattice[1, i + k // 2, j + k % 2] = values[1, count]
                    count += 1
            corners = lattice[:, i : i + 2, j : j + 2]
            if _is_smooth(corners, values):
                _interpolate(image, corners, top, left)
                continue
            for k in range(BLOCK_PX * BLOCK_PX):
                pixels[k] = top + k // BLOCK_PX, left + k % BLOCK_PX
            _follow(values, pixels, BLOCK_PX * BLOCK_PX, window, beam, span, bone)
            for k in range(BLOCK_PX * BLOCK_PX):
                if pixels[k, 0] < rows and pixels[k, 1] < columns:
                    image[0, pixels[k, 0], pixels[k, 1]] = values[0, k]
                    image[1, pixels[k, 0], pixels[k, 1]] = values[1, k]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _is_smooth(corners, values):  # type: ignore[no-untyped-def]
    """Whether the first value, of the block's middle, is about the mean of the corners in both parts."""
    smooth = True
    for part in range(2):
        mean = (corners[part, 0, 0] + corners[part, 0, 1] + corners[part, 1, 0] + corners[part, 1, 1]) / np.float32(4)
        smooth = smooth and abs(values[part, 0] - mean) < _SMOOTH_MM
    return smooth


@njit(cache=True, fastmath=True, nogil=True)
def _interpolate(image, corners, top, left):  # type: ignore[no-untyped-def]
    for part in range(2):
        a, b, c, d = (
            corners[part, 0, 0],
            corners[part, 0, 1],
            corners[part, 1, 0],
            corners[part, 1, 1],
        )
        for row in range(top, min(top + BLOCK_PX, image.shape[1])):
            v = np.float32(row - top) / np.float32(BLOCK_PX)
            start, stop = a + v * (c - a), b + v * (d - b)
            for column in range(left, min(left + BLOCK_PX, image.shape[2])):
                image[part, row, column] = start + np.float32(column - left) / np.float32(BLOCK_PX) * (stop - start)


@njit(cache=True, fastmath=True, nogil=True)
def _block_span(top, left, window, beam, bone):  # type: ignore[no-untyped-def]
    """Depths between which a ray of the block can meet the bone; none where the first is the larger."""
    if bone[5][2].shape[0] > 0:  # growths reach beyond the volume's own surface
        return beam[3], beam[4]
    half = np.float32(BLOCK_PX / 2)
    x = beam[0] + (np.float32(left + window[2]) + half) * beam[2]
    y = beam[1] - (np.float32(top + window[0]) + half) * beam[2]
    near, far = _ray(bone[2], x, y, (beam[3], beam[4]), bone[1], bone[3][5] > _ZERO)[3:]
    reach = np.float32(BLOCK_PX * 0.75) * beam[2] + np.float32(0.3)
    first = _meets(x, y, near, far, reach, bone)
    if first > far:
        return far, near
    return first, _meets(x, y, far, near, reach, bone)


@njit(cache=True, fastmath=True, nogil=True)
def _meets(x, y, start, end, reach, bone):  # type: ignore[no-untyped-def]
    """Depth up to which the ray over (x, y), followed from start to end, keeps more than `reach` mm from the bone."""
    volume, shape, grid, body, _, _, _, _ = bone
    rows, sheets, way = shape[2], shape[1] * shape[2], _ONE if end > start else -_ONE
    ax = grid[0, 0] * x + grid[0, 1] * y + grid[0, 3]
    ay = grid[1, 0] * x + grid[1, 1] * y + grid[1, 3]
    az = grid[2, 0] * x + grid[2, 1] * y + grid[2, 3]
    z, step, rim = start, _ZERO, np.float32(1.001)
    while (end - z) * way >= _ZERO:
        gx = min(max(ax + grid[0, 2] * z, _ZERO), np.float32(shape[0]) - rim)
        gy = min(max(ay + grid[1, 2] * z, _ZERO), np.float32(shape[1]) - rim)
        gz = min(max(az + grid[2, 2] * z, _ZERO), np.float32(shape[2]) - rim)
        distance = _sample(volume, 0, rows, sheets, gx, gy, gz) * body[4]
        if distance * _SURE < reach:
            return z - way * _HALF * step
        step = max(distance * _SURE - _HALF * reach, _STEP)
        z += way * step
    return z


@njit(cache=True, fastmath=True, nogil=True)
def _follow(values, pixels, count, window, beam, span, bone):  # type: ignore[no-untyped-def]
    """Millimetres of cortex, and of trabecular bone weighted by its density, under `count` pixels (row, column).

    Many rays in one call, since each array that goes into a call is counted there.
    """
    volume, shape, grid, body, contacts, lesions, profile, texture = bone
    packed, places, maps, terms = contacts
    erosions, bridges, growths, dense, plate = lesions
    length, scale, endless = body[3], body[4], body[5] > _ZERO
    rows, sheets = shape[2], shape[1] * shape[2]
    for n in range(count):
        x = beam[0] + np.float32(pixels[n, 1] + window[2]) * beam[2]
        y = beam[1] - np.float32(pixels[n, 0] + window[0]) * beam[2]
        ax, ay, az, z, far = _ray(grid, x, y, span, shape, endless)
        shell_mm, spongy_mm = _ZERO, _ZERO
        shell_before, spongy_before, step = _ZERO, _ZERO, _ZERO
        while z < far:
            gx, gy, gz = ax + grid[0, 2] * z, ay + grid[1, 2] * z, az + grid[2, 2] * z
            lx, ly, lz = gx * _VOXEL + body[0], gy * _VOXEL + body[1], gz * _VOXEL + body[2]
            if endless and gy < _ZERO:
                gy = _ZERO
            distance = _sample(volume, 0, rows, sheets, gx, gy, gz) * scale
            if growths.shape[0] > 0:
                distance = min(distance, _nearest(growths, lx, ly, lz)[0] * scale)
            if distance < _SKIN:  # what cuts a bone back only matters where there is some
                distance = _cut(distance, x, y, z, packed, places, maps, terms)
                if plate[1] > _ZERO:
                    across = lx * _TWO / plate[3]
                    off = abs(ly - plate[0] - plate[2] * across * across)
                    distance = max(distance, (plate[1] * _HALF - off) * scale)
            if distance < _SKIN:
                share = min(max(ly / length * _STEPS - _HALF, _ZERO), _STEPS - np.float32(1.001))
                along = np.int32(share)
                share -= np.float32(along)
                thickness = profile[0, along] + share * (profile[0, along + 1] - profile[0, along])
                density = profile[1, along] + share * (profile[1, along + 1] - profile[1, along])
                shell, spongy, leap = _matter(
                    -distance, thickness, density, lx, ly, lz, erosions, bridges, dense, texture
                )
                leap = min(leap, _LEAP)
            else:
                shell, spongy, leap = _ZERO, _ZERO, distance * _SURE - _SKIN
            shell_mm += _HALF * (shell_before + shell) * step
            spongy_mm += _HALF * (spongy_before + spongy) * step
            shell_before, spongy_before, step = shell, spongy, max(leap, _STEP)
            z += step
        values[0, n], values[1, n] = shell_mm, spongy_mm


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _matter(depth, thickness, density, x, y, z, erosions, bridges, dense, texture):  # type: ignore[no-untyped-def]
    """Share of cortex and of trabecular bone at a local point, and how far along the ray nothing changes, in mm."""
    occupied = min(_HALF + depth * _STEEP, _ONE)
    shell = _clipped((thickness - depth) * _STEEP + _HALF)
    leap = min(abs(depth - thickness), depth) - _SKIN
    if erosions.shape[0] > 0:
        away, which = _nearest(erosions, x, y, z)
        if away < np.float32(2.5):
            coarse = min(min(erosions[which, 3], erosions[which, 4]), _TWO)
            away += np.float32(0.15) * _grain(texture, x, y, z) * coarse
            occupied *= _clipped(_HALF + away * _TWO)
            rim = erosions[which, 6]
            if rim > _ZERO and away < rim:
                shell = _ONE
            leap = min(leap, abs(away) - _SKIN)
    if bridges.shape[0] > 0:
        away = _nearest(bridges, x, y, z)[0]
        shell *= _clipped(_HALF + away / np.float32(0.6))
        leap = min(leap, abs(away) - _SKIN)
    if dense.shape[0] > 0:
        share = _clipped(_HALF - _nearest(dense, x, y, z)[0] / np.float32(1.5))
        density += (np.float32(0.75) - density) * share
        leap = min(leap, _ONE)
    return occupied * shell, occupied * (_ONE - shell) * density, leap
