"""Example n is a function of seed and n; image and targets move together; what is not known is not taught."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from opensvh.domain.anatomy import BACKGROUND, IGNORED, POINTS, Kind, Limb, joint_class
from opensvh.domain.geometry import Frame, Point, Size
from opensvh.io.tables import FilmRecord
from opensvh.preprocessing.augment import AugmentationConfig, random_map
from opensvh.training.config import Preset
from opensvh.training.dataset import FilmExamples, example_generator, film_labels, film_order, training_mask

PICTURE = Size(96, 96)


def test_each_film_comes_once_an_epoch() -> None:
    order = film_order(5, seed=1, start=0, count=15)
    epochs = [order[start : start + 5] for start in (0, 5, 10)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_the_order_is_the_same_from_any_place_on() -> None:
    order = film_order(5, seed=1, start=0, count=20)
    assert [film_order(5, seed=1, start=start, count=4) for start in range(16)] == [
        order[start : start + 4] for start in range(16)
    ]
    assert order != film_order(5, seed=2, start=0, count=20)


def test_a_film_without_scores_has_no_labels(films: tuple[FilmRecord, ...], tiny: Preset) -> None:
    labels = film_labels([replace(films[0], scores={}), films[1]], tiny.model)
    assert not labels.narrowing[0].any()
    assert not labels.erosion[0].any()
    for kind in Kind:
        assert np.isnan(labels.grades[kind][0]).all()
        assert not np.isnan(labels.grades[kind][1]).all()


def test_only_the_scored_kind_and_joint_has_a_label(films: tuple[FilmRecord, ...], tiny: Preset) -> None:
    hand = replace(films[1], scores={("NAVICULAR", Kind.EROSION): 3.0})
    assert hand.limb is Limb.HAND
    labels = film_labels([hand], tiny.model)
    joint = joint_class(Limb.HAND, "RADCAR")
    np.testing.assert_allclose(labels.erosion[0, joint], [0, 0, 0.05, 0.9, 0.05, 0], atol=1e-6)
    assert np.flatnonzero(labels.erosion[0].sum(axis=1)).tolist() == [joint]
    assert not labels.narrowing.any()
    assert labels.grades[Kind.EROSION][0, joint] == 3
    assert np.isnan(labels.grades[Kind.NARROWING]).all()


def test_a_foot_s_erosion_is_halved_in_the_label_and_whole_in_the_grade(
    films: tuple[FilmRecord, ...], tiny: Preset
) -> None:
    foot = replace(films[0], scores={("MTP3", Kind.EROSION): 7.0})
    assert foot.limb is Limb.FOOT
    labels = film_labels([foot], tiny.model)
    joint = joint_class(Limb.FOOT, "MTP3")
    assert labels.erosion[0, joint] @ np.arange(6) == pytest.approx(3.5)
    assert labels.grades[Kind.EROSION][0, joint] == 7


def test_without_marked_joints_no_pixel_counts(tiny: Preset) -> None:
    mask = training_mask({}, False, PICTURE, tiny.model)
    assert mask.shape == (96, 96)
    assert (mask == IGNORED).all()


def test_where_some_joints_are_marked_background_does_not_count(tiny: Preset) -> None:
    mask = training_mask({3: Point(20, 20)}, False, PICTURE, tiny.model)
    assert set(np.unique(mask)) == {IGNORED, 3}
    assert mask[20, 20] == 3


def test_where_all_joints_are_marked_background_counts(tiny: Preset) -> None:
    points = {joint_class(Limb.FOOT, name): Point(8 + 15 * i, 20) for i, name in enumerate(POINTS[Limb.FOOT])}
    mask = training_mask(points, True, PICTURE, tiny.model)
    assert mask[90, 90] == BACKGROUND
    assert set(np.unique(mask)) == {IGNORED, BACKGROUND, *points}


def test_joints_beyond_the_films_edge_are_background(examples: FilmExamples, tiny: Preset) -> None:
    still = AugmentationConfig(rotation_deg=0, scale=0, stretch=0, shift=0, noise=0, patch_share=0, cut_share=1)
    cut = FilmExamples(examples.films, examples.cache, tiny.model, still)
    whole = examples.plain(1)
    lost = 0
    for seed in range(8):
        example = cut.varied(1, np.random.default_rng(seed))
        gone = set(np.unique(whole.joint)) - set(np.unique(example.joint))
        lost += len(gone)
        assert IGNORED not in gone
        for joint in set(np.unique(example.joint)) - {IGNORED, BACKGROUND}:
            assert (example.joint[whole.joint == joint] == joint).all()
        assert (example.joint == BACKGROUND).sum() >= (whole.joint == BACKGROUND).sum()
    assert lost > 5


def test_at_output_stride_2_the_mask_has_half_the_size(examples: FilmExamples, tiny: Preset) -> None:
    model = tiny.model.model_copy(update={"output_stride": 2})
    halved = FilmExamples(examples.films, examples.cache, model, tiny.augmentation).plain(1)
    whole = examples.plain(1)
    assert (halved.image.shape, halved.joint.shape) == ((1, 96, 96), (48, 48))
    for joint in range(1, 22):
        rows, columns = np.nonzero(whole.joint == joint)
        small_rows, small_columns = np.nonzero(halved.joint == joint)
        # A map's pixel k covers the picture's pixels 2k and 2k + 1.
        assert 2 * small_rows.mean() + 0.5 == pytest.approx(rows.mean(), abs=0.6)
        assert 2 * small_columns.mean() + 0.5 == pytest.approx(columns.mean(), abs=0.6)


def off_the_spot(image: np.ndarray, point: Point) -> float:
    """Distance from a point to the middle of the bright spot near it, px."""
    column, row = round(point.x), round(point.y)
    near = image[row - 3 : row + 4, column - 3 : column + 4].astype(float)
    weight = np.clip(near - np.percentile(near, 40), 0, None)
    y, x = np.mgrid[row - 3 : row + 4, column - 3 : column + 4]
    return float(np.hypot((weight * x).sum() / weight.sum() - point.x, (weight * y).sum() / weight.sum() - point.y))


def is_inside(point: Point) -> bool:
    return 5 < point.x < 90 and 5 < point.y < 90


@pytest.mark.parametrize("seed", range(6))
def test_image_points_and_mask_are_varied_together(examples: FilmExamples, tiny: Preset, seed: int) -> None:
    film = seed
    spots = with_spots_at_joints(examples, film, tiny)
    example = spots.varied(film, example_generator(seed, 0))
    # The variation draws its map first: the same generator tells where the joints went.
    frame = examples.cache.picture.mapped(random_map(PICTURE, example_generator(seed, 0), tiny.augmentation))
    points = {joint: point for joint, point in examples.points(film, frame).items() if is_inside(point)}
    assert len(points) >= 4
    for joint, point in points.items():
        assert off_the_spot(example.image[0], point) < 0.5
        assert example.joint[round(point.y), round(point.x)] == joint


def test_variation_moves_the_joints_and_mirrors_some_films(examples: FilmExamples, tiny: Preset) -> None:
    frames = [
        examples.cache.picture.mapped(random_map(PICTURE, example_generator(0, n), tiny.augmentation))
        for n in range(12)
    ]
    assert len({frame.mirrors for frame in frames}) == 2
    places = {tuple(examples.points(1, frame).values()) for frame in frames}
    assert len(places) == 12


def test_a_plain_film_is_not_varied(examples: FilmExamples, tiny: Preset) -> None:
    spots = with_spots_at_joints(examples, 1, tiny)
    once, again = spots.plain(1), spots.plain(1)
    np.testing.assert_array_equal(once.image, again.image)
    points = examples.points(1, examples.cache.picture)
    assert len(points) == 21
    for point in points.values():
        assert off_the_spot(once.image[0], point) < 0.5


def with_spots_at_joints(examples: FilmExamples, film: int, preset: Preset) -> FilmExamples:
    """The same films, the stored picture of one of them all dark but for a spot at each of its joints."""
    pixels = np.array(examples.cache.pixels)
    pixels[film] = 0
    for x, y in examples.cache.points[film][1:]:
        if not np.isnan(x):
            # Sixteenths of a pixel: OpenCV draws whole pixels otherwise.
            cv2.circle(pixels[film], (round(float(x) * 16), round(float(y) * 16)), 3 * 16, 255, -1, cv2.LINE_AA, 4)
    return FilmExamples(examples.films, replace(examples.cache, pixels=pixels), preset.model, preset.augmentation)


def test_the_model_s_picture_lies_inside_the_stored_one(examples: FilmExamples) -> None:
    stored = Size(examples.cache.pixels.shape[2], examples.cache.pixels.shape[1])
    corners = examples.cache.picture.to_film([Point(-0.5, -0.5), Point(95.5, 95.5)])
    assert isinstance(examples.cache.picture, Frame)
    assert corners[0].x > 8
    assert corners[0].y > 8
    assert corners[1].x < stored.width - 9
    assert corners[1].y < stored.height - 9
