"""Models and a film -> the film's reading, with what the models saw per pixel.

The order is fixed here: canonical film, network with pooling per joint, a second look cut around the joints found,
agreement of the models. Cutting is `preprocessing`'s, running a network is `backends`', agreement is `ensemble`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb, sites_of
from opensvh.domain.geometry import Frame, Point, Size
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends import Engine, Pooled, TorchEngine
from opensvh.inference.bundle import ReadingConfig
from opensvh.inference.ensemble import JointEvidence, between, combined, on_scale, site_reading
from opensvh.inference.export_bundle import ExportedModel, Model
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.area_cut import Area, area_around, canonical_film_of_area
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import CanonicalFilm, canonical_film, canonical_film_of_box
from opensvh.preprocessing.turn import PosedFilm, posed

SAME_CUT, OTHER_CUT = 0.86, 0.84
"""Overlap (intersection over union) from which on a second look would show the same picture again, and that up to which
it shows another one. Between both, as below, the reading passes smoothly from one look to the other: a step would make
more of the last digits of a joint's place than scores may differ by."""
LESS_SURE = 0.04
"""A second look counts for nothing where the mean confidence of its joints is lower by this."""
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
    """One model's look at one film: what was pooled of its maps, and the joints read from that, by point name.

    `frame` maps film pixels to the network's maps; the maps for people have one pixel of `every` in each direction.
    """

    film: CanonicalFilm
    frame: Frame
    pooled: Pooled
    every: int
    evidence: Mapping[str, JointEvidence]


@dataclass(frozen=True)
class Predictor:
    """One model or an ensemble, ready to read films; `autocast` runs networks that PyTorch runs in bfloat16."""

    bundles: Sequence[Model]
    autocast: bool = False

    @property
    def engines(self) -> tuple[str, ...]:
        """What runs the models: backend and precision of each."""
        return tuple(self._engine(bundle).name for bundle in self.bundles)

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
        reading = _reading(radiograph, identity, pose, views[0].film, agreed, threshold)
        facts = {**reading.facts, "network_run_by": ", ".join(dict.fromkeys(self.engines))}
        return FilmPrediction(replace(reading, facts=facts), _maps(views[0]))

    def _view(self, bundle: Model, film: PosedFilm, limb: Limb) -> View:
        """The model's best look: the first, or a second one cut around the joints that the first one found."""
        config = bundle.config
        first = self._look(bundle, canonical_film(film, limb, config.preprocessing), limb)
        area = _second_area(first, limb, config.reading)
        share = 0.0 if area is None else _passed(SAME_CUT, OTHER_CUT, area.overlap(Area.of(first.film.box)))
        if area is None or share == 0:
            return first
        second = self._look(bundle, canonical_film_of_area(film, area, config.preprocessing), limb)
        share *= _passed(-LESS_SURE, 0.0, _mean_confidence(second) - _mean_confidence(first))
        evidence = {point: between(each, second.evidence[point], share) for point, each in first.evidence.items()}
        return replace(second if share >= 0.5 else first, evidence=evidence)

    def _look_about(self, bundle: Model, film: PosedFilm, limb: Limb, expected: Sequence[Point]) -> View:
        box = box_around(film.frame.to_model(expected), limb)
        return self._look(bundle, canonical_film_of_box(film, box, bundle.config.preprocessing), limb)

    def _look(self, bundle: Model, film: CanonicalFilm, limb: Limb) -> View:
        engine, stride = self._engine(bundle), bundle.config.model.output_stride
        pooled, frame = engine.look(film.image), film.frame.strided(stride)
        evidence = {
            point: JointEvidence(
                point=None if found.point is None else frame.to_film([found.point])[0],
                confidence=found.confidence,
                damage={
                    kind: on_scale(classes, _highest(limb, kind))
                    for kind, classes in pooled.damage(limb, point).items()
                },
            )
            for point, found in pooled.joints(limb, bundle.config).items()
        }
        return View(film, frame, pooled, engine.map_stride // stride, evidence)

    def _engine(self, bundle: Model) -> Engine:
        if isinstance(bundle, ExportedModel):
            return bundle.engine
        return TorchEngine(bundle.network, bundle.config, self.autocast)


def _highest(limb: Limb, kind: Kind) -> int:
    return max(site.maximum(kind) or 0 for site in sites_of(limb, kind))


def _mean_confidence(view: View) -> float:
    return sum(each.confidence for each in view.evidence.values()) / len(view.evidence)


def _second_area(view: View, limb: Limb, config: ReadingConfig) -> Area | None:
    """The limb's area from its joints, None where a second look is not wanted or too few joints were found."""
    sure = [each.point for each in view.evidence.values() if each.confidence >= config.joint_threshold and each.point]
    if not config.second_look or len(sure) < config.confident_joints * len(view.evidence):
        return None
    return area_around(view.film.turn.to_model(sure), limb)


def _passed(start: float, end: float, value: float) -> float:
    """How far the value has come from start to end, in [0, 1]."""
    return min(max((value - start) / (end - start), 0.0), 1.0)


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
    joint, probability, narrowing, erosion = view.pooled.maps
    rows, columns = joint.shape
    frame = view.frame.mapped(((1 / view.every, 0.0, 0.0), (0.0, 1 / view.every, 0.0)), Size(columns, rows))
    return FilmMaps(frame, joint.astype(np.uint8), probability, narrowing, erosion)
