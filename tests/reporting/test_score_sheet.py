from opensvh.domain.reading import StudyReading
from opensvh.reporting.score_sheet import COLUMNS, limb_tables


def test_every_score_has_its_cell_and_no_other_place_has_one(study: StudyReading) -> None:
    hands, feet = limb_tables(study)
    cells = {
        table.title: [cell for _, rows in table.groups for row in rows for cell in row.cells] for table in (hands, feet)
    }

    assert len(COLUMNS) == 4
    assert sum(cell is not None for cell in cells["Hands"]) == 62
    assert sum(cell is not None for cell in cells["Feet"]) == 12
    assert len(cells["Hands"]) == 22 * 4
    assert [name for name, _ in hands.groups] == ["Fingers", "Wrist joints", "Wrist bones"]


def test_a_cell_tells_grade_expectation_and_why_there_is_none(study: StudyReading) -> None:
    hands, feet = limb_tables(study)
    rows = {row.label: row.cells for _, group in (*hands.groups, *feet.groups) for row in group}
    left, right = rows["MCP 2"][1], rows["MCP 2"][3]
    toe = rows["MTP 1"][1]

    assert left is not None
    assert right is not None
    assert toe is not None
    assert (left.score, left.expected, left.step) == ("1", "1.2", 1)
    assert (right.score, right.expected, right.step) == ("–", "", None)
    assert "not found" in right.title
    assert (toe.score, toe.step) == ("3", 2)
    assert rows["MTP 1"][2:] == (None, None)
