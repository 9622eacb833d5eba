import json
from pathlib import Path

import numpy as np
import pytest

from opensvh.domain.anatomy import Kind, Limb, sites_of
from opensvh.evaluation.gap_errors import GapSeen
from opensvh.workflows.realism_gaps import BONES, gaps_of_limb, gaps_of_limbs, write_gaps


@pytest.fixture(scope="module")
def hand() -> list[GapSeen]:
    return list(gaps_of_limb(0, Limb.HAND, np.random.default_rng(3)))


def test_every_scored_space_is_measured() -> None:
    for limb in Limb:
        scored = {site.name for site in sites_of(limb, Kind.NARROWING)}
        assert scored <= set(BONES[limb])


@pytest.mark.slow
def test_finger_spaces_are_seen_as_asked(hand: list[GapSeen]) -> None:
    errors = [gap.seen - gap.asked for gap in hand if gap.joint in ("MCP", "PIP")]
    assert len(errors) == 8
    assert np.median(np.abs(errors)) < 0.15


@pytest.mark.slow
def test_wrist_spaces_are_seen_as_asked(hand: list[GapSeen]) -> None:
    errors = [gap.seen - gap.asked for gap in hand if gap.joint in ("CMC", "STT", "CNL", "RADCAR")]
    assert len(errors) == 6
    assert np.median(np.abs(errors)) < 0.15
    assert np.max(np.abs(errors)) < 0.6


@pytest.mark.slow
def test_spaces_are_asked_for_from_wide_to_closed(hand: list[GapSeen]) -> None:
    asked = [gap.asked for gap in hand]
    assert min(asked) < 0.4
    assert max(asked) > 1.2


@pytest.mark.slow
def test_files_hold_every_joint_and_the_figures(hand: list[GapSeen], tmp_path: Path) -> None:
    write_gaps(tmp_path, hand, {"limbs": 1, "seed": 3})
    assert len((tmp_path / "gaps.csv").read_text().splitlines()) == len(hand) + 1
    figures = json.loads((tmp_path / "gaps.json").read_text())
    assert figures["made_with"]["seed"] == 3
    assert figures["classes"]["hand MCP"]["seen"]["n"] == 4
    assert "Joint spaces seen against those asked for" in (tmp_path / "gaps.html").read_text()


@pytest.mark.slow
def test_same_seed_gives_the_same_gaps() -> None:
    assert gaps_of_limbs(1, 5) == gaps_of_limbs(1, 5)
