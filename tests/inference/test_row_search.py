"""A foot's joints under the names that a network gives a foot which is cut along its side."""

import pytest

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference.limb_places import laid_limb
from opensvh.inference.row_search import NAMED_ANEW, best_naming, renamed
from opensvh.inference.shape_model import film_point
from opensvh.inference.shape_model_file import shipped_shape_models

LENGTH_PX = 1000.0
MODEL = shipped_shape_models()[Limb.FOOT]


def foot(pose: Pose = Pose()) -> dict[str, Point]:  # noqa: B008
    """The mean foot in film pixels, the middle of its joints at (500, 500)."""
    upright = {name: Point(float(x), float(y)) for name, (x, y) in zip(POINTS[Limb.FOOT], MODEL.mean, strict=True)}
    turned = {name: film_point(at, pose) for name, at in upright.items()}
    return {name: Point(500 + LENGTH_PX * x, 500 + LENGTH_PX * y) for name, (x, y) in turned.items()}


def between(one: str, other: str, points: dict[str, Point]) -> int:
    return round((points[one].x + points[other].x) / 2)


def without_hallux() -> tuple[dict[str, Point], Box]:
    """What a network finds where the film ends between the first and second ray: the second toe called the first."""
    true = foot()
    at = {"MTP1": "MTP2", "MTP2": "MTP3", "MTP3": "MTP4", "MTP4": "MTP4", "MTP5": "MTP5"}
    x, y = true["MTP2"]
    found = {new: true[old] for new, old in at.items()} | {"IP1": Point(x, y - 110)}
    return found, Box(0, 0, between("MTP1", "MTP2", true), 1000)


def reading(points: dict[str, Point]) -> FilmReading:
    """Every site scored, each otherwise: by the place of its joint in the table."""
    sites = tuple(
        SiteReading(site, kind, Status.SCORED, expected=float(POINTS[Limb.FOOT].index(site.point)) / 4)
        for kind in Kind
        for site in sites_of(Limb.FOOT, kind)
    )
    return FilmReading(
        "P", "film.png", Limb.FOOT, Side.LEFT, sites, Box(0, 0, 1000, 1000), points, dict.fromkeys(points, 0.9)
    )


def test_a_foot_without_its_big_toe_is_named_by_the_toes_that_are_left() -> None:
    found, field = without_hallux()
    naming = best_naming(MODEL, found, Pose(), field, ["right"])
    assert naming is not None
    true = foot()
    assert {name: found[old] for name, old in naming.old.items()} == {
        name: true[name] for name in ("MTP2", "MTP3", "MTP4", "MTP5")
    }


def test_where_the_film_goes_on_no_toe_is_gone() -> None:
    found, _ = without_hallux()
    assert best_naming(MODEL, found, Pose(), Box(0, 0, 1000, 1000), ["right"]) is None
    assert best_naming(MODEL, foot(), Pose(), Box(0, 0, 1000, 1000), ["left", "right"]) is None


def test_a_foot_that_reaches_no_side_keeps_its_names() -> None:
    found, field = without_hallux()
    assert best_naming(MODEL, found, Pose(), field, []) is None


def test_scores_go_with_the_joints_and_those_gone_are_not_visible() -> None:
    found, field = without_hallux()
    naming = best_naming(MODEL, found, Pose(), field, ["right"])
    assert naming is not None
    before, after = reading(found), renamed(reading(found), naming)
    for kind in Kind:
        assert {each.status for each in after.sites if each.site.point in ("IP1", "MTP1") and each.kind is kind} == {
            Status.NOT_VISIBLE
        }
        assert _of(after, "MTP2", kind) == _of(before, "MTP1", kind)
        assert _of(after, "MTP3", kind) == _of(before, "MTP2", kind)
    assert after.points.keys() == {"MTP2", "MTP3", "MTP4", "MTP5"}
    assert NAMED_ANEW in after.warnings


def _of(film: FilmReading, point: str, kind: Kind) -> float | None:
    return next(each.expected for each in film.sites if each.site.point == point and each.kind is kind)


@pytest.mark.parametrize("pose", [Pose(), Pose(180, mirrored=True)])
def test_a_toe_that_is_gone_and_found_at_its_neighbour_is_not_on_the_film(pose: Pose) -> None:
    true = foot(pose)
    found = {**true, "MTP5": Point(true["MTP4"].x + 6, true["MTP4"].y)}
    edge = between("MTP4", "MTP5", true)
    field = Box(edge, 0, 1000, 1000) if true["MTP5"].x < edge else Box(0, 0, edge, 1000)
    laid = laid_limb(MODEL, found, pose, field)
    assert laid.shown == set(POINTS[Limb.FOOT]) - {"MTP5"}
    assert laid_limb(MODEL, found, pose, Box(0, 0, 1000, 1000)).shown == set(POINTS[Limb.FOOT])
