"""A film of which little or nothing is said -> a reading of every limb on it.

The order is fixed here: find the limbs from the pixels, hold that against what tags, names and the user claim, read
each in the pose that suits it, ask the quality gate. Limbs are `film_analysis`', whose they are `laterality`'s, the
pose `pose_search`'s, joints `predictor`'s, the gate `quality`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import RefusedFilm
from opensvh.inference.laterality import NamedSide, named_side, nearest, side_doubts
from opensvh.inference.pose_search import Look, PoseSearch
from opensvh.inference.predictor import FilmPrediction, Predictor
from opensvh.inference.quality import judge
from opensvh.inference.quality_findings import apply_findings, refusal
from opensvh.inference.shape_model import ShapeModel
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.side_marker import find_side_markers

SURE = 0.8
"""A decision from pixels with at least this confidence is held against claims."""
PLAIN = 0.9
"""Below this confidence in limb, side or turn a limb is read as the other and in other poses too; the joints decide."""
TRUSTED = 0.4
"""Suitability from which a limb is believed to be there although it was not seen on the whole film."""
OVERRULE = "give --limb, --side and --rotate"


class Analyser(Protocol):
    """What finds limbs on a whole film: `film_analysis.FilmAnalyser`."""

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]: ...


class FilmOutcome(NamedTuple):
    """What came of a film: its limbs that were read, and those that are not to be scored."""

    read: tuple[FilmPrediction, ...]
    refused: tuple[RefusedFilm, ...]


@dataclass(frozen=True)
class FilmReader:
    """A model with all that brings a film before it."""

    predictor: Predictor
    analyser: Analyser
    shapes: Mapping[Limb, ShapeModel] = field(default_factory=shipped_shape_models)

    def read(self, film: Radiograph, known: KnownFilm) -> FilmOutcome:
        """Every limb of the film, or the one that is named.

        Raises FilmUnidentified where a claim contradicts the pixels, LimbNotFound where no hand or foot is made out.
        """
        seen, letters = self.analyser.analyse(film.pixels), find_side_markers(film.pixels)
        if not seen:
            return _judged(film, known, [self._unseen(film, known, named_side(known, letters))])
        limbs, others = _claimed(film, known, seen)
        sides = (named_side(known, nearest(letters, each, limbs)) for each in limbs)
        read = [self._limb(film, known, each, side) for each, side in zip(limbs, sides, strict=True)]
        return _judged(film, known, [_with_others(each, others) for each in read])

    def _limb(self, film: Radiograph, known: KnownFilm, found: LimbPlacement, side: NamedSide) -> FilmPrediction:
        pose, turn_is_told = found.pose, known.quarter_turns_cw is not None
        if known.quarter_turns_cw is not None:
            pose = replace(pose, turn_cw_deg=90.0 * known.quarter_turns_cw)
        sure = all(found.confidence.get(decision, 1.0) >= PLAIN for decision in ("side", "turn"))
        looks: dict[Limb, Look] = {}
        for limb in _possible_limbs(known, found):
            try:
                looks[limb] = self._search(film, known, limb).from_pose(pose, sure, turn_is_told)
            except LimbNotFound:
                if not looks:
                    raise
        limb = max(looks, key=lambda each: looks[each].suitability)
        return _named(side, looks[limb], replace(found, limb=limb))

    def _unseen(self, film: Radiograph, known: KnownFilm, side: NamedSide) -> FilmPrediction:
        """A limb that somebody says is there: believed if its joints agree, or if the user settled all."""
        remedy = f"if it shows one, {OVERRULE}"
        if known.limb is None:
            raise LimbNotFound(f"{film.path}: no hand or foot is seen on it; {remedy}")
        turns = range(4) if known.quarter_turns_cw is None else [known.quarter_turns_cw]
        look = self._search(film, known, known.limb).from_nothing(turns)
        if look is None or (look.suitability < TRUSTED and not known.settled):
            raise LimbNotFound(f"{film.path}: no {known.limb} is seen on it; {remedy}")
        box = look.prediction.reading.box
        return _named(side, look, LimbPlacement(known.limb, Side.LEFT, 0.0, box))

    def _search(self, film: Radiograph, known: KnownFilm, limb: Limb) -> PoseSearch:
        return PoseSearch(self.predictor, self.shapes[limb], film, known.patient, known.source or "pixels")


def _judged(film: Radiograph, known: KnownFilm, predictions: Iterable[FilmPrediction]) -> FilmOutcome:
    """Readings with what the quality gate says; what it refuses is read all the same where the user settled all."""
    read: list[FilmPrediction] = []
    refused: list[RefusedFilm] = []
    for each in predictions:
        assert each.reading.placement is not None
        findings = judge(film.pixels, each.reading, each.reading.placement, film.spacing_mm)
        reason = refusal(findings)
        if reason and not known.settled:
            refused.append(RefusedFilm(film.path, f"{film.path}: {reason}; to read it all the same {OVERRULE}"))
            continue
        judged = apply_findings(each.reading, findings)
        warnings = (f"not fit to be scored: {reason}", *judged.warnings) if reason else judged.warnings
        read.append(replace(each, reading=replace(judged, warnings=warnings)))
    return FilmOutcome(tuple(read), tuple(refused))


def _claimed(film: Radiograph, known: KnownFilm, seen: Sequence[LimbPlacement]) -> tuple[Sequence[LimbPlacement], int]:
    """The limbs to read, and how many others there are: who names a side means one limb."""
    limbs = [each for each in seen if known.limb in (None, each.limb)]
    if not limbs:
        if "limb" not in known.stated and seen[0].confidence.get("limb", 1.0) >= SURE:
            raise FilmUnidentified(
                f"{film.path}: named a {known.limb} ({known.source}), its pixels show a {seen[0].limb}; "
                "settle it with --limb or a manifest"
            )
        limbs = [seen[0]]
    if known.side is None:
        return limbs, 0
    fitting = [each for each in limbs if each.apparent_side is known.side]
    return [(fitting or limbs)[0]], len(limbs) - 1


def _possible_limbs(known: KnownFilm, found: LimbPlacement) -> Sequence[Limb]:
    """What the user says it is; else what it looks like, and the other where that is in doubt and nobody named it."""
    if "limb" in known.stated and known.limb:
        return [known.limb]
    plain = known.limb is not None or found.confidence.get("limb", 1.0) >= PLAIN
    return [found.limb] if plain else [found.limb, *(limb for limb in Limb if limb is not found.limb)]


def _named(named: NamedSide, look: Look, placement: LimbPlacement) -> FilmPrediction:
    """The reading under the patient's side, with what was found as the joints mend it, and whatever contradicts."""
    apparent = Side.RIGHT if look.pose.mirrored else Side.LEFT
    placement = replace(placement, apparent_side=apparent, turn_cw_deg=look.pose.turn_cw_deg)
    reading = look.prediction.reading
    warnings = (*side_doubts(named, placement), *reading.warnings)
    facts = {**reading.facts, "side_from": named.source or "where the first digit lies"}
    reading = replace(reading, side=named.side or apparent, placement=placement, warnings=warnings, facts=facts)
    return replace(look.prediction, reading=reading)


def _with_others(prediction: FilmPrediction, others: int) -> FilmPrediction:
    if not others:
        return prediction
    warning = f"{others} more on this film not read, since one side is named; name none to read all"
    return replace(prediction, reading=replace(prediction.reading, warnings=(*prediction.reading.warnings, warning)))
