"""A film is read in the pose that suits it, under the side that is named, and whatever contradicts is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.geometry import Box, Frame, Point, Size
from opensvh.domain.placement import LimbPlacement, Pose
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference import film_reader
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import FilmMaps, FilmPrediction
from opensvh.inference.quality_findings import Code, Finding, Severity, sites_at
from opensvh.inference.shape_model import film_point
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.io.identity import FilmIdentity, KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.joint_box import box_around

PIXELS = np.zeros((1000, 1000), np.float32)
MIDDLE = 500.0
NEAR_PX = 40
"""A picture laid within this of a hand 300 px long shows it as networks are trained to see it."""
FILM = Radiograph(PIXELS, "film.png")
SHAPES = shipped_shape_models()
MAPS = FilmMaps(Frame.of(Size(1, 1)), np.zeros((1, 1), np.uint8), *[np.zeros((1, 1), np.float32)] * 3)


@dataclass
class OneLimb:
    """A predictor before whom lies one limb: read in its own pose it has its joints; in others, fewer and jumbled."""

    limb: Limb
    pose: Pose
    read_in: list[Pose] = field(default_factory=list)

    def read(
        self, film: Radiograph, identity: FilmIdentity, pose: Pose, expected: Sequence[Point] | None = None
    ) -> FilmPrediction:
        self.read_in.append(pose)
        off = abs((pose.turn_cw_deg - self.pose.turn_cw_deg + 180) % 360 - 180)
        if off > 60:
            raise LimbNotFound(f"{film.path}: no {identity.limb} is made out")
        names = list(POINTS[identity.limb])
        right = identity.limb is self.limb and pose.mirrored is self.pose.mirrored
        if not right:
            names = names[::-1]
        mean = SHAPES[self.limb].mean * 300
        laid = {name: film_point(Point(*map(float, at)), self.pose) for name, at in zip(names, mean, strict=False)}
        points = {name: Point(MIDDLE + x, MIDDLE + y) for name, (x, y) in laid.items()}
        confidences = dict.fromkeys(points, 1.0 if off < 15 else 0.9)
        return predicted(film, identity, pose, points, confidences)


def predicted(
    film: Radiograph, identity: FilmIdentity, pose: Pose, points: dict[str, Point], confidences: dict[str, float]
) -> FilmPrediction:
    """A reading with these joints, every site of it scored."""
    limb = identity.limb
    sites = tuple(SiteReading(site, kind, Status.SCORED, 0.0) for kind in Kind for site in sites_of(limb, kind))
    box = Box(0, 0, 9, 9)
    reading = FilmReading(identity.patient, film.path, limb, identity.side, sites, box, points, confidences, pose)
    reading = replace(reading, facts=film.facts)
    return FilmPrediction(reading, MAPS)


@dataclass
class PartOfHand:
    """A predictor before whom lies a hand of which the film shows a part: enlarged to fill the picture its joints are
    jumbled; laid about where they are, those on the film are found."""

    points: dict[str, Point]
    film: Box
    looks: int = 0

    def read(
        self, film: Radiograph, identity: FilmIdentity, pose: Pose, expected: Sequence[Point] | None = None
    ) -> FilmPrediction:
        self.looks += 1
        places = [self.points[name] for name in POINTS[Limb.HAND]]
        names = [name for name in POINTS[Limb.HAND] if self.film.contains(self.points[name])]
        off = np.array(places if expected is None else expected) - np.array(places)
        is_near = (len(names) == len(places) or expected is not None) and np.mean(np.hypot(*off.T)) < NEAR_PX
        found = {name: self.points[at] for name, at in zip(names, names if is_near else names[::-1], strict=True)}
        return predicted(film, identity, pose, found, {name: float(name in found) for name in POINTS[Limb.HAND]})


class OneOfEither:
    """A predictor before whom a left hand looks left and a right one right."""

    def read(
        self, film: Radiograph, identity: FilmIdentity, pose: Pose, expected: Sequence[Point] | None = None
    ) -> FilmPrediction:
        return OneLimb(Limb.HAND, pose).read(film, identity, pose)


@dataclass
class Blind:
    """A predictor that makes out the limb before whom it lies at its first look, and nothing ever after."""

    truth: OneLimb

    def read(
        self, film: Radiograph, identity: FilmIdentity, pose: Pose, expected: Sequence[Point] | None = None
    ) -> FilmPrediction:
        if self.truth.read_in:
            raise LimbNotFound(film.path)
        return self.truth.read(film, identity, pose)


@pytest.fixture(autouse=True)
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the quality gate has to say of every film."""
    said: list[Finding] = []
    monkeypatch.setattr(film_reader, "judge", lambda *film: tuple(said))
    return said


