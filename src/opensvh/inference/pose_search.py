"""The pose that suits a limb best, told by the joints that are found in it.

A first pose comes from `film_analysis`, or from nobody. A hand read as its mirror image, upside down or as a foot shows
joints too, but fewer, and in the arrangement of no limb: `shape_model` tells by how much.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import LimbNotFound
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import Pose
from opensvh.inference.limb_places import LaidLimb, film_field, laid_limb
from opensvh.inference.part_search import part_guesses, sides_reached
from opensvh.inference.predictor import FilmPrediction, Predictor
from opensvh.inference.row_search import best_naming, renamed
from opensvh.inference.shape_model import ShapeFit, ShapeModel, upright_pose
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
GONE_WEIGHT = 0.3
"""What it counts against a pose if all joints lie beyond the film: a whole limb is not to be read as a part."""
WELL_NAMED, MISNAMED = 0.7, 1.15
"""A foot that reaches a side of the film is tried as a part where its joints lie farther from a limb's arrangement than
the first, and under other names too where farther than the second: of 42 side cuts of the tuning half joints rightly
named had up to 1.14, misnamed ones 1.17 and more with one exception."""
SUITS_AS_WHOLE = 0.5
"""A limb that suits better as a whole one is not tried as a part: films cut by a third had -35 to 0.3, the hand with
severe arthritis 0.65."""
MOST_GONE = 0.6
"""Where more of the joints lie beyond the film the rest is too little to settle the pose by itself."""
REFINED = 2
"""How often a part is laid anew by the joints that were found."""
GAINED = 0.01
"""By how much it must suit better then."""
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
    laid: LaidLimb

    @property
    def fit(self) -> ShapeFit | None:
        """How the joints that the film shows fit a limb's shape."""
        return self.laid.fit

    @property
    def confidence(self) -> float:
        """Mean confidence of the joints that should be on the film."""
        confidences = [each for name, each in self.prediction.reading.confidences.items() if name in self.laid.shown]
        return sum(confidences) / len(confidences) if confidences else 0.0

    @property
    def distance(self) -> float:
        """How far the joints lie from a limb's arrangement."""
        return NO_SHAPE if self.fit is None else self.fit.whole_distance

    @property
    def gone(self) -> float:
        """Share of the joints that lie beyond the film's edge."""
        return 1 - len(self.laid.shown) / len(self.prediction.reading.confidences)

    @property
    def suitability(self) -> float:
        """How well pose and film go together, 1 at best."""
        return self.confidence - DISTANCE_WEIGHT * self.distance - GONE_WEIGHT * self.gone

    @property
    def doubtful(self) -> bool:
        """Whether another pose may suit better."""
        return self.confidence < FEWEST_CONFIDENT or self.distance > WELL_ARRANGED or self.gone > MOST_GONE


