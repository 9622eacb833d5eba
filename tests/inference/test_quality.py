"""A limb drawn from bones and flesh, and read as a person would: then spoilt in one way, and that way is named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side, Site, sites_of
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement, Pose, Projection, Skeleton
from opensvh.domain.reading import FilmReading, SiteReading, Status
from opensvh.inference.limb_places import film_field
from opensvh.inference.quality import judge
from opensvh.inference.quality_findings import Code, Finding, Severity, apply_findings, refusal
from opensvh.inference.quality_joints import implausibility
from opensvh.inference.shape_model_file import shipped_shape_models

SIDE_PX = 760
LENGTH_PX = {Limb.HAND: 520.0, Limb.FOOT: 690.0}
Levels = NDArray[np.float32]


@dataclass(frozen=True)
class Drawn:
    """A film with the digits up, looking like a left limb, and what would be read on it."""

    limb: Limb
    pixels: Levels
    points: Mapping[str, Point]

    def judged(self, placement: LimbPlacement | None = None, spacing_mm: float | None = None) -> tuple[Finding, ...]:
        return judge(self.pixels, self.reading(), placement or self.placement(), spacing_mm)

    def codes(self) -> set[Code]:
        return {finding.code for finding in self.judged()}

    def placement(self) -> LimbPlacement:
        return LimbPlacement(self.limb, Side.LEFT, 0.0, Box(0, 0, *self.pixels.shape[::-1]))

    def reading(self) -> FilmReading:
        sites = tuple(self._site(site, kind) for kind in Kind for site in sites_of(self.limb, kind))
        box = Box(0, 0, *self.pixels.shape[::-1])
        return FilmReading("P", "film.png", self.limb, Side.LEFT, sites, box, self.points)

    def _site(self, site: Site, kind: Kind) -> SiteReading:
        if site.point in self.points:
            return SiteReading(site, kind, Status.SCORED, expected=1.0, probabilities=(0.0, 1.0))
        return SiteReading(site, kind, Status.NOT_ASSESSABLE, reason="the joint was not found")

    def moved(self, name: str, right: float, down: float) -> "Drawn":
        x, y = self.points[name]
        return replace(self, points={**self.points, name: Point(x + right, y + down)})

    def cut(self, top: int = 0, left: int = 0, bottom: int = SIDE_PX) -> "Drawn":
        """The part of the film below and right of a corner; joints off it are not found."""
        pixels = self.pixels[top:bottom, left:]
        shifted = {name: Point(x - left, y - top) for name, (x, y) in self.points.items()}
        rows, columns = pixels.shape
        found = {name: at for name, at in shifted.items() if 0 <= at.x < columns and 0 <= at.y < rows}
        return replace(self, pixels=pixels, points=found)

    def with_levels(self, pixels: NDArray[np.floating]) -> "Drawn":
        return replace(self, pixels=np.clip(pixels, 0, 1).astype(np.float32))

    def shrunk(self, share: float) -> "Drawn":
        pixels = cv2.resize(self.pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        points = {name: Point(x * share, y * share) for name, (x, y) in self.points.items()}
        return replace(self, pixels=pixels, points=points)


def drawn(limb: Limb) -> Drawn:
    """The shipped mean limb: tissue about its joints and along a forearm, and a spot of bone at each joint."""
    mean = shipped_shape_models()[limb].mean * LENGTH_PX[limb]
    points = {name: Point(360 + x, 360 + y) for name, (x, y) in zip(POINTS[limb], mean, strict=True)}
    film = np.full((SIDE_PX, SIDE_PX), 0.1, np.float32)
    corners = cv2.convexHull(np.rint(list(points.values())).astype(np.int32))
    cv2.polylines(film, [corners], True, 0.3, 40)
    cv2.fillConvexPoly(film, corners, 0.3)
    cv2.rectangle(film, (310, 420), (420, SIDE_PX), 0.3, cv2.FILLED)
    for x, y in points.values():
        cv2.circle(film, (round(x), round(y)), 9, 0.6, cv2.FILLED)
    film = cv2.GaussianBlur(film, (0, 0), 2) + 0.01 * np.random.default_rng(0).normal(size=film.shape)
    return Drawn(limb, np.clip(film, 0, 1).astype(np.float32), points)


@pytest.fixture(params=Limb)
def limb_film(request: pytest.FixtureRequest) -> Drawn:
    return drawn(Limb(request.param))


@pytest.fixture
def hand() -> Drawn:
    return drawn(Limb.HAND)


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_of_a_plain_film_nothing_is_said(limb_film: Drawn) -> None:
    assert limb_film.judged() == ()


def test_a_film_with_few_joints_found_is_refused(limb_film: Drawn) -> None:
    few = dict(list(limb_film.points.items())[: len(limb_film.points) // 2])
    finding = only(replace(limb_film, points=few).judged())
    assert (finding.code, finding.severity) == (Code.NO_LIMB, Severity.REFUSE)
    assert f"only {len(few)} of the {len(limb_film.points)} joints" in finding.text


def test_joints_of_the_other_side_are_refused(hand: Drawn) -> None:
    finding = only(replace(hand, points={name: Point(720 - x, y) for name, (x, y) in hand.points.items()}).judged())
    assert (finding.code, finding.severity) == (Code.ARRANGEMENT, Severity.REFUSE)


def test_of_the_ways_a_film_may_lie_the_true_one_is_least_implausible(limb_film: Drawn) -> None:
    reading = limb_film.reading()
    few = replace(reading, points=dict(list(reading.points.items())[: len(reading.points) // 2]))
    assert implausibility(reading, Pose()) < implausibility(reading, Pose(mirrored=True)) < implausibility(few, Pose())


def test_joints_off_the_film_are_not_visible_and_the_others_scored(hand: Drawn) -> None:
    film = hand.cut(top=round(hand.points["PIP4"].y) + 14)
    gone = {name for name in POINTS[Limb.HAND] if name not in film.points}
    assert gone == {"PIP2", "PIP3", "PIP4"}
    findings = film.judged()
    reading = apply_findings(film.reading(), findings)
    assert refusal(findings) is None
    for site in reading.sites:
        assert site.status is (Status.NOT_VISIBLE if site.site.point in gone else Status.SCORED)
    assert reading.reading("PIP3", Kind.EROSION).reason == "PIP2, PIP3, PIP4: cut off at the film's edge"


def test_a_joint_at_the_very_edge_is_not_visible_though_it_was_found(hand: Drawn) -> None:
    film = hand.cut(top=round(hand.points["PIP3"].y) - 4)
    assert "PIP3" in film.points
    assert apply_findings(film.reading(), film.judged()).reading("PIP3", Kind.NARROWING).status is Status.NOT_VISIBLE


def test_a_joint_squeezed_to_the_edge_is_not_visible(hand: Drawn) -> None:
    """As a network does that expects whole hands: the film ends at RADCAR, RADIUS is found above it."""
    film = hand.cut(bottom=round(hand.points["RADCAR"].y) + 5)
    x, _ = hand.points["RADIUS"]
    squeezed = replace(film, points={**film.points, "RADIUS": Point(x + 35, film.pixels.shape[0] - 15)})
    reading = apply_findings(squeezed.reading(), squeezed.judged())
    assert reading.reading("RADIUS", Kind.EROSION).status is Status.NOT_VISIBLE
    assert reading.reading("LUNATE", Kind.EROSION).status is Status.SCORED


def test_too_little_of_a_limb_is_refused(hand: Drawn) -> None:
    film = hand.cut(top=round(hand.points["RADCAR"].y) - 1)
    assert len(film.points) == 3
    finding = only(film.judged())
    assert finding.code is Code.NO_LIMB
    assert "too little of one" in finding.text


def test_a_black_border_is_no_film(hand: Drawn) -> None:
    pixels = hand.pixels.copy()
    pixels[: round(hand.points["PIP3"].y)] = 0
    assert film_field(pixels).top == round(hand.points["PIP3"].y)
    assert Code.CUT_OFF in hand.with_levels(pixels).codes()


def test_the_forearm_may_leave_the_film(hand: Drawn) -> None:
    assert hand.cut(bottom=round(hand.points["ULNA"].y) + 30).judged() == ()


def test_a_joint_found_where_it_cannot_be_is_not_assessable(hand: Drawn) -> None:
    film = hand.moved("MCP4", 0, 60)
    finding = only(film.judged())
    reading = apply_findings(film.reading(), [finding])
    assert finding.sites == ("MCP4",)
    assert [site.site.name for site in reading.sites if site.status is Status.NOT_ASSESSABLE] == ["MCP4", "MCP4"]
    assert finding.text in reading.warnings


def test_all_sites_at_a_point_share_its_fate(hand: Drawn) -> None:
    """The navicular's erosion is read where the radiocarpal space is."""
    assert only(hand.moved("RADCAR", 90, 0).judged()).sites == ("RADCAR", "NAVICULAR")


