"""A film of which little or nothing is said -> a reading of every limb on it.

The order is fixed here: find the limbs from the pixels, hold that against what tags, names and the user claim, read
each in the pose that suits it, ask the quality gate. Limbs are `film_analysis`', whose they are `laterality`'s, the
pose `pose_search`'s, joints `predictor`'s, the gate `quality`'s.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Limb, Side
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import FilmReading, RefusedFilm, Status
from opensvh.inference.growth_plates import with_plates
from opensvh.inference.laterality import NamedSide, named_side, nearest, side_doubts
from opensvh.inference.pose_search import Look, PoseSearch
from opensvh.inference.predictor import FilmPrediction, Predictor
from opensvh.inference.quality import judge
from opensvh.inference.quality_findings import Code, apply_findings, refusal
from opensvh.inference.shape_model import ShapeModel
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.identity import KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.side_marker import SideMarker, find_side_markers

SURE = 0.8
"""A decision from pixels with at least this confidence is held against claims."""
PLAIN = 0.9
"""Below this confidence in limb, side or turn a limb is read as the other and in other poses too; the joints decide.
One that nobody names and that was seen with less is there only if its joints are made out with as much: 0.99 and more
on 38 marked films, at most 0.85 on what 40 images of no limb were taken for."""
CERTAIN = 0.98
"""From this confidence on the limb is never read as the other, however badly its joints lie."""
TRUSTED = 0.4
"""Suitability from which a limb is believed to be there although it was not seen on the whole film, and to be the one
that it looks like."""
ENOUGH = 0.5
"""Beside another limb on the film, one that it does not show whole is read if at least this share of its joints is."""
OVERRULE = "give --limb, --side and --rotate"


class Analyser(Protocol):
    """What finds limbs on a whole film: `film_analysis.FilmAnalyser`."""

    def analyse(self, pixels: NDArray[np.float32]) -> tuple[LimbPlacement, ...]: ...


class FilmOutcome(NamedTuple):
    """What came of a film: its limbs that were read, and those that are not to be scored."""

    read: tuple[FilmPrediction, ...]
    refused: tuple[RefusedFilm, ...]


class _Judged(NamedTuple):
    """A limb's reading, or why it is none, after the quality gate; `is_fragment`: too little of it is on the film to be
    read beside another limb."""

    result: FilmPrediction | RefusedFilm
    is_fragment: bool


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
            return _outcome([_judged(film, known, self._unseen(film, known, named_side(known, letters)))])
        limbs, others = _claimed(film, known, seen)
        read, unread = self._all(film, known, limbs, [nearest(letters, each, limbs) for each in limbs])
        return _outcome([_judged(film, known, each) for each in read], unread, others)

    def _all(
        self,
        film: Radiograph,
        known: KnownFilm,
        limbs: Sequence[LimbPlacement],
        letters: Sequence[Sequence[SideMarker]],
    ) -> tuple[list[FilmPrediction], int]:
        """Readings of the limbs, and of how many nothing is made out; raises LimbNotFound where that is all of them."""
        read: list[FilmPrediction] = []
        failure = LimbNotFound(film.path)
        for limb, beside in zip(limbs, letters, strict=True):
            try:
                read.append(self._limb(film, known, limb, named_side(known, beside)))
            except LimbNotFound as reason:
                failure = reason
        if not read:
            raise failure
        return read, len(limbs) - len(read)

    def _limb(self, film: Radiograph, known: KnownFilm, found: LimbPlacement, side: NamedSide) -> FilmPrediction:
        pose, turn_is_told = found.pose, known.quarter_turns_cw is not None
        if known.quarter_turns_cw is not None:
            pose = replace(pose, turn_cw_deg=90.0 * known.quarter_turns_cw)
        sure_of = [decision for decision in ("side", "turn") if found.confidence.get(decision, 1.0) >= PLAIN]
        looks: dict[Limb, Look] = {}
        for limb in _possible_limbs(known, found):
            if looks and found.confidence.get("limb", 1.0) >= PLAIN and looks[found.limb].suitability >= TRUSTED:
                break
            try:
                looks[limb] = self._search(film, known, limb).from_pose(pose, sure_of, turn_is_told)
            except LimbNotFound:
                if not looks:
                    raise
        limb = max(looks, key=lambda each: looks[each].suitability)
        if known.limb is None and found.confidence.get("found", 1.0) < PLAIN > looks[limb].confidence:
            fact = f"what may be a {limb} is seen on it, and its joints are not made out"
            raise LimbNotFound(f"{film.path}: {fact}; if it is one, {OVERRULE}")
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


def _judged(film: Radiograph, known: KnownFilm, prediction: FilmPrediction) -> _Judged:
    """A reading with what the quality gate says; what it refuses is read all the same where the user settled all."""
    assert prediction.reading.placement is not None
    placement = with_plates(film.pixels, prediction.reading, prediction.reading.placement)
    reading = replace(prediction.reading, placement=placement)
    findings = judge(film.pixels, reading, placement, film.spacing_mm)
    reason = refusal(findings)
    if reason and not known.settled:
        refused = RefusedFilm(film.path, f"{film.path}: {reason}; to read it all the same {OVERRULE}")
        return _Judged(refused, any(finding.code is Code.NO_LIMB for finding in findings))
    judged = apply_findings(reading, findings)
    warnings = (f"not fit to be scored: {reason}", *judged.warnings) if reason else judged.warnings
    return _Judged(replace(prediction, reading=replace(judged, warnings=warnings)), _is_fragment(judged))


def _is_fragment(reading: FilmReading) -> bool:
    scored = {each.site.point for each in reading.sites if each.status is Status.SCORED}
    gone = {each.site.point for each in reading.sites if each.status is Status.NOT_VISIBLE}
    return bool(gone) and len(scored) < ENOUGH * len(POINTS[reading.limb])


def _outcome(judged: Sequence[_Judged], unread: int = 0, others: int = 0) -> FilmOutcome:
    """What came of the limbs of a film: beside one that was read, fragments are left unread, and that is said.

    Of `unread` limbs nothing was made out; `others` were not to be read.
    """
    is_one_read = any(isinstance(each.result, FilmPrediction) and not each.is_fragment for each in judged)
    kept = [each.result for each in judged if not (is_one_read and each.is_fragment)]
    texts = tuple(_unread_texts(unread + len(judged) - len(kept), others))
    return FilmOutcome(
        read=tuple(_warned(each, texts) for each in kept if isinstance(each, FilmPrediction)),
        refused=tuple(each for each in kept if isinstance(each, RefusedFilm)),
    )


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
    """What the user says it is; else what it looks like, and the other where that is in doubt and nobody named it.

    The second is to be tried where the joints of the first bear it out no more than the pixels do.
    """
    if "limb" in known.stated and known.limb:
        return [known.limb]
    certain = known.limb is not None or found.confidence.get("limb", 1.0) >= CERTAIN
    return [found.limb] if certain else [found.limb, *(limb for limb in Limb if limb is not found.limb)]


def _named(named: NamedSide, look: Look, placement: LimbPlacement) -> FilmPrediction:
    """The reading under the patient's side, with what was found as the joints mend it, and whatever contradicts."""
    apparent = Side.RIGHT if look.pose.mirrored else Side.LEFT
    placement = replace(placement, apparent_side=apparent, turn_cw_deg=look.pose.turn_cw_deg)
    reading = look.prediction.reading
    told = reading.facts.get("contradiction", "")
    doubts = (f"the DICOM header contradicts itself ({told}): neither is believed",) if told else ()
    warnings = (*doubts, *side_doubts(named, placement), *reading.warnings)
    facts = {**reading.facts, "side_from": named.source or "where the first digit lies"}
    reading = replace(reading, side=named.side or apparent, placement=placement, warnings=warnings, facts=facts)
    return replace(look.prediction, reading=reading)


def _unread_texts(fragments: int, others: int) -> Iterator[str]:
    if fragments:
        yield f"{fragments} more at the film's edge not read: too little of it is on the film"
    if others:
        yield f"{others} more on this film not read, since one side is named; name none to read all"


def _warned(prediction: FilmPrediction, texts: Iterable[str]) -> FilmPrediction:
    reading = prediction.reading
    return replace(prediction, reading=replace(reading, warnings=(*reading.warnings, *texts)))
