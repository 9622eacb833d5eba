from itertools import pairwise

from opensvh.reporting.palette import GRADES, NORMAL, Colour, ink_on_grade


def _luminance(colour: Colour) -> float:
    """Relative luminance, WCAG 2.1."""
    linear = [each / 255 / 12.92 if each <= 10 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_grades_keep_their_order_in_grey_and_stand_apart() -> None:
    luminances = [_luminance(colour) for colour in GRADES]

    assert luminances == sorted(luminances, reverse=True)
    assert all(_contrast(one, other) > 1.2 for one, other in pairwise(GRADES))


def test_letters_on_every_grade_can_be_read() -> None:
    assert min(_contrast(ink_on_grade(step), colour) for step, colour in enumerate(GRADES, start=1)) >= 4.5
    assert _contrast((0, 0, 0), NORMAL) > 4.5