@dataclass(frozen=True)
class Sees:
    """An analyser that sees these limbs."""

    limbs: Sequence[LimbPlacement] = ()

    def analyse(self, pixels: object) -> tuple[LimbPlacement, ...]:
        return tuple(self.limbs)


def placed(
    pose: Pose, limb: Limb = Limb.HAND, side_confidence: float = 0.99, limb_confidence: float = 0.99
) -> LimbPlacement:
    side = Side.RIGHT if pose.mirrored else Side.LEFT
    confidence = {"limb": limb_confidence, "side": side_confidence}
    return LimbPlacement(limb, side, pose.turn_cw_deg, Box(2, 3, 28, 38), confidence=confidence)


def read(truth: OneLimb, seen: Sequence[LimbPlacement], known: KnownFilm = KnownFilm("P")) -> FilmReading:  # noqa: B008
    [prediction], refused = FilmReader(truth, Sees(seen)).read(FILM, known)  # type: ignore[arg-type]
    assert refused == ()
    return prediction.reading


def test_a_limb_seen_as_it_lies_is_read_once() -> None:
    truth = OneLimb(Limb.HAND, Pose(180, mirrored=True))
    reading = read(truth, [placed(truth.pose)])
    assert len(truth.read_in) == 1
    assert (reading.limb, reading.side) == (Limb.HAND, Side.RIGHT)
    assert reading.placement is not None
    assert reading.pose.region == Box(2, 3, 28, 38)
    assert "no side is named: taken for the right hand" in reading.warnings[0]


@pytest.mark.parametrize("wrong", [Pose(180, mirrored=False), Pose(0, mirrored=True), Pose(270, mirrored=False)])
def test_a_limb_seen_wrongly_is_read_in_the_pose_that_its_joints_tell(wrong: Pose) -> None:
    truth = OneLimb(Limb.HAND, Pose(180, mirrored=True))
    reading = read(truth, [placed(wrong)])
    assert (reading.pose.turn_cw_deg, reading.pose.mirrored) == (180, True)
    assert reading.placement is not None
    assert reading.placement.apparent_side is Side.RIGHT


def test_where_the_side_is_in_doubt_both_are_read() -> None:
    truth = OneLimb(Limb.HAND, Pose(180, mirrored=True))
    assert read(truth, [placed(truth.pose, side_confidence=0.7)]).pose.mirrored
    assert {pose.mirrored for pose in truth.read_in} == {False, True}


def test_where_the_limb_is_in_doubt_it_is_read_as_both_and_the_joints_decide() -> None:
    truth = OneLimb(Limb.HAND, Pose())
    assert read(truth, [placed(Pose(), Limb.FOOT, limb_confidence=0.6)]).limb is Limb.HAND
    assert read(truth, [placed(Pose(), Limb.FOOT)]).limb is Limb.FOOT


def test_a_slanted_limb_is_straightened() -> None:
    truth = OneLimb(Limb.FOOT, Pose(33))
    reading = read(truth, [placed(Pose(10), Limb.FOOT)])
    assert reading.pose.turn_cw_deg == pytest.approx(33, abs=0.5)


def test_the_named_side_is_the_patients_and_the_seen_one_brings_it_upright() -> None:
    truth = OneLimb(Limb.HAND, Pose(0, mirrored=True))
    reading = read(truth, [placed(truth.pose)], KnownFilm("P", Limb.HAND, Side.LEFT, source="file name"))
    assert (reading.side, reading.pose.mirrored) == (Side.LEFT, True)
    assert reading.warnings[0].startswith("named left (file name), but the thumb lies as on a right hand read PA")


