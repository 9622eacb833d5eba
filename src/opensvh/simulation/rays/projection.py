"""Line integrals through posed bones: the thickness of bone along each ray of a parallel beam, in mm.

Cortex lies where the depth below the surface is less than its thickness, also along surfaces cut by a neighbour;
erosions take bone away without making new cortex; a bridge takes the cortex away between fused bones. The compiled
loop is `ray_march`'s, the look of trabecular bone `trabeculae`'s.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from opensvh.simulation.anatomy.bones import MARGIN_MM
from opensvh.simulation.anatomy.distance_fields import VOXEL_MM
from opensvh.simulation.anatomy.skeleton import Contact, Lesion, PosedBone, Skeleton
from opensvh.simulation.rays.ray_march import march
from opensvh.simulation.rays.trabeculae import net_of, struts_shown, trabecular_pattern

RAGGED_VOXELS = 64


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
    """What bone is made of in one patient: factors on density and cortex, how far trabeculae stand out, their seed."""

    density: float = 1.0
    cortex: float = 1.0
    texture: float = 0.5
    texture_seed: int = 0


def bone_thickness(
    skeleton: Skeleton, detector: Detector, tissue: BoneTissue, only: str | None = None
) -> NDArray[np.float32]:
    """Millimetres of cortical-equivalent bone under each pixel, [height, width].

    With `only` that bone is drawn alone, as its neighbours cut it back.
    """
    image = np.zeros((detector.height, detector.width), np.float32)
    for number, name in enumerate(skeleton.bones):
        if only in (None, name):
            _add_bone(image, skeleton, name, detector, tissue, number)
    return image


def _add_bone(
    image: NDArray[np.float32], skeleton: Skeleton, name: str, detector: Detector, tissue: BoneTissue, number: int
) -> None:
    bone = skeleton.bones[name]
    window, near, far = _extent(bone, detector)
    if window is None:
        return
    top, bottom, left, right = (int(edge) for edge in window)
    parts = np.zeros((2, bottom - top, right - left), np.float32)
    packed = (
        bone.shape.distance.ravel(),
        np.array(bone.shape.distance.shape, np.int64),
        _grid_map(bone, np.eye(3), bone.position),
        np.array([*bone.shape.origin, bone.shape.length_mm, bone.scale.mean(), bone.shape.endless], np.float32),
        _contacts(skeleton, name),
        _lesion_arrays(bone),
        _profile(bone, tissue),
        _ragged(),
    )
    march(
        parts, window, np.array([detector.left_mm, detector.top_mm, detector.pixel_mm, near, far], np.float32), packed
    )
    _add_tissue(image[top:bottom, left:right], parts, bone, _local_map(bone, detector, window), tissue, number)


def _add_tissue(
    view: NDArray[np.float32],
    parts: NDArray[np.float32],
    bone: PosedBone,
    local: NDArray[np.float64],
    tissue: BoneTissue,
    number: int,
) -> None:
    """Add a bone's cortex and its trabecular bone with struts to the part of the image it covers."""
    shell, spongy = parts
    if bone.solid:
        view += bone.solid * (shell + spongy)
        return
    if tissue.texture > 0:
        waist = np.ones(2, np.float32) if bone.shape.waist is None else bone.shape.waist
        pattern = trabecular_pattern(shell.shape, local, waist, net_of(bone.shape), tissue.texture_seed * 64 + number)
        spongy = np.maximum(spongy + tissue.texture * struts_shown(spongy) * pattern, 0)
    view += tissue.density * (shell + spongy)


