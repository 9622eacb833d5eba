"""Models and a film -> the film's reading, with what the models saw per pixel.

The order is fixed here: canonical film, network on it and on its mirror image, joints, a second look cut around them,
pooling per joint, agreement of the models. Cutting is `preprocessing`'s, agreement is `ensemble`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from opensvh.domain.anatomy import POINTS, Kind, Limb, joint_class, sites_of
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading
from opensvh.inference.bundle import Bundle, ReadingConfig
from opensvh.inference.ensemble import JointEvidence, combined, on_scale, site_reading
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph
from opensvh.model.pooling import pool_scores
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import CanonicalFilm, canonical_film, canonical_film_of_box
from opensvh.preprocessing.turn import PosedFilm, posed
from opensvh.targets.decode import MaskRadii, decode_joints

MAP_STRIDE = 2
"""Maps for people are kept at no more than half the picture's resolution."""
SAME_CUT = 0.85
"""Overlap (intersection over union) above which a second look would show the same picture again."""
FEW_JOINTS_WARNING = "fewer than half of the joints were found: check limb, side and the turn of the film"


@dataclass(frozen=True)
class FilmMaps:
    """What the first model saw, per pixel; `frame` maps film pixels to the maps' pixels.

    `joint` uint8 [rows, columns], the likeliest class; `probability` of it; `narrowing` and `erosion` expectation as a
    share of the highest class, in [0, 1].
    """

    frame: Frame
    joint: NDArray[np.uint8]
    probability: NDArray[np.float32]
    narrowing: NDArray[np.float32]
    erosion: NDArray[np.float32]


@dataclass(frozen=True)
class FilmPrediction:
    """A reading and the maps behind it."""

    reading: FilmReading
    maps: FilmMaps


@dataclass(frozen=True)
class View:
    """One model's look at one film: softmax maps, and the joints read from them.

    `frame` maps film pixels to the maps'; `joint` [22, rows, columns], `narrowing` [5, ...], `erosion` [6 or 11, ...];
    evidence by point name.
    """

    film: CanonicalFilm
    frame: Frame
    joint: NDArray[np.float32]
    narrowing: NDArray[np.float32]
    erosion: NDArray[np.float32]
    evidence: Mapping[str, JointEvidence]


@dataclass(frozen=True)
class Predictor:
    """One model or an ensemble, ready to read films; `autocast` runs the networks in bfloat16."""

    bundles: Sequence[Bundle]
    autocast: bool = False

    def read(
        self,
        radiograph: Radiograph,
        identity: FilmIdentity,
        pose: Pose | None = None,
        expected: Sequence[Point] | None = None,
    ) -> FilmPrediction:
        """Read one limb, lying in `pose` or else as the identity says; raises LimbNotFound where none is made out.

        `expected`: where all its joints should lie, in pixels of the film, some of them beyond its edge; the picture is
        laid about them, and no limb is looked for.
        """
        pose = identity.pose if pose is None else pose
        film = posed(radiograph.pixels, pose)
        if expected is None:
            views = [self._view(bundle, film, identity.limb) for bundle in self.bundles]
        else:
            views = [self._look_about(bundle, film, identity.limb, expected) for bundle in self.bundles]
        agreed = {point: combined([view.evidence[point] for view in views]) for point in POINTS[identity.limb]}
        threshold = float(np.mean([bundle.config.reading.joint_threshold for bundle in self.bundles]))
        return FilmPrediction(_reading(radiograph, identity, pose, views[0].film, agreed, threshold), _maps(views[0]))

    def _view(self, bundle: Bundle, film: PosedFilm, limb: Limb) -> View:
        """The model's best look: the first, or a second one cut around the joints that the first one found."""
        config = bundle.config.preprocessing
        first = self._look(bundle, canonical_film(film, limb, config), limb)
        box = _better_box(first, limb, bundle.config.reading)
        if box is None:
            return first
        second = self._look(bundle, canonical_film_of_box(film, box, config), limb)
        return second if _mean_confidence(second) >= _mean_confidence(first) else first

    def _look_about(self, bundle: Bundle, film: PosedFilm, limb: Limb, expected: Sequence[Point]) -> View:
        box = box_around(film.frame.to_model(expected), limb)
        return self._look(bundle, canonical_film_of_box(film, box, bundle.config.preprocessing), limb)

    def _look(self, bundle: Bundle, film: CanonicalFilm, limb: Limb) -> View:
        joint, narrowing, erosion = self._softmax_maps(bundle, film.image)
        frame = film.frame.strided(bundle.config.model.output_stride)
        decoded = decode_joints(joint.numpy(), limb, MaskRadii(*bundle.config.model.map_radii_px))
        pooled = {Kind.NARROWING: pool_scores(joint, narrowing), Kind.EROSION: pool_scores(joint, erosion)}
        evidence = {
            point: JointEvidence(
                point=None if found.point is None else frame.to_film([found.point])[0],
                confidence=found.confidence,
                damage={
                    kind: on_scale(scores[joint_class(limb, point)].double().numpy(), _highest(limb, kind))
                    for kind, scores in pooled.items()
                },
            )
            for point, found in decoded.items()
        }
        return View(film, frame, joint.numpy(), narrowing.numpy(), erosion.numpy(), evidence)

    def _softmax_maps(self, bundle: Bundle, image: NDArray[np.float32]) -> tuple[Tensor, Tensor, Tensor]:
        """Softmax maps [classes, rows, columns] of the three heads, averaged over the mirrored pair if there is one."""
        batch = torch.from_numpy(np.ascontiguousarray(image))[None, None]
        pair = bundle.config.reading.mirrored_pair
        if pair:
            batch = torch.cat([batch, batch.flip(-1)])
        batch = batch.contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            logits = bundle.network(batch)
        joint, narrowing, erosion = (_softmax(each, pair) for each in (logits.joint, logits.narrowing, logits.erosion))
        return joint, narrowing, erosion


