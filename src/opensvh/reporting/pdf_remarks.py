"""Remarks in print: a lead in bold, what is said, a reason beneath; as many as a place holds, the others later."""

from collections.abc import Sequence
from dataclasses import dataclass

from opensvh.reporting import words
from opensvh.reporting.glance import Glance
from opensvh.reporting.pdf_paper import Paper
from opensvh.reporting.pdf_text import SOFT, Style, width_of, wrapped

TEXT = Style(7.2)
REASON = Style(6.8, colour=SOFT)
TITLE = Style(8.5).bold
_GAP = 1.2
_TITLE_HEIGHT = 7.2
_MOST_LINES = 5


@dataclass(frozen=True)
class Remark:
    """Lines already broken; the first begins with `lead`, in bold."""

    lead: str
    lines: tuple[str, ...]
    reason: tuple[str, ...]

    @property
    def height(self) -> float:
        """In mm, with the gap after it."""
        return len(self.lines) * TEXT.leading + len(self.reason) * REASON.leading + _GAP


@dataclass(frozen=True)
class Block:
    """Remarks under one title."""

    title: str
    remarks: tuple[Remark, ...]

    @property
    def height(self) -> float:
        """In mm, with the title and the gap after the block."""
        return _TITLE_HEIGHT + sum(each.height for each in self.remarks) + _GAP


Columns = tuple[tuple[Block, ...], tuple[Block, ...]]
"""Blocks of the left and the right half of a page."""


def remark(lead: str, text: str, reason: str, width: float) -> Remark:
    """A remark broken into lines no wider than `width`; overlong ones end in an ellipsis."""
    wider = width_of(lead, TEXT.bold) - width_of(lead, TEXT)
    lines = wrapped(f"{lead} {text}", TEXT, width - wider, _MOST_LINES)
    return Remark(lead, tuple(lines), tuple(wrapped(reason, REASON, width, _MOST_LINES)))


def remark_columns(glance: Glance, width: float) -> Columns:
    """Left what was not assessed, right the sites that changed and the warnings about films."""
    gaps = [remark(gap.lead, gap.text, gap.reason, width) for gap in glance.gaps]
    left = Block(words.GAPS_TITLE, tuple(gaps or [remark("", words.NO_GAPS, "", width)]))
    right = [block for block in (_changes(glance, width), _cautions(glance, width)) if block is not None]
    return (left,), tuple(right)


def column_height(blocks: Sequence[Block]) -> float:
    """Height of blocks beneath each other, in mm."""
    return sum(block.height for block in blocks)


def split(blocks: Sequence[Block], height: float) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What stands in `height` mm, and the rest; a block that is broken keeps its title in both parts."""
    fitting: list[Block] = []
    for index, block in enumerate(blocks):
        if block.height <= height:
            fitting.append(block)
            height -= block.height
            continue
        count = sum(Block(block.title, block.remarks[: n + 1]).height <= height for n in range(len(block.remarks)))
        first = [Block(block.title, block.remarks[:count])] if count else []
        return (*fitting, *first), (Block(block.title, block.remarks[count:]), *blocks[index + 1 :])
    return tuple(fitting), ()


def draw_blocks(paper: Paper, x: float, y: float, blocks: Sequence[Block]) -> float:
    """The blocks beneath each other; returns where the next thing may begin."""
    for block in blocks:
        paper.text(x, y + 3, block.title, TITLE)
        line = y + _TITLE_HEIGHT
        for each in block.remarks:
            line = _draw(paper, x, line, each)
        y += block.height
    return y


def draw_count_of_rest(paper: Paper, x: float, y: float, blocks: Sequence[Block]) -> None:
    """How many remarks had no room, and where they are."""
    count = sum(len(block.remarks) for block in blocks)
    if count:
        paper.text(x, y + 2, words.AND_MORE.format(count=count), REASON)


def _changes(glance: Glance, width: float) -> Block | None:
    """None at a first visit."""
    change = glance.change
    sites = change.sites or ((("", words.CHANGE_NO_SITES),) if change.lines else ())
    said = tuple(remark(lead, text, "", width) for lead, text in (*(("", doubt) for doubt in change.doubts), *sites))
    return Block(words.CHANGE_SITES if change.sites else change.title, said) if said else None


def _cautions(glance: Glance, width: float) -> Block | None:
    said = tuple(remark(labels, warning, "", width) for labels, warning in glance.cautions)
    return Block(words.CAUTIONS_TITLE, said) if said else None


def _draw(paper: Paper, x: float, y: float, each: Remark) -> float:
    lead = each.lead if each.lines and each.lines[0].startswith(each.lead) else ""
    shift = paper.text(x, y, lead, TEXT.bold) if lead else 0.0
    if each.lines:
        paper.text(x + shift, y, each.lines[0].removeprefix(lead), TEXT)
        y = paper.lines(x, y + TEXT.leading, each.lines[1:], TEXT)
    return paper.lines(x, y, each.reason, REASON) + _GAP
