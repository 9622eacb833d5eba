from dataclasses import replace

import pytest

from opensvh.domain.anatomy import SITES, Kind, Limb, Side
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import StudyReading
from opensvh.reporting.summary import gaps, missing_films, seen_on_film, site_label, study_total, unscored_sites


def test_a_limbs_sum_counts_its_own_sites_only(study: StudyReading) -> None:
    left_hand = study_total(study, Kind.EROSION, Limb.HAND, Side.LEFT)

    assert left_hand.total.value == pytest.approx(80 / 4)
    assert (left_hand.total.assessed, left_hand.total.sites, left_hand.possible) == (16, 16, 80)
    assert left_hand.total.complete


def test_a_missing_joint_is_left_out_and_counted(study: StudyReading) -> None:
    right_hand = study_total(study, None, Limb.HAND, Side.RIGHT)

    assert (right_hand.total.assessed, right_hand.total.sites) == (29, 31)
    assert right_hand.total.maximum == 140 - 9
    assert not right_hand.total.complete


def test_the_whole_sum_says_what_it_lacks(study: StudyReading) -> None:
    everything = study_total(study)

    assert everything.possible == 448
    assert everything.total.sites - everything.total.assessed == 2 + 12


def test_gaps_name_site_kinds_and_reason(study: StudyReading) -> None:
    (gap,) = gaps(study)

    assert (gap.film, gap.sites) == ("RH", ("MCP 2 (narrowing and erosion)",))
    assert "not found" in gap.reason


def test_a_limb_without_film_is_named(study: StudyReading) -> None:
    assert missing_films(study) == ["RF"]
    assert unscored_sites(["RF", "LH"]) == 12 + 31


def test_labels_tell_sites_of_a_limb_apart() -> None:
    for limb in Limb:
        names = [site.name for site in SITES if site.limb is limb]
        assert len({site_label(limb, name) for name in names}) == len(names)


def test_what_was_found_from_the_pixels_is_told_with_its_confidence(study: StudyReading) -> None:
    film = study.films[1]
    assert seen_on_film(film) == ""
    placement = LimbPlacement(Limb.HAND, Side.RIGHT, 180.0, film.box, confidence={"limb": 0.994, "side": 0.9})
    line = seen_on_film(replace(film, placement=placement))
    assert line.startswith("hand (99 %), looks like a right one (90 %), turned 180° to bring the digits up, frontal")