def _softmax(logits: Tensor, pair: bool) -> Tensor:
    maps = logits.float().softmax(dim=1)
    return (maps[0] + maps[1].flip(-1)) / 2 if pair else maps[0]


def _highest(limb: Limb, kind: Kind) -> int:
    return max(site.maximum(kind) or 0 for site in sites_of(limb, kind))


def _mean_confidence(view: View) -> float:
    return sum(each.confidence for each in view.evidence.values()) / len(view.evidence)


def _better_box(view: View, limb: Limb, config: ReadingConfig) -> Box | None:
    """The limb's box from its joints, None where too few were found or the film was already cut about there."""
    sure = [each.point for each in view.evidence.values() if each.confidence >= config.joint_threshold and each.point]
    if not config.second_look or len(sure) < config.confident_joints * len(view.evidence):
        return None
    box = box_around(view.film.turn.to_model(sure), limb)
    return None if box.overlap(view.film.box) >= SAME_CUT else box


def _reading(
    radiograph: Radiograph,
    identity: FilmIdentity,
    pose: Pose,
    film: CanonicalFilm,
    agreed: Mapping[str, JointEvidence],
    threshold: float,
) -> FilmReading:
    found = {name: each for name, each in agreed.items() if each.point is not None and each.confidence >= threshold}
    return FilmReading(
        patient=identity.patient,
        film=radiograph.path,
        limb=identity.limb,
        side=identity.side,
        sites=tuple(
            site_reading(site, kind, agreed[site.point], threshold)
            for kind in Kind
            for site in sites_of(identity.limb, kind)
        ),
        box=film.film_box,
        points={name: each.point for name, each in found.items() if each.point is not None},
        confidences={name: each.confidence for name, each in agreed.items()},
        pose=pose,
        warnings=(FEW_JOINTS_WARNING,) if len(found) * 2 < len(agreed) else (),
        facts=_facts(radiograph, identity),
    )


def _facts(radiograph: Radiograph, identity: FilmIdentity) -> dict[str, str]:
    spacing = {} if radiograph.spacing_mm is None else {"spacing_mm": f"{radiograph.spacing_mm:g}"}
    return {**radiograph.facts, **spacing, "identified_by": identity.source}


def _maps(view: View) -> FilmMaps:
    # Single pixels, taken at their centres: no half-pixel shift, unlike a resize.
    every = 1 if view.frame.size.width < view.film.frame.size.width else MAP_STRIDE
    joint = view.joint[:, ::every, ::every]
    rows, columns = joint.shape[1:]
    frame = view.frame.mapped(((1 / every, 0.0, 0.0), (0.0, 1 / every, 0.0)), Size(columns, rows))
    return FilmMaps(
        frame=frame,
        joint=joint.argmax(0).astype(np.uint8),
        probability=joint.max(0),
        narrowing=_share(view.narrowing[:, ::every, ::every]),
        erosion=_share(view.erosion[:, ::every, ::every]),
    )


def _share(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Expected class of [classes, rows, columns] as a share of the highest class."""
    grades = np.linspace(0, 1, len(probabilities), dtype=np.float32)
    return np.asarray(np.tensordot(grades, probabilities, axes=1), np.float32)
