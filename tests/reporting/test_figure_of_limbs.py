import math
from itertools import combinations

from opensvh.domain.anatomy import Kind, Limb
from opensvh.domain.reading import StudyReading
from opensvh.reporting.figure_of_limbs import FILM_ORDER, LimbFigure, figures_of_limbs
from opensvh.reporting.limb_drawing import MARK_WIDTH, SIZES, mirrored, outlines, svg_path


def _figures(study: StudyReading) -> dict[str, LimbFigure]:
    return {figure.code: figure for figure in figures_of_limbs(study)}


def test_every_site_of_both_kinds_has_a_mark(study: StudyReading) -> None:
    figures = _figures(study)
    marks = [mark for figure in figures.values() for mark in figure.marks]

    assert tuple(figures) == FILM_ORDER
    assert sum(mark.kind is Kind.NARROWING for mark in marks) == 42
    assert sum(mark.kind is Kind.EROSION for mark in marks) == 44
    assert all(len({mark.title for mark in figure.marks}) == len(figure.marks) for figure in figures.values())


def test_no_mark_covers_another_and_all_lie_on_the_drawing(study: StudyReading) -> None:
    for figure in figures_of_limbs(study):
        for one, other in combinations(figure.marks, 2):
            assert max(abs(one.x - other.x), abs(one.y - other.y)) >= MARK_WIDTH - 0.6, (one.title, other.title)
        half = MARK_WIDTH / 2
        assert all(mark.x - half >= 0 and mark.x + half <= figure.size.width + 0.5 for mark in figure.marks)
        assert all(mark.y - half >= 0 and mark.y + half <= figure.size.height for mark in figure.marks)


def test_the_right_side_is_the_left_ones_mirror_but_narrowing_stays_on_the_left(study: StudyReading) -> None:
    figures = _figures(study)
    for left, right in (("LH", "RH"), ("LF", "RF")):
        width = figures[left].size.width
        centres = {mark.key[3:]: [] for mark in figures[left].marks}
        for code in (left, right):
            for mark in figures[code].marks:
                centres[mark.key[3:]].append(mark.x)
        for xs in centres.values():
            assert math.isclose(sum(xs) / len(xs), width / 2)
    pair = [mark for mark in figures["RH"].marks if mark.key == "RH:MCP3"]
    assert [mark.kind for mark in sorted(pair, key=lambda mark: mark.x)] == [Kind.NARROWING, Kind.EROSION]


def test_what_has_no_score_is_not_a_nought(study: StudyReading) -> None:
    figures = _figures(study)
    lost = [mark for mark in figures["RH"].marks if mark.key == "RH:MCP2"]

    assert [(mark.step, mark.text) for mark in lost] == [(None, "–"), (None, "–")]
    assert "not found" in lost[0].title
    assert not figures["RF"].is_read
    assert {mark.step for mark in figures["RF"].marks} == {None}
    assert {mark.step for mark in figures["LH"].marks} == {1}


def test_bones_are_closed_and_stay_in_the_drawing() -> None:
    for limb in Limb:
        for outline in outlines(limb):
            assert outline[0][0] == "M"
            assert outline[-1] == ("Z", ())
            xs = [value for _, values in outline for value in values[::2]]
            assert min(xs) >= -3
            assert max(xs) <= SIZES[limb].width + 3


def test_an_outline_is_an_svg_path() -> None:
    assert svg_path((("M", (1.0, 2.0)), ("C", (1, 2, 3, 4, 5, 6)), ("Z", ()))) == "M1.0 2.0C1.0 2.0 3.0 4.0 5.0 6.0Z"
    assert mirrored((("M", (1.0, 2.0)),), 10) == (("M", (9.0, 2.0)),)
