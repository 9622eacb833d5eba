import pytest

from opensvh.reporting.pdf_remarks import Block, column_height, remark, split

WIDTH = 80.0


def _block(title: str, count: int) -> Block:
    return Block(title, tuple(remark(f"Lead {n}", "what is said of it", "why " * 30, WIDTH) for n in range(count)))


@pytest.mark.parametrize("height", [5.0, 20.0, 33.0, 60.0, 100.0, 400.0])
def test_what_is_split_fits_and_nothing_is_lost(height: float) -> None:
    blocks = (_block("One", 3), _block("Two", 4))

    fitting, rest = split(blocks, height)

    assert column_height(fitting) <= height
    remarks = [each for part in (fitting, rest) for block in part for each in block.remarks]
    assert remarks == [each for block in blocks for each in block.remarks]
    assert all(block.remarks for block in (*fitting, *rest))


def test_a_block_that_is_broken_keeps_its_title() -> None:
    block = _block("One", 5)
    fitting, rest = split((block,), block.height - 1)

    assert [each.title for each in (*fitting, *rest)] == ["One", "One"]


def test_no_remark_takes_more_than_its_share() -> None:
    long = remark("Lead", "word " * 500, "reason " * 500, WIDTH)

    assert (len(long.lines), len(long.reason)) == (5, 5)
    assert long.lines[-1].endswith("…")
