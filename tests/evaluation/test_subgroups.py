"""Every column is in one joint group and one limb's group; severities follow the gold total."""

import numpy as np

from opensvh.domain.anatomy import RA2_SITE_COLUMNS, Kind, Limb
from opensvh.evaluation.subgroups import by_severity, columns_by_site, maximum_of, site_groups


def test_each_column_is_in_its_limb_s_group_and_in_one_group_of_joints() -> None:
    groups = site_groups()
    whole = [column for (name, *_), columns in groups.items() if name.startswith("all") for column in columns]
    joints = [column for (name, *_), columns in groups.items() if not name.startswith("all") for column in columns]
    assert sorted(whole) == sorted(joints) == sorted(RA2_SITE_COLUMNS)
    assert len(groups["wrist", Limb.HAND, Kind.NARROWING]) == len(groups["wrist", Limb.HAND, Kind.EROSION]) == 12
    assert len(groups["PIP and thumb IP", Limb.HAND, Kind.EROSION]) == 10
    assert groups["hallux IP", Limb.FOOT, Kind.EROSION] == ["LF_mtp_E__ip", "RF_mtp_E__ip"]


def test_a_group_has_one_scale() -> None:
    for (_, limb, kind), columns in (site_groups() | columns_by_site()).items():
        tops = {RA2_SITE_COLUMNS[column][1].maximum(kind) for column in columns}
        assert tops == {maximum_of(columns)}
        assert maximum_of(columns) == {Kind.NARROWING: 4, Kind.EROSION: 5 if limb is Limb.HAND else 10}[kind]


def test_severity_by_gold_total_leaves_out_the_empty_ones() -> None:
    found = by_severity(np.array([0.0, 0.5, 20, 21, 448, 0]))
    assert {name: np.flatnonzero(chosen).tolist() for name, chosen in found.items()} == {
        "no damage": [0, 5], "mild": [1, 2], "moderate": [3], "severe": [4],
    }  # fmt: skip
    assert list(by_severity(np.array([3.0]))) == ["mild"]
