"""A network that finds bright dots stands in for a trained one: what it is shown comes back in pixels of the file.

The dots of a drawn film differ in height, so that their order from the top tells which joint is which, in any turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, joint_class
from opensvh.domain.errors import LimbNotFound
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.reading import FilmReading, ModelIdentity, Status
from opensvh.inference.bundle import Bundle, BundleConfig, ReadingConfig
from opensvh.inference.predictor import FEW_JOINTS_WARNING, FilmPrediction, Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph
from opensvh.model.config import ModelConfig
from opensvh.model.heads import JOINT_MAPS, NARROWING_MAPS, Logits
from opensvh.preprocessing.config import CropConfig, PreprocessingConfig
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.turn import box_on_film, turned_frame
from opensvh.targets.masks import joint_mask

WIDTH, HEIGHT, DOT_PX = 340, 420, 2.0
WHOLE = Box(0, 0, WIDTH, HEIGHT)
PICTURE = PreprocessingConfig(width=160, height=192, crop=CropConfig(working_px=210))
RADIUS_PX = 6.0
SCALE = {Limb.HAND: 0.577, Limb.FOOT: 0.499}
"""Pixels of the picture for one of the drawn film."""
ELSEWHERE = 1e-4
"""Probability of each joint where the stand-in sees background."""
ACROSS = {
    Limb.HAND: (95, 200, 150, 240, 120, 175, 225, 100, 145, 205, 245, 110, 190, 160, 130, 215, 170, 140, 200, 155, 180),
    Limb.FOOT: (220, 130, 180, 155, 205, 110),
}
TOP, STEP = {Limb.HAND: 126, Limb.FOOT: 120}, {Limb.HAND: 11, Limb.FOOT: 8}


@dataclass(frozen=True)
class Drawn:
    """A film as stored, with its joints in its own pixels, and what must be known to read it."""

    radiograph: Radiograph
    identity: FilmIdentity
    points: Mapping[str, Point]


def canonical_points(limb: Limb) -> dict[str, Point]:
    places = enumerate(zip(POINTS[limb], ACROSS[limb], strict=True))
    return {name: Point(x + 0.3, TOP[limb] + STEP[limb] * i) for i, (name, x) in places}


def canonical_pixels(points: Mapping[str, Point]) -> NDArray[np.float32]:
    """A grey limb on a dark film, leaving it at the bottom, with a dot at every joint."""
    film = np.full((HEIGHT, WIDTH), 0.12, np.float32)
    cv2.fillPoly(
        film, [np.array([(70, 60), (270, 60), (270, 300), (215, 330), (215, 419), (125, 419), (125, 330)])], 0.4
    )
    film = cv2.GaussianBlur(film, (0, 0), 1.5)
    for point in points.values():
        film += 0.5 * np.outer(_bell(HEIGHT, point.y), _bell(WIDTH, point.x))
    return np.clip(film, 0, 1).astype(np.float32)


def _bell(length: int, middle: float) -> NDArray[np.float32]:
    return np.exp(-((np.arange(length, dtype=np.float32) - np.float32(middle)) ** 2) / (2 * DOT_PX**2))


def drawn(limb: Limb = Limb.HAND, side: Side = Side.LEFT, turns: int = 0, kept: Box = WHOLE) -> Drawn:
    """The film of a limb, or the part `kept` of it, stored so that `turns` clockwise turns bring its digits up."""
    points = canonical_points(limb)
    pixels = canonical_pixels(points)[kept.top : kept.bottom, kept.left : kept.right]
    points = {name: Point(x - kept.left, y - kept.top) for name, (x, y) in points.items()}
    if side is Side.RIGHT:
        pixels = pixels[:, ::-1]
        points = {name: Point(pixels.shape[1] - 1 - x, y) for name, (x, y) in points.items()}
    for _ in range(turns):
        points = {name: Point(y, pixels.shape[1] - 1 - x) for name, (x, y) in points.items()}
        pixels = np.rot90(pixels)
    identity = FilmIdentity("P", limb, side, turns, "option")
    return Drawn(Radiograph(np.ascontiguousarray(pixels), "film.png", spacing_mm=0.2), identity, points)


@dataclass
class Dots(nn.Module):
    """Finds the dots of a picture and paints each joint's disc; keeps the pictures it was shown.

    `confidences`: the discs' probability at each look, the last one for all that follow; `blind` to these classes;
    `to_the_right_px`: how far it errs, in pixels of the map; `narrowing`: a map [5, rows, columns] instead of grade 0;
    `erosion` likewise.
    """

    limb: Limb = Limb.HAND
    stride: int = 1
    confidences: Sequence[float] = (0.9,)
    blind: frozenset[int] = frozenset()
    to_the_right_px: int = 0
    narrowing: NDArray[np.float32] | None = None
    erosion: NDArray[np.float32] | None = None
    pictures: list[NDArray[np.float32]] = field(default_factory=list)
    joint: list[NDArray[np.float32]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def forward(self, batch: Tensor) -> Logits:
        look = min(len(self.pictures), len(self.confidences) - 1)
        self.pictures.append(batch[0, 0].numpy())
        maps = [self._painted(picture.numpy(), self.confidences[look]) for picture in batch[:, 0]]
        self.joint.append(maps[0])
        rows, columns = maps[0].shape[1:]
        narrowing = _sure(NARROWING_MAPS, rows, columns) if self.narrowing is None else self.narrowing
        erosion = _sure(6, rows, columns) if self.erosion is None else self.erosion
        return Logits(
            torch.from_numpy(np.log(np.stack(maps))),
            torch.from_numpy(np.log(narrowing)).expand(len(batch), -1, -1, -1),
            torch.from_numpy(np.log(erosion)).expand(len(batch), -1, -1, -1),
        )

    def _painted(self, picture: NDArray[np.float32], confidence: float) -> NDArray[np.float32]:
        """Probabilities [22, rows, columns] of discs around the dots."""
        places = {
            joint_class(self.limb, name): Point((x + 0.5) / self.stride - 0.5, (y + 0.5) / self.stride - 0.5)
            for name, (x, y) in zip(POINTS[self.limb], dots(picture), strict=True)
        }
        size = Size(picture.shape[1] // self.stride, picture.shape[0] // self.stride)
        mask = joint_mask(places, size, RADIUS_PX / self.stride, RADIUS_PX / self.stride)
        mask[np.isin(mask, list(self.blind))] = 0
        mask = np.roll(mask, self.to_the_right_px, axis=1)
        maps = np.full((JOINT_MAPS, size.height, size.width), ELSEWHERE, np.float32)
        maps[:, mask > 0] = (1 - confidence) / (JOINT_MAPS - 1)
        rows, columns = np.indices(mask.shape)
        maps[mask, rows, columns] = np.where(mask > 0, confidence, 1 - ELSEWHERE * (JOINT_MAPS - 1))
        return maps


def dots(picture: NDArray[np.float32]) -> list[Point]:
    """Centres of the bright dots from the top down."""
    light = np.maximum(picture - 0.45, 0)
    count, labels = cv2.connectedComponents((light > 0).astype(np.uint8))
    rows, columns = np.nonzero(labels)
    dot, weight = labels[rows, columns], light[rows, columns]
    x, y, total = (np.bincount(dot, weight * each, count)[1:] for each in (columns, rows, 1))
    return sorted(map(Point, (x / total).tolist(), (y / total).tolist()), key=lambda place: place.y)


def _sure(classes: int, rows: int, columns: int, grade: int = 0) -> NDArray[np.float32]:
    """The same grade everywhere, nearly certain."""
    maps = np.full((classes, rows, columns), 1e-6, np.float32)
    maps[grade] = 1 - 1e-6 * (classes - 1)
    return maps


def bundle(network: Dots, **reading: object) -> Bundle:
    """The stand-in as a loaded model; one look unless told otherwise."""
    model = ModelConfig(
        encoder="b0", output_stride=network.stride, radius_px=RADIUS_PX, outer_radius_px=RADIUS_PX,
        erosion_classes=6 if network.erosion is None else len(network.erosion),
    )  # fmt: skip
    config = BundleConfig(
        model=model,
        preprocessing=PICTURE,
        reading=ReadingConfig.model_validate({"second_look": False, **reading}),
    )
    identity = ModelIdentity("dots", "1", "0" * 64)
    return Bundle(Path("dots"), identity, "0" * 64, config, network, {}, {})  # type: ignore[arg-type]


def read(film: Drawn, network: Dots, **reading: object) -> FilmPrediction:
    return Predictor([bundle(network, **reading)]).read(film.radiograph, film.identity)


def pixels_off(reading: FilmReading, film: Drawn) -> float:
    """The largest distance between found and drawn joints in pixels of the file; all must be found."""
    assert set(reading.points) == set(film.points)
    return max(np.hypot(*np.subtract(reading.points[name], film.points[name])) for name in film.points)


def off(reading: FilmReading, film: Drawn) -> NDArray[np.float64]:
    """Found less drawn place of every joint [joints, 2], in pixels of the file; all must be found."""
    assert set(reading.points) == set(film.points)
    return np.array([np.subtract(reading.points[name], film.points[name]) for name in film.points])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(
    ("limb", "side", "turns"),
    [*product([Limb.HAND], Side, range(4)), (Limb.FOOT, Side.LEFT, 2), (Limb.FOOT, Side.RIGHT, 1)],
)
def test_joints_come_back_in_pixels_of_the_file(limb: Limb, side: Side, turns: int, stride: int) -> None:
    film = drawn(limb, side, turns)
    reading = read(film, Dots(limb, stride)).reading
    map_pixel = stride / SCALE[limb]
    assert np.hypot(*off(reading, film).T).max() < 0.5 * map_pixel
    # A shift by half a pixel of the picture would move them all alike.
    assert np.abs(off(reading, film).mean(axis=0)).max() < 0.2
    assert (reading.patient, reading.film, reading.limb, reading.side) == ("P", "film.png", limb, side)
    assert reading.quarter_turns_cw == turns
    tissue = np.argwhere(film.radiograph.pixels > 0.25)
    (top, left), (bottom, right) = tissue.min(axis=0), tissue.max(axis=0) + 1
    # A hand's box ends below the wrist, the forearm goes on.
    assert reading.box.overlap(Box(left, top, right, bottom)) > (0.8 if limb is Limb.HAND else 0.95)


@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize(("side", "turns"), [(Side.LEFT, 0), (Side.RIGHT, 3)])
def test_the_maps_frame_leads_from_the_file_to_the_maps(side: Side, turns: int, stride: int) -> None:
    film = drawn(Limb.FOOT, side, turns)
    maps = read(film, Dots(Limb.FOOT, stride)).maps
    shrunk = max(stride, 2)  # half the picture's resolution at most
    assert maps.frame.size == Size(PICTURE.width // shrunk, PICTURE.height // shrunk)
    layers = (maps.joint, maps.probability, maps.narrowing, maps.erosion)
    assert {layer.shape for layer in layers} == {(maps.frame.size.height, maps.frame.size.width)}
    offsets = []
    for name, point in film.points.items():
        rows, columns = np.nonzero(maps.joint == joint_class(Limb.FOOT, name))
        [place] = maps.frame.to_model([point])
        offsets.append((columns.mean() - place.x, rows.mean() - place.y))
        assert maps.probability[round(place.y), round(place.x)] == pytest.approx(0.9)
    assert np.abs(np.mean(offsets, axis=0)).max() < 0.3


def test_maps_of_damage_are_shares_of_the_highest_class() -> None:
    rows, columns = PICTURE.height, PICTURE.width
    network = Dots(narrowing=_sure(5, rows, columns, 3), erosion=_sure(11, rows, columns, 4))
    maps = read(drawn(), network).maps
    assert maps.narrowing == pytest.approx(0.75, abs=1e-4)
    assert maps.erosion == pytest.approx(0.4, abs=1e-4)


def slopes(classes: int, seed: int) -> NDArray[np.float32]:
    """Another distribution of the classes at every pixel, smooth over the picture [classes, rows, columns]."""
    coarse = np.random.default_rng(seed).dirichlet(np.ones(classes), (8, 7)).astype(np.float32)
    fine = cv2.resize(coarse, (PICTURE.width, PICTURE.height)).transpose(2, 0, 1)
    return np.ascontiguousarray(fine / fine.sum(axis=0))


@pytest.mark.parametrize(("limb", "classes"), [(Limb.HAND, 6), (Limb.HAND, 11), (Limb.FOOT, 6), (Limb.FOOT, 11)])
def test_scores_are_averages_weighted_by_the_joint_s_probability(limb: Limb, classes: int) -> None:
    network = Dots(limb, narrowing=slopes(5, 1), erosion=slopes(classes, 2))
    reading = read(drawn(limb), network).reading
    maps = {Kind.NARROWING: network.narrowing, Kind.EROSION: network.erosion}
    assert {each.status for each in reading.sites} == {Status.SCORED}
    for each in reading.sites:
        maximum, pixels = each.site.maximum(each.kind), maps[each.kind]
        assert maximum is not None
        assert pixels is not None
        weight = network.joint[0][joint_class(limb, each.site.point)].astype(np.float64)
        mean = (pixels * weight).sum(axis=(1, 2)) / weight.sum()
        possible = mean[: maximum + 1] / mean[: maximum + 1].sum()
        grades = np.arange(len(possible)) * (2 if (maximum, classes) == (10, 6) else 1)
        expected = possible @ grades if each.kind is Kind.EROSION else mean @ np.arange(5)
        assert each.expected == pytest.approx(expected, abs=1e-3)


def sided() -> NDArray[np.float32]:
    """Narrowing 0 on the left half of whatever picture is shown, 4 on its right half."""
    maps = _sure(5, PICTURE.height, PICTURE.width, 0)
    maps[:, :, PICTURE.width // 2 :] = maps[::-1, :, PICTURE.width // 2 :]
    return maps


def test_a_mirrored_pair_averages_scores_of_the_film_and_of_its_mirror_image() -> None:
    film = drawn()
    alone = read(film, Dots(narrowing=sided())).reading
    pair = read(film, Dots(narrowing=sided()), mirrored_pair=True).reading
    grades = {name: [one.reading(name, Kind.NARROWING).expected for one in (alone, pair)] for name in ("PIP2", "PIP3")}
    # PIP2 lies on the right half, PIP3 on the left one: to the mirror image it is the other way round. What the
    # background's pixels weigh keeps one look from 0 and 4.
    assert grades["PIP2"][0] > 3
    assert grades["PIP3"][0] < 1
    assert [both for _, both in grades.values()] == pytest.approx([2, 2], abs=1e-3)


def test_a_mirrored_pair_sets_a_network_right_that_errs_to_one_side() -> None:
    film = drawn()
    alone, pair = (read(film, Dots(to_the_right_px=3), mirrored_pair=each).reading for each in (False, True))
    assert off(alone, film)[:, 0].mean() == pytest.approx(3 / SCALE[Limb.HAND], abs=0.3)
    assert off(pair, film)[:, 0].mean() == pytest.approx(0, abs=0.3)


def test_the_second_of_the_pair_is_the_mirror_image() -> None:
    network = Dots()
    batches: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, given: batches.append(given[0]))
    read(drawn(), network, mirrored_pair=True)
    [batch] = batches
    assert batch.shape == (2, 1, PICTURE.height, PICTURE.width)
    assert torch.equal(batch[1], batch[0].flip(-1))
    assert not torch.equal(batch[1], batch[0])


def test_a_joint_that_the_network_does_not_see_is_not_assessable() -> None:
    reading = read(drawn(), Dots(blind=frozenset({joint_class(Limb.HAND, "RADCAR")}))).reading
    lost = {(each.site.name, each.kind) for each in reading.sites if each.status is Status.NOT_ASSESSABLE}
    assert lost == {("RADCAR", Kind.NARROWING), ("NAVICULAR", Kind.EROSION)}
    assert all(each.expected is None for each in reading.sites if each.status is Status.NOT_ASSESSABLE)
    assert set(POINTS[Limb.HAND]) - set(reading.points) == {"RADCAR"}
    assert reading.confidences["RADCAR"] < 0.1
    assert reading.confidences["LUNATE"] == pytest.approx(0.9)
    assert reading.warnings == ()


@pytest.mark.parametrize(("threshold", "found"), [(0.55, 21), (0.65, 0)])
def test_joints_below_the_threshold_are_not_shown(threshold: float, found: int) -> None:
    reading = read(drawn(), Dots(confidences=(0.6,)), joint_threshold=threshold).reading
    assert len(reading.points) == found
    assert len(reading.confidences) == 21


def test_models_agree_in_pixels_of_the_file_whatever_their_maps() -> None:
    film = drawn(Limb.FOOT, Side.RIGHT, 1)
    rows, columns = PICTURE.height, PICTURE.width
    coarse = Dots(Limb.FOOT, stride=2, confidences=(0.8,))
    fine = Dots(Limb.FOOT, narrowing=_sure(5, rows, columns, 2), erosion=_sure(11, rows, columns, 5))
    reading = Predictor([bundle(coarse), bundle(fine)]).read(film.radiograph, film.identity).reading
    assert np.hypot(*off(reading, film).T).max() < 1
    assert reading.confidences["MTP1"] == pytest.approx(0.85)
    assert reading.reading("MTP1", Kind.NARROWING).expected == pytest.approx(1, abs=1e-3)
    assert reading.reading("MTP1", Kind.EROSION).expected == pytest.approx(2.5, abs=1e-3)


def test_a_second_look_is_cut_around_the_joints() -> None:
    film, network = drawn(Limb.FOOT), Dots(Limb.FOOT)
    reading = read(film, network, second_look=True).reading
    assert len(network.pictures) == 2
    assert not np.array_equal(*network.pictures)
    assert reading.box.overlap(box_around(list(film.points.values()), Limb.FOOT)) > 0.98
    assert np.hypot(*off(reading, film).T).max() < 0.5 / SCALE[Limb.FOOT]


@pytest.mark.parametrize(("side", "turns"), [(Side.LEFT, 3), (Side.RIGHT, 0), (Side.RIGHT, 2)])
def test_a_second_look_at_a_turned_film_is_the_same_look(side: Side, turns: int) -> None:
    upright, turned = Dots(Limb.FOOT), Dots(Limb.FOOT)
    read(drawn(Limb.FOOT), upright, second_look=True)
    read(drawn(Limb.FOOT, side, turns), turned, second_look=True)
    assert len(turned.pictures) == 2
    assert np.abs(turned.pictures[1] - upright.pictures[1]).max() < 1e-5


@pytest.mark.parametrize(("confidences", "kept"), [((0.8, 0.9), 1), ((0.8, 0.8), 1), ((0.8, 0.7), 0)])
def test_a_second_look_counts_unless_it_is_less_sure(confidences: tuple[float, float], kept: int) -> None:
    film = drawn(Limb.FOOT)
    prediction = read(film, Dots(Limb.FOOT, confidences=confidences), second_look=True)
    single = read(film, Dots(Limb.FOOT))
    assert prediction.reading.confidences["MTP2"] == pytest.approx(confidences[kept])
    assert (prediction.reading.box == single.reading.box) == (kept == 0)
    assert (prediction.maps.frame == single.maps.frame) == (kept == 0)


@pytest.mark.parametrize(
    ("limb", "options"),
    [
        (Limb.FOOT, {"second_look": False}),
        (Limb.FOOT, {"second_look": True, "joint_threshold": 0.95}),
        (Limb.HAND, {"second_look": True}),
    ],
    ids=["not wanted", "no joint sure", "would show the same"],
)
def test_one_look_is_enough(limb: Limb, options: dict[str, object]) -> None:
    network = Dots(limb)
    read(drawn(limb), network, **options)
    assert len(network.pictures) == 1


@pytest.mark.parametrize(("share", "looks"), [(0.66, 2), (0.67, 1)])
def test_a_second_look_wants_its_share_of_sure_joints(share: float, looks: int) -> None:
    network = Dots(Limb.FOOT, blind=frozenset({joint_class(Limb.FOOT, name) for name in ("MTP4", "MTP2")}))
    read(drawn(Limb.FOOT), network, second_look=True, confident_joints=share)
    assert len(network.pictures) == looks


@pytest.mark.parametrize(("side", "turns"), [(Side.LEFT, 0), (Side.RIGHT, 3)])
def test_a_limb_expected_somewhere_is_read_about_there(side: Side, turns: int) -> None:
    film, network = drawn(side=side, turns=turns), Dots()
    beyond = {name: Point(x - 9, y + 14) for name, (x, y) in film.points.items()}
    predictor = Predictor([bundle(network, second_look=True)])
    reading = predictor.read(film.radiograph, film.identity, expected=tuple(beyond.values())).reading
    assert len(network.pictures) == 1
    assert np.hypot(*off(reading, film).T).max() < 0.5 / SCALE[Limb.HAND]
    frame = turned_frame(Size(*film.radiograph.pixels.shape[::-1]), side is Side.RIGHT, turns)
    about = box_around(frame.to_model(beyond.values()), Limb.HAND)
    assert reading.box.overlap(box_on_film(about, frame)) > 0.98


@pytest.mark.parametrize(
    ("limb", "lost", "warnings"),
    [
        (Limb.HAND, POINTS[Limb.HAND][:10], ()),
        (Limb.HAND, POINTS[Limb.HAND][:11], (FEW_JOINTS_WARNING,)),
        (Limb.FOOT, POINTS[Limb.FOOT][:3], ()),
        (Limb.FOOT, POINTS[Limb.FOOT][:4], (FEW_JOINTS_WARNING,)),
    ],
)
def test_fewer_than_half_of_the_joints_are_warned_of(
    limb: Limb, lost: tuple[str, ...], warnings: tuple[str, ...]
) -> None:
    blind = frozenset(joint_class(limb, name) for name in lost)
    assert read(drawn(limb), Dots(limb, blind=blind)).reading.warnings == warnings


def test_the_reading_says_what_is_known_of_the_film() -> None:
    known = {"spacing_mm": "0.2", "identified_by": "option", "network_run_by": "torch fp32"}
    assert read(drawn(), Dots()).reading.facts == known


def test_a_film_that_shows_no_limb_is_refused() -> None:
    film = drawn()
    empty = Radiograph(np.full_like(film.radiograph.pixels, 0.2), "empty.png")
    with pytest.raises(LimbNotFound):
        Predictor([bundle(Dots())]).read(empty, film.identity)
