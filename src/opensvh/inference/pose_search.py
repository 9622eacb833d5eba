"""The pose that suits a limb best, told by the joints that are found in it.

A first pose comes from `film_analysis`, or from nobody. A hand read as its mirror image, upside down or as a foot shows
joints too, but fewer, and in the arrangement of no limb: `shape_model` tells by how much.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from opensvh.domain.anatomy import Side
from opensvh.domain.errors import LimbNotFound
from opensvh.domain.placement import Pose
from opensvh.inference.predictor import FilmPrediction, Predictor
from opensvh.inference.shape_model import ShapeFit, ShapeModel, canonical_points, fitted, upright_pose
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph

TURNED_DEG = 12.0
"""A limb whose joints lie turned by more than this is turned and read again: networks are trained to 15 degrees."""
WELL_ARRANGED = 1.3
"""Distance from the mean shape up to which an arrangement of joints is taken as it is: in the right pose 37 real
films lie at 0.2 to 1.12, a hand with severe arthritis at 1.38; in the mirror image 1.35 and more."""
FEWEST_CONFIDENT = 0.8
"""Mean confidence of the joints below which other poses are tried."""
DISTANCE_WEIGHT = 0.25
"""What a unit of distance from the mean shape counts against the joints' mean confidence."""
OVERTURNED = 0.15
"""By how much another pose must suit better where the first was sure: an oblique foot in a mirror, straightened by 35
degrees, suited better by 0.06."""
NO_SHAPE = 4.0
"""The distance taken where too few joints were found to tell."""


@dataclass(frozen=True)
class Look:
    """One reading in one pose, and how its joints lie to each other."""

    pose: Pose
    prediction: FilmPrediction
    fit: ShapeFit | None

    @property
    def confidence(self) -> float:
        """Mean confidence of the joints."""
        confidences = self.prediction.reading.confidences.values()
        return sum(confidences) / len(confidences)

    @property
    def distance(self) -> float:
        """How far the joints lie from a limb's arrangement."""
        return NO_SHAPE if self.fit is None else self.fit.whole_distance

    @property
    def suitability(self) -> float:
        """How well pose and film go together, 1 at best."""
        return self.confidence - DISTANCE_WEIGHT * self.distance

    @property
    def doubtful(self) -> bool:
        """Whether another pose may suit better."""
        return self.confidence < FEWEST_CONFIDENT or self.distance > WELL_ARRANGED


@dataclass(frozen=True)
class PoseSearch:
    """One limb of one film, to be read in whatever pose suits."""

    predictor: Predictor
    shape: ShapeModel
    film: Radiograph
    patient: str
    source: str

    def from_pose(self, pose: Pose, sure: bool, turn_is_told: bool) -> Look:
        """The reading in that pose, or, where it is not `sure` or the joints say so, in whichever suits best.

        Raises LimbNotFound where no pose shows a limb.
        """
        first = list(self._looks([pose]))
        if first and sure and not first[0].doubtful:
            return first[0]
        # Without any look the first pose's failure is the film's.
        best = _best([*first, *self._looks(_others(pose, turn_is_told))] or [self._look(pose)])
        if first and sure and best.suitability < first[0].suitability + OVERTURNED:
            return first[0]
        return best

    def from_nothing(self, turns: Iterable[int]) -> Look | None:
        """The best reading of the whole film in the quarter turns given, either side up; None where there is none."""
        looks = list(self._looks(Pose(90.0 * turn, mirrored) for turn in turns for mirrored in (False, True)))
        return _best(looks) if looks else None

    def _looks(self, poses: Iterable[Pose]) -> Iterator[Look]:
        for pose in poses:
            look = self._try(pose)
            if look is not None:
                yield self._straightened(look)

    def _straightened(self, look: Look) -> Look:
        """The same limb turned and read again where its joints lie slanted, if that suits better."""
        if look.fit is None or abs(look.fit.turned_cw_deg) <= TURNED_DEG:
            return look
        again = self._try(upright_pose(look.pose, look.fit))
        return look if again is None else _best([look, again])

    def _try(self, pose: Pose) -> Look | None:
        try:
            return self._look(pose)
        except LimbNotFound:
            return None

    def _look(self, pose: Pose) -> Look:
        limb, side = self.shape.limb, Side.RIGHT if pose.mirrored else Side.LEFT
        identity = FilmIdentity(self.patient, limb, side, round(pose.turn_cw_deg / 90) % 4, self.source)
        prediction = self.predictor.read(self.film, identity, pose)
        return Look(pose, prediction, fitted(self.shape, canonical_points(prediction.reading.points, pose)))


def _best(looks: Iterable[Look]) -> Look:
    return max(looks, key=lambda look: look.suitability)


def _others(pose: Pose, turn_is_told: bool) -> Iterator[Pose]:
    for turn in (0.0,) if turn_is_told else (0.0, 180.0, 90.0, 270.0):
        for mirrored in (not pose.mirrored, pose.mirrored):
            if turn or mirrored is not pose.mirrored:
                yield replace(pose, turn_cw_deg=(pose.turn_cw_deg + turn) % 360, mirrored=mirrored)