def test_a_named_limb_that_the_pixels_contradict_is_refused_unless_the_user_says_so() -> None:
    truth = OneLimb(Limb.HAND, Pose())
    seen = [placed(Pose(), Limb.FOOT)]
    with pytest.raises(
        FilmUnidentified, match=r"film\.png: named a hand \(file name\), its pixels show a foot.*--limb"
    ):
        read(truth, seen, KnownFilm("P", Limb.HAND, Side.LEFT, source="file name"))
    settled = KnownFilm("P", Limb.HAND, Side.LEFT, stated=frozenset({"limb"}), source="option")
    assert read(truth, seen, settled).limb is Limb.HAND


def test_every_limb_is_read_unless_one_is_named() -> None:
    truth = OneLimb(Limb.HAND, Pose())
    seen = [placed(Pose()), placed(Pose(0, mirrored=True))]
    reader = FilmReader(truth, Sees(seen))  # type: ignore[arg-type]
    assert len(reader.read(FILM, KnownFilm("P")).read) == 2
    [one], _ = reader.read(FILM, KnownFilm("P", side=Side.LEFT, source="option"))
    assert one.reading.side is Side.LEFT
    assert any("1 more on this film not read" in warning for warning in one.reading.warnings)


@pytest.mark.parametrize(("top", "shown"), [(0, 21), (441, 15), (490, 12)])
def test_of_a_film_that_shows_a_part_of_a_hand_that_part_is_read(top: int, shown: int) -> None:
    """The mean hand, 300 px long, about (500, 500); the film begins at a row."""
    size = Size(1000, 800 - top)
    mean = SHAPES[Limb.HAND].mean * 300 + (500, 500 - top)
    points = {name: Point(*map(float, at)) for name, at in zip(POINTS[Limb.HAND], mean, strict=True)}
    truth = PartOfHand(points, Box(0, 0, *size))
    hand = box_around(list(points.values()), Limb.HAND).grown(20)
    region = Box(hand.left, max(hand.top, 0), hand.right, hand.bottom)
    pixels = np.add.outer(np.linspace(0, 0.2, size.height), np.linspace(0, 0.2, size.width)).astype(np.float32)
    seen = Sees([replace(placed(Pose()), box=region)])
    reader = FilmReader(truth, seen)  # type: ignore[arg-type]
    [prediction], _ = reader.read(Radiograph(pixels, "film.png"), KnownFilm("P"))
    assert len(prediction.reading.points) == shown
    assert prediction.reading.points == {name: at for name, at in points.items() if at.y >= 0}


