"""The site table against the method's published counts, the paper's points and the challenge's columns."""

import pytest

from opensvh.domain.anatomy import (
    FILM_CODES,
    JOINT_CLASSES,
    POINTS,
    PRIVATE_CODE_SCHEME,
    RA2_COLUMNS,
    RA2_SITE_COLUMNS,
    SITES,
    Kind,
    Limb,
    Side,
    film_code,
    hand_point_of,
    joint_class,
    site_named,
    sites_of,
)

# Written out from the challenge's description, not derived from the table under test.
HAND_EROSION = [
    "mcp_E__ip",
    "pip_E__2",
    "pip_E__3",
    "pip_E__4",
    "pip_E__5",
    "mcp_E__1",
    "mcp_E__2",
    "mcp_E__3",
    "mcp_E__4",
    "mcp_E__5",
    "wrist_E__mc1",
    "wrist_E__mul",
    "wrist_E__nav",
    "wrist_E__lunate",
    "wrist_E__radius",
    "wrist_E__ulna",
]
FOOT_EROSION = ["mtp_E__ip", "mtp_E__1", "mtp_E__2", "mtp_E__3", "mtp_E__4", "mtp_E__5"]
HAND_NARROWING = [
    "pip_J__2",
    "pip_J__3",
    "pip_J__4",
    "pip_J__5",
    "mcp_J__1",
    "mcp_J__2",
    "mcp_J__3",
    "mcp_J__4",
    "mcp_J__5",
    "wrist_J__cmc3",
    "wrist_J__cmc4",
    "wrist_J__cmc5",
    "wrist_J__mna",
    "wrist_J__capnlun",
    "wrist_J__radcar",
]
FOOT_NARROWING = ["mtp_J__ip", "mtp_J__1", "mtp_J__2", "mtp_J__3", "mtp_J__4", "mtp_J__5"]


def test_limbs_have_the_sites_of_the_method() -> None:
    counts = {(limb, kind): len(sites_of(limb, kind)) for limb in Limb for kind in Kind}
    assert counts == {
        (Limb.HAND, Kind.NARROWING): 15,
        (Limb.HAND, Kind.EROSION): 16,
        (Limb.FOOT, Kind.NARROWING): 6,
        (Limb.FOOT, Kind.EROSION): 6,
    }


def test_ranges_are_those_of_the_method() -> None:
    for site in SITES:
        assert site.narrowing in (None, 4)
        assert site.erosion in ((None, 5) if site.limb is Limb.HAND else (10,))


def test_a_hand_has_21_points_and_a_foot_6() -> None:
    assert (len(POINTS[Limb.HAND]), len(POINTS[Limb.FOOT])) == (21, 6)


def test_navicular_erosion_is_read_at_the_radiocarpal_point() -> None:
    assert site_named(Limb.HAND, "NAVICULAR").point == "RADCAR"
    assert "NAVICULAR" not in POINTS[Limb.HAND]


def test_classes_run_from_1_to_21_and_toes_take_the_fingers() -> None:
    assert [joint_class(Limb.HAND, point) for point in JOINT_CLASSES] == list(range(1, 22))
    for digit in range(1, 6):
        assert joint_class(Limb.FOOT, f"MTP{digit}") == joint_class(Limb.HAND, f"MCP{digit}")
    assert joint_class(Limb.FOOT, "IP1") == joint_class(Limb.HAND, "IP1")
    assert hand_point_of(Limb.HAND, "MCP2") == "MCP2"


def test_a_point_that_the_limb_lacks_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match=r"'CMC3'.*MTP5"):
        joint_class(Limb.FOOT, "CMC3")
    with pytest.raises(KeyError, match="MCP2"):
        site_named(Limb.FOOT, "MCP2")


def test_ra2_columns_are_the_challenges_in_its_order() -> None:
    expected = ["Patient_ID", "Overall_Tol", "Overall_erosion", "Overall_narrowing"]
    for hand, foot in ((HAND_EROSION, FOOT_EROSION), (HAND_NARROWING, FOOT_NARROWING)):
        expected += [f"{side}H_{name}" for side in "LR" for name in hand]
        expected += [f"{side}F_{name}" for side in "LR" for name in foot]
    assert list(RA2_COLUMNS) == expected
    assert len(RA2_COLUMNS) == 90


@pytest.mark.parametrize(
    ("index", "column"),
    [(4, "LH_mcp_E__ip"), (20, "RH_mcp_E__ip"), (36, "LF_mtp_E__ip"), (48, "LH_pip_J__2"), (89, "RF_mtp_J__5")],
)
def test_ra2_blocks_start_where_the_challenge_starts_them(index: int, column: str) -> None:
    assert RA2_COLUMNS[index] == column


def test_each_site_column_leads_back_to_its_site() -> None:
    for column, (side, site, kind) in RA2_SITE_COLUMNS.items():
        assert site.ra2_column(side, kind) == column
    assert site_named(Limb.HAND, "IP1").ra2_column(Side.LEFT, Kind.NARROWING) is None


def test_film_codes() -> None:
    assert set(FILM_CODES) == {"LH", "RH", "LF", "RF"}
    assert all(film_code(limb, side) == code for code, (limb, side) in FILM_CODES.items())


def test_every_row_has_a_source_and_a_code() -> None:
    for site in SITES:
        assert site.source
        assert site.code_scheme == PRIVATE_CODE_SCHEME or site.code.isdigit()


def test_no_two_points_of_the_table_share_a_snomed_code() -> None:
    codes = [site.code for site in SITES]
    assert len(set(codes)) == len(codes)
