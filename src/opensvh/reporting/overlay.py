"""Pictures of a film for people: the film with its digits up, and what the model saw on it as layers.

Everything here is in picture pixels; `FilmPicture.frame` maps film pixels to them. Pages are made in `html`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Frame, Size, compose, invert
from opensvh.domain.reading import FilmReading
from opensvh.reporting.crops import joint_crops
from opensvh.reporting.palette import JOINT_COLOURS, SCALE, grade_colour

LONGEST_PX = 1280
"""Longer side of a film in a report: finer than a screen shows it, 100 to 300 kB as JPEG."""
LAYER_PX = 640
"""Longer side of a map layer; the maps themselves are no finer."""
JPEG_QUALITY = 88
FULL_OPACITY = 0.85

Grey = NDArray[np.uint8]


class DamageMaps(Protocol):
    """What a model saw, per pixel of its own view of the film; `frame` maps film pixels to that view.

    `joint`: class 0..21, the likeliest; `probability` of that class, in [0, 1]; `narrowing` and `erosion`: expectation
    as a share of the highest grade, in [0, 1]. All of shape [rows, columns].
    """

    @property
    def frame(self) -> Frame: ...
    @property
    def joint(self) -> NDArray[np.uint8]: ...
    @property
    def probability(self) -> NDArray[np.float32]: ...
    @property
    def narrowing(self) -> NDArray[np.float32]: ...
    @property
    def erosion(self) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class FilmPicture:
    """A film as a JPEG with digits up, its layers (`joints`, `narrowing`, `erosion`) as transparent PNGs.

    `crops`: a JPEG around each joint found, at the film's own resolution (see `crops`).
    """

    frame: Frame
    jpeg: bytes
    layers: Mapping[str, bytes]
    crops: Mapping[str, bytes] = field(default_factory=dict)


def picture_of(pixels: NDArray[np.float32], reading: FilmReading, maps: DamageMaps | None) -> FilmPicture:
    """The picture and layers of one film; `pixels` as stored, in [0, 1], of shape [rows, columns]."""
    turned, frame = _turned_and_scaled(pixels, reading.quarter_turns_cw, LONGEST_PX)
    layers = {} if maps is None else _layers(maps, frame)
    jpeg = _encoded(".jpg", turned, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return FilmPicture(frame, jpeg, layers, joint_crops(pixels, reading))


def drawn_overlay(picture: FilmPicture, reading: FilmReading) -> bytes:
    """The film with its box and a ring on each joint, coloured by the worst grade there, as a PNG."""
    canvas = np.asarray(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    corners = np.array([picture.frame.to_model(reading.box.corners())]).round().astype(np.int32)
    cv2.polylines(canvas, list(corners), isClosed=True, color=(200, 170, 90), thickness=1, lineType=cv2.LINE_AA)
    radius = max(5, round(picture.frame.scale * reading.box.height / 85))
    for name, point in reading.points.items():
        (where,) = picture.frame.to_model([point])
        colour = grade_colour(worst_share(reading, name))[::-1]
        centre = (round(where.x), round(where.y))
        cv2.circle(canvas, centre, radius, colour, 2, cv2.LINE_AA)
        place = (centre[0] + radius + 2, centre[1] + 4)
        cv2.putText(canvas, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, colour, 1, cv2.LINE_AA)
    return _encoded(".png", canvas, [])


def worst_share(reading: FilmReading, point: str) -> float | None:
    """The highest grade read at a joint, as a share of its maximum; None where nothing was scored there."""
    shares = [
        each.score / (each.site.maximum(each.kind) or 1)
        for each in reading.sites
        if each.site.point == point and each.score is not None
    ]
    return max(shares, default=None)


def _turned_and_scaled(pixels: NDArray[np.float32], quarter_turns_cw: int, longest: int) -> tuple[Grey, Frame]:
    rows, columns = pixels.shape
    frame = Frame.of(Size(columns, rows)).turned(quarter_turns_cw)
    turned = np.ascontiguousarray(np.rot90(pixels, -quarter_turns_cw))
    share = min(1.0, longest / max(frame.size))
    size = Size(max(1, round(frame.size.width * share)), max(1, round(frame.size.height * share)))
    scaled = cv2.resize(turned, size, interpolation=cv2.INTER_AREA)
    return (scaled.clip(0, 1) * 255).round().astype(np.uint8), frame.scaled(size)


def _layers(maps: DamageMaps, picture: Frame) -> dict[str, bytes]:
    share = min(1.0, LAYER_PX / max(picture.size))
    frame = picture.scaled(Size(max(1, round(picture.size.width * share)), max(1, round(picture.size.height * share))))
    joint = _on_picture(maps.joint, maps, frame, cv2.INTER_NEAREST).round().astype(np.uint8)
    weight = _on_picture(maps.probability, maps, frame, cv2.INTER_LINEAR) * (joint > 0)
    damage = {"narrowing": maps.narrowing, "erosion": maps.erosion}
    scaled = {name: _on_picture(share, maps, frame, cv2.INTER_LINEAR) for name, share in damage.items()}
    return {
        "joints": _layer(JOINT_COLOURS[joint], weight),
        **{name: _layer(SCALE[(share.clip(0, 1) * 255).astype(np.uint8)], weight) for name, share in scaled.items()},
    }


def _on_picture(
    values: NDArray[np.uint8] | NDArray[np.float32], maps: DamageMaps, frame: Frame, interpolation: int
) -> NDArray[np.float32]:
    """A map of the model's view, seen in the pixels of `frame`; 0 outside of the view."""
    to_layer = np.array(compose(frame.matrix, invert(maps.frame.matrix)))
    return np.asarray(cv2.warpAffine(values.astype(np.float32), to_layer, frame.size, flags=interpolation), np.float32)


def _layer(colours: NDArray[np.uint8], weight: NDArray[np.float32]) -> bytes:
    """RGB colours [rows, columns, 3] as opaque as `weight` in [0, 1] says."""
    alpha = (weight.clip(0, 1) * FULL_OPACITY * 255).astype(np.uint8)
    visible = colours[..., ::-1] * (alpha > 0)[..., None]
    return _encoded(".png", np.dstack([visible.astype(np.uint8), alpha]), [])


def _encoded(kind: str, image: NDArray[np.uint8], options: list[int]) -> bytes:
    done, code = cv2.imencode(kind, image, options)
    if not done:
        raise RuntimeError(f"the picture of shape {image.shape} cannot be encoded as {kind}")
    return code.tobytes()