@dataclass(frozen=True)
class PoseSearch:
    """One limb of one film, to be read in whatever pose suits."""

    predictor: Predictor
    shape: ShapeModel
    film: Radiograph
    patient: str
    source: str

    @cached_property
    def field(self) -> Box:
        """The film within its even borders."""
        return film_field(self.film.pixels)

    @property
    def size(self) -> Size:
        """The film's."""
        rows, columns = self.film.pixels.shape
        return Size(columns, rows)

    def from_pose(self, pose: Pose, sure_of: Collection[str], turn_is_told: bool) -> Look:
        """The reading in that pose, or in whichever suits best where the joints bear it out badly or `sure_of` lacks
        `side` or `turn`. Where the limb does not suit as a whole one it is read as a part too, in the pose given and in
        those that what is not sure leaves open.

        Raises LimbNotFound where no pose shows a limb.
        """
        sure = {"side", "turn"} <= set(sure_of)
        own = self._whole_or_part(pose)
        if own and sure and not _best(own).doubtful:
            return _best(own)
        mirrored = replace(pose, mirrored=not pose.mirrored)
        looks = [*own, *(self._looks([mirrored]) if "side" in sure_of else self._whole_or_part(mirrored))]
        if not turn_is_told and (not looks or "turn" not in sure_of or _best(looks).doubtful):
            looks += self._looks(_turned(pose))
            if "turn" not in sure_of and looks and _best(looks).doubtful:
                looks += self._parts(_best(looks).pose)
        # Without any look the first pose's failure is the film's.
        best = _best(looks or [self._look(pose)])
        if own and sure and best.suitability < _best(own).suitability + OVERTURNED:
            return _best(own)
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

    def _whole_or_part(self, pose: Pose) -> list[Look]:
        """The readings of the limb as a whole one and, where that is none or suits badly, as one that goes on beyond
        the film."""
        looks = self._also_named_anew(self._looks([pose]))
        if looks and not _best(looks).doubtful and _best(looks).distance <= self._well_named(pose):
            return [self._refined(_best(looks))]
        is_poor = not looks or _best(looks).suitability < SUITS_AS_WHOLE or bool(self._sides_reached(pose))
        return [*looks, *(self._also_named_anew(self._parts(pose)) if is_poor else ())]

    def _well_named(self, pose: Pose) -> float:
        """The distance up to which joints are taken to be those they are called."""
        return WELL_NAMED if self._sides_reached(pose) else WELL_ARRANGED

    def _also_named_anew(self, looks: Iterable[Look]) -> list[Look]:
        """These readings, and where they lie unlike a limb the same under the names of what a cut leaves."""
        return [each for look in looks for each in (look, self._named_anew(look)) if each is not None]

    def _named_anew(self, look: Look) -> Look | None:
        sides = self._sides_reached(look.pose)
        reading = look.prediction.reading
        if not sides or look.distance <= MISNAMED:
            return None
        naming = best_naming(self.shape, reading.points, look.pose, self.field, sides)
        if naming is None:
            return None
        anew = renamed(reading, naming)
        laid = laid_limb(self.shape, anew.points, look.pose, self.field)
        return Look(look.pose, replace(look.prediction, reading=anew), laid)

    def _sides_reached(self, pose: Pose) -> list[str]:
        """The sides of the film that a foot reaches: only its joints lie in one row from side to side."""
        return sides_reached(pose, self.size) if self.shape.limb is Limb.FOOT else []

    def _parts(self, pose: Pose) -> Iterator[Look]:
        """The best reading of the limb as one that goes on beyond the film; nothing where it lies free."""
        found: list[Look] = []
        for guess in part_guesses(self.shape, pose, self.size):
            look = self._try(pose, guess)
            if look is not None:
                found.append(look)
                if not look.doubtful:
                    break
        if found:
            yield self._refined(self._straightened(_best(found)))

    def _refined(self, look: Look) -> Look:
        """A limb of which the film shows a part laid anew by the joints that were found, while that suits better."""
        for _ in range(REFINED):
            if not look.gone or look.fit is None:
                break
            again = self._try(look.pose, look.laid.places)
            if again is None or again.suitability < look.suitability + GAINED:
                break
            look = again
        return look

    def _straightened(self, look: Look) -> Look:
        """The same limb turned and read again where its joints lie slanted, if that suits better."""
        if look.fit is None or abs(look.fit.turned_cw_deg) <= TURNED_DEG:
            return look
        again = self._try(upright_pose(look.pose, look.fit), look.laid.places if look.gone else None)
        return look if again is None else _best([look, again])

    def _try(self, pose: Pose, expected: Mapping[str, Point] | None = None) -> Look | None:
        try:
            return self._look(pose, expected)
        except LimbNotFound:
            return None

    def _look(self, pose: Pose, expected: Mapping[str, Point] | None = None) -> Look:
        limb, side = self.shape.limb, Side.RIGHT if pose.mirrored else Side.LEFT
        identity = FilmIdentity(self.patient, limb, side, round(pose.turn_cw_deg / 90) % 4, self.source)
        about = None if expected is None else tuple(expected.values())
        prediction = self.predictor.read(self.film, identity, pose, about)
        return Look(pose, prediction, laid_limb(self.shape, prediction.reading.points, pose, self.field))


def _best(looks: Iterable[Look]) -> Look:
    return max(looks, key=lambda look: look.suitability)


def _turned(pose: Pose) -> Iterator[Pose]:
    for turn in (180.0, 90.0, 270.0):
        for mirrored in (not pose.mirrored, pose.mirrored):
            yield replace(pose, turn_cw_deg=(pose.turn_cw_deg + turn) % 360, mirrored=mirrored)