@pytest.mark.parametrize("spoil", ["white", "black", "flat"])
def test_a_film_without_grey_levels_is_refused(limb_film: Drawn, spoil: str) -> None:
    pixels = limb_film.pixels
    levels = {"white": pixels * 8, "black": pixels - 0.9, "flat": 0.4 + 0.01 * pixels}[spoil]
    finding = only(limb_film.with_levels(levels).judged())
    assert finding.severity is Severity.REFUSE
    assert finding.code is (Code.NO_CONTRAST if spoil == "flat" else Code.CLIPPED)


def test_one_joint_all_white_is_of_poor_quality(hand: Drawn) -> None:
    pixels = hand.pixels.copy()
    x, y = hand.points["MCP5"]
    cv2.circle(pixels, (round(x), round(y)), 30, 1.0, cv2.FILLED)
    film = hand.with_levels(pixels)
    reading = apply_findings(film.reading(), film.judged())
    assert [site.site.name for site in reading.sites if site.status is Status.POOR_QUALITY] == ["MCP5", "MCP5"]


def test_metal_over_a_joint_warns_of_that_site(limb_film: Drawn) -> None:
    name = "MCP3" if limb_film.limb is Limb.HAND else "MTP3"
    pixels = limb_film.pixels.copy()
    x, y = (round(axis) for axis in limb_film.points[name])
    cv2.line(pixels, (x - 4, y - 30), (x - 4, y + 30), 1.0, 8)
    finding = only(limb_film.with_levels(pixels).judged())
    assert (finding.code, finding.severity, finding.sites) == (Code.METAL, Severity.WARN, (name,))