@pytest.mark.parametrize(("cut", "read", "said"), [(15, 1, True), (8, 2, False)])
def test_a_fragment_beside_a_limb_is_left_unread_and_said(
    cut: int, read: int, said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the second of two hands so many of 21 joints are cut off."""
    second = placed(Pose(0, mirrored=True))
    gone = sites_at(Limb.HAND, POINTS[Limb.HAND][:cut])
    cut_off = Finding(Code.CUT_OFF, Severity.SITE, "cut off", gone, status=Status.NOT_VISIBLE)
    findings = {Side.RIGHT: (cut_off,), Side.LEFT: ()}
    monkeypatch.setattr(film_reader, "judge", lambda _, reading, *rest: findings[reading.side])
    reader = FilmReader(OneOfEither(), Sees([placed(Pose()), second]))  # type: ignore[arg-type]
    outcome = reader.read(FILM, KnownFilm("P"))
    assert len(outcome.read) == read
    assert outcome.refused == ()
    warnings = outcome.read[0].reading.warnings
    assert any("1 more at the film's edge not read" in warning for warning in warnings) is said
    [alone], _ = FilmReader(OneOfEither(), Sees([second])).read(FILM, KnownFilm("P"))  # type: ignore[arg-type]
    assert alone.reading.side is Side.RIGHT


def test_a_limb_of_which_nothing_is_made_out_does_not_cost_the_other() -> None:
    truth = Blind(OneLimb(Limb.HAND, Pose(180)))
    reader = FilmReader(truth, Sees([placed(Pose(180)), placed(Pose(0))]))  # type: ignore[arg-type]
    [one], refused = reader.read(FILM, KnownFilm("P"))
    assert refused == ()
    assert any("1 more at the film's edge not read" in warning for warning in one.reading.warnings)


def test_the_users_turn_is_kept() -> None:
    truth = OneLimb(Limb.HAND, Pose(180))
    known = KnownFilm("P", quarter_turns_cw=2, stated=frozenset({"turn"}))
    assert read(truth, [placed(Pose(0))], known).pose.turn_cw_deg == 180


def test_a_film_without_a_limb_is_refused_with_the_remedy() -> None:
    with pytest.raises(LimbNotFound, match=r"film\.png: no hand or foot is seen on it; .*--limb, --side and --rotate"):
        read(OneLimb(Limb.HAND, Pose()), [])


def test_a_limb_that_is_named_but_not_seen_is_believed_if_its_joints_agree() -> None:
    known = KnownFilm("P", Limb.HAND, Side.LEFT, source="file name")
    truth = OneLimb(Limb.HAND, Pose(90, mirrored=True))
    assert read(truth, [], known).pose == Pose(90, mirrored=True)
    with pytest.raises(LimbNotFound, match="no foot is seen on it"):
        read(truth, [], replace(known, limb=Limb.FOOT))


def test_what_is_not_fit_is_refused_with_the_reason_and_read_where_the_user_settled_all(
    findings: list[Finding],
) -> None:
    findings.append(Finding(Code.NO_CONTRAST, Severity.REFUSE, "nearly blank"))
    reader = FilmReader(OneLimb(Limb.HAND, Pose()), Sees([placed(Pose())]))  # type: ignore[arg-type]
    read, [refused] = reader.read(FILM, KnownFilm("P"))
    assert (read, refused.film) == ((), "film.png")
    assert "film.png: nearly blank; to read it all the same give --limb" in refused.reason
    told = KnownFilm("P", Limb.HAND, Side.LEFT, 0, frozenset({"limb", "side", "turn"}), "option")
    [prediction], _ = reader.read(FILM, told)
    assert prediction.reading.warnings[0] == "not fit to be scored: nearly blank"


def test_warnings_of_the_gate_stand_on_the_reading(findings: list[Finding]) -> None:
    findings.append(Finding(Code.OBLIQUE, Severity.WARN, "an oblique view"))
    truth = OneLimb(Limb.HAND, Pose())
    assert "an oblique view" in read(truth, [placed(Pose())]).warnings


def test_a_header_that_contradicts_itself_is_told_of() -> None:
    film = replace(FILM, facts={"contradiction": "ImageLaterality L, Laterality R"})
    pose = Pose()
    [prediction], _ = FilmReader(OneLimb(Limb.HAND, pose), Sees([placed(pose)])).read(film, KnownFilm("P"))  # type: ignore[arg-type]
    assert any("contradicts itself (ImageLaterality L, Laterality R)" in each for each in prediction.reading.warnings)


def test_a_limb_hardly_seen_whose_joints_are_hardly_found_is_none_unless_named() -> None:
    pose = Pose()
    truth = OneLimb(Limb.FOOT, pose)
    flower = replace(placed(pose, Limb.FOOT), confidence={"found": 0.6, "limb": 0.99, "side": 0.99})

    class Unsure(OneLimb):
        def read(self, *asked: object, **more: object) -> FilmPrediction:
            prediction = super().read(*asked, **more)  # type: ignore[arg-type]
            unsure = dict.fromkeys(prediction.reading.confidences, 0.85)
            return replace(prediction, reading=replace(prediction.reading, confidences=unsure))

    reader = FilmReader(Unsure(Limb.FOOT, pose), Sees([flower]))  # type: ignore[arg-type]
    with pytest.raises(LimbNotFound, match="joints are not made out; if it is one, give --limb"):
        reader.read(FILM, KnownFilm("P"))
    [prediction], _ = reader.read(FILM, KnownFilm("P", Limb.FOOT, stated=frozenset({"limb"}), source="option"))
    assert prediction.reading.limb is Limb.FOOT
    assert read(truth, [flower]).limb is Limb.FOOT