def _contacts(
    skeleton: Skeleton, name: str
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """The volumes that cut a bone back, their places, world -> voxel maps, and terms of each contact:
    gap at the world's origin, shared, the neighbour's scale, growth of the gap along x, y and z."""
    bone = skeleton.bones[name]
    contacts = [c for c in skeleton.contacts if c.bone == name and c.neighbour in skeleton.bones]
    neighbours = [skeleton.bones[contact.neighbour] for contact in contacts]
    maps = [_contact_map(contact, bone, other) for contact, other in zip(contacts, neighbours, strict=True)]
    across = bone.rotation[:, 0]
    terms = [
        (c.gap_mm - c.wedge * across @ bone.position, c.shared, other.scale.mean(), *(c.wedge * across))
        for c, other in zip(contacts, neighbours, strict=True)
    ]
    return (
        *_packed(neighbours),
        np.array(maps, np.float32).reshape(-1, 3, 4),
        np.array(terms, np.float32).reshape(-1, 6),
    )


def _lesion_arrays(bone: PosedBone) -> tuple[NDArray[np.float32], ...]:
    """Erosions, bridges, growths, dense places [n, 7], and the growth plate: y, width, arch, the bone's width."""
    plate = bone.growth_plate
    gap = (plate.y_mm, plate.width_mm, plate.arch_mm) if plate else (0.0, 0.0, 0.0)
    kinds = (bone.erosions, bone.bridges, bone.growths, bone.dense)
    return (*(_lesions(kind) for kind in kinds), np.array([*gap, bone.shape.width_mm], np.float32))


def _profile(bone: PosedBone, tissue: BoneTissue) -> NDArray[np.float32]:
    """Cortex in mm and trabecular density along the bone, [2, steps]; less of both near ends that have lost bone."""
    end = np.linspace(-1, 1, len(bone.shape.cortex_mm), dtype=np.float32) ** 2
    lost = (1 - bone.end_density) * end
    cortex = bone.shape.cortex_mm * np.float32(tissue.cortex)
    return np.stack([cortex * (1 - 0.5 * lost), bone.shape.density * (1 - lost)]).astype(np.float32)


def _local_map(bone: PosedBone, detector: Detector, window: NDArray[np.int64]) -> NDArray[np.float64]:
    """Pixel (column, row, 1) of the window -> the bone's own (x, y) in mm, at the depth of its middle, [2, 3]."""
    top, _, left, _ = window
    to_local = (bone.rotation / bone.scale).T
    middle = bone.world((0.0, bone.shape.length_mm / 2 if bone.shape.waist is not None else 0.0, 0.0))
    corner = np.array(
        [detector.left_mm + left * detector.pixel_mm, detector.top_mm - top * detector.pixel_mm, middle[2]]
    )
    step = to_local[:2] * detector.pixel_mm
    return np.column_stack([step[:, 0], -step[:, 1], to_local[:2] @ (corner - bone.position)])


def _packed(bones: list[PosedBone]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The bones' volumes end to end, and each one's first place and shape, [n, 4]."""
    volumes = [bone.shape.distance for bone in bones]
    starts = np.cumsum([0, *(volume.size for volume in volumes)])[:-1]
    places = np.array([(start, *volume.shape) for start, volume in zip(starts, volumes, strict=True)], np.int64)
    return np.concatenate([np.zeros(0, np.float32), *(v.ravel() for v in volumes)]), places.reshape(-1, 4)


def _extent(bone: PosedBone, detector: Detector) -> tuple[NDArray[np.int64] | None, float, float]:
    """Window (top, bottom, left, right) in pixels and depth range that the bone can touch; None if off the film."""
    empty = 0.0 if bone.growths else MARGIN_MM - 1.0  # of the volume's margin
    low = np.array(bone.shape.origin) + empty
    high = np.array(bone.shape.origin) + VOXEL_MM * (np.array(bone.shape.distance.shape) - 1) - empty
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
    """World -> neighbour's voxels, moved along `contact.through` as `contact.flatten` says."""
    depth = np.array([0.0, 0.0, 1.0]) if contact.shared else bone.rotation[:, 2]
    about = np.array([0.0, 0.0, contact.depth_mm]) if contact.shared else bone.position + contact.depth_mm * depth
    through = depth if contact.through is None else np.asarray(contact.through) / (np.asarray(contact.through) @ depth)
    return _grid_map(neighbour, np.eye(3) - (1 - contact.flatten) * np.outer(through, depth), about)


def _lesions(lesions: tuple[Lesion, ...]) -> NDArray[np.float32]:
    return np.array([[*lesion.centre, *lesion.radii, lesion.rim_mm] for lesion in lesions], np.float32).reshape(-1, 7)


@lru_cache(maxsize=1)
def _ragged() -> NDArray[np.float32]:
    """Periodic noise of unit variance that roughens the margins of erosions."""
    noise = np.random.default_rng(0).standard_normal((RAGGED_VOXELS,) * 3)
    band = gaussian_filter(noise, (0.8, 1.5, 0.8), mode="wrap") - gaussian_filter(noise, (2.2, 3.5, 2.2), mode="wrap")
    return np.asarray(band / band.std(), dtype=np.float32)