def test_a_cast_shows_by_its_rim_and_a_marker_beside_is_none(hand: Drawn) -> None:
    x, y = (round(axis) for axis in hand.points["ULNA"])
    cast = hand.pixels.copy()
    cv2.rectangle(cast, (x - 90, y - 60), (x - 20, SIDE_PX), 0.3, cv2.FILLED)
    cv2.rectangle(cast, (x - 90, y - 60), (x - 80, SIDE_PX), 0.6, cv2.FILLED)
    marker = hand.pixels.copy()
    cv2.rectangle(marker, (x - 120, y), (x - 100, y + 90), 1.0, cv2.FILLED)
    assert hand.with_levels(cast).codes() == {Code.CAST}
    assert hand.with_levels(marker).codes() == set()


def test_few_pixels_warn_and_fewer_leave_no_narrowing(hand: Drawn) -> None:
    assert only(hand.shrunk(0.7).judged()).severity is Severity.WARN
    film = hand.shrunk(0.4)
    reading = apply_findings(film.reading(), film.judged())
    for site in reading.sites:
        assert site.status is (Status.POOR_QUALITY if site.kind is Kind.NARROWING else Status.SCORED)


def test_pixels_are_counted_by_the_film_s_spacing_where_it_is_known(hand: Drawn) -> None:
    assert hand.judged(spacing_mm=0.15) == ()
    assert only(hand.judged(spacing_mm=0.5)).text.startswith("few pixels: 2.0 per mm;")


def test_oblique_views_and_growing_skeletons_are_warned_of(limb_film: Drawn) -> None:
    placement = replace(limb_film.placement(), projection=Projection.OBLIQUE, skeleton=Skeleton.GROWING)
    findings = limb_film.judged(placement)
    assert [finding.code for finding in findings] == [Code.OBLIQUE, Code.GROWING]
    assert refusal(findings) is None
    assert len(apply_findings(limb_film.reading(), findings).warnings) == 2


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_right_limb_turned_on_the_film_is_judged_as_it_lies(limb_film: Drawn, turns: int) -> None:
    """Told wrongly, the same film is refused."""
    mirrored = np.ascontiguousarray(limb_film.pixels[:, ::-1])
    last = SIDE_PX - 1
    points = {name: Point(last - x, y) for name, (x, y) in limb_film.points.items()}
    for _ in range(turns):
        points = {name: Point(y, last - x) for name, (x, y) in points.items()}
    film = replace(limb_film, pixels=np.ascontiguousarray(np.rot90(mirrored, turns)), points=points)
    placement = replace(film.placement(), apparent_side=Side.RIGHT, turn_cw_deg=90.0 * turns)
    assert film.judged(placement) == ()
    assert refusal(film.judged(replace(placement, apparent_side=Side.LEFT))) is not None
