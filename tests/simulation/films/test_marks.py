"""What lies beside the limb: where it is put, how often, and what it never touches."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.simulation.films.borders import BANDS, FIELDS, draw_borders
from opensvh.simulation.films.marks import OTHER_LIMB, Shown, draw_marks
from opensvh.simulation.films.stamps import Stamp, mirrored, on_plate, place, quarter_turned, ruler_stamp, text_stamp


def blank() -> NDArray[np.float32]:
    return np.full((500, 400), 0.12, np.float32)


def limb_mask() -> NDArray[np.bool_]:
    limb = np.zeros((500, 400), bool)
    limb[60:, 140:260] = True
    return limb


def test_marks_leave_the_joints_free() -> None:
    """The middle of the limb; its lower end may lie under the rail of a table."""
    touched = []
    for seed in range(60):
        marked = draw_marks(blank(), Shown(limb_mask(), Side.RIGHT, Limb.HAND), np.random.default_rng(seed))
        touched.append(float((np.abs(marked - blank()) > 0.05)[90:400, 150:250].mean()))
        assert marked.min() >= 0
        assert marked.max() <= 1
    assert np.median(touched) == 0.0
    assert np.mean(np.array(touched) > 0.02) < 0.1


def test_most_films_carry_a_mark_and_some_none() -> None:
    limb = np.zeros((500, 400), bool)
    bright = [
        (draw_marks(blank(), Shown(limb, Side.LEFT, Limb.FOOT), np.random.default_rng(seed)) > 0.5).any()
        for seed in range(60)
    ]
    assert 0.6 < np.mean(bright) < 1.0


def test_a_stamp_without_room_is_left_away() -> None:
    image, everywhere = blank(), np.ones((500, 400), bool)
    place(image, text_stamp("R", 20, 2, np.random.default_rng(0)), everywhere, 0.0, np.random.default_rng(1))
    assert np.array_equal(image, blank())


def test_a_mirrored_letter_differs_and_two_half_turns_restore_it() -> None:
    letter = text_stamp("R", 24, 2, np.random.default_rng(0))
    assert not np.array_equal(mirrored(letter).cover, letter.cover)
    assert np.array_equal(quarter_turned(quarter_turned(letter, 2), 2).cover, letter.cover)


def test_a_plate_hides_what_lies_under_it() -> None:
    image = np.full((200, 200), 0.5, np.float32)
    plate = on_plate(Stamp(np.ones((20, 30), np.float32), np.zeros((20, 30), np.float32)), 0.05)
    place(image, plate, np.zeros((200, 200), bool), 0.0, np.random.default_rng(2))
    assert np.count_nonzero(image < 0.06) == 600


def test_a_ruler_has_long_and_short_ticks() -> None:
    reach = ruler_stamp(300, np.random.default_rng(0)).cover.sum(axis=1)
    assert len(np.unique(reach)) >= 3


@pytest.mark.parametrize(("limb", "least"), [(Limb.HAND, 0.4), (Limb.FOOT, 0.15)])
def test_borders_occur_and_leave_the_joints_free(limb: Limb, least: float) -> None:
    changed = []
    for seed in range(120):
        image = blank()
        draw_borders(image, limb, limb_mask(), Box(150, 90, 250, 470), np.random.default_rng(seed))
        changed.append(np.abs(image - blank()) > 0.2)
    assert np.mean([each.any() for each in changed]) > least
    assert not np.any([each[90:470, 150:250].any() for each in changed])


def test_feet_have_fewer_borders_than_hands() -> None:
    shares = {limb: sum(share for share, _ in BANDS[limb]) + FIELDS[limb] for limb in Limb}
    assert 0.2 < shares[Limb.FOOT] < 0.5 < shares[Limb.HAND] < 0.9


def test_a_rail_may_be_deep_where_the_forearm_is_long() -> None:
    depths = []
    for seed in range(120):
        image = blank()
        draw_borders(image, Limb.HAND, limb_mask(), Box(150, 90, 250, 300), np.random.default_rng(seed))
        depths.append(np.count_nonzero(image[:, 200] > 0.6))
    assert max(depths) > 30


def test_another_limb_reaches_in_without_touching_the_limb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else switched off by hand: no borders, and stamps that find no room."""
    monkeypatch.setitem(OTHER_LIMB, Limb.FOOT, 1.0)
    monkeypatch.setattr("opensvh.simulation.films.marks.draw_borders", lambda *given: None)
    monkeypatch.setattr("opensvh.simulation.films.marks.draw_labels", lambda *given: None)
    limb = limb_mask()
    limb[60:300] = False
    image = blank() + 0.4 * limb.astype(np.float32)
    seen = 0
    for seed in range(20):
        marked = draw_marks(image, Shown(limb, Side.LEFT, Limb.FOOT), np.random.default_rng(seed))
        changed = np.abs(marked - image) > 0.35
        seen += bool(changed.any())
        assert np.count_nonzero(changed & limb) < 200
        assert np.count_nonzero(changed) < 0.35 * np.count_nonzero(limb)
    assert seen > 5
