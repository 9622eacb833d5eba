"""Where a growing bone's plate lies and when it is seen; the tables are in `hand_growth` and `foot_growth`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Plate:
    """A growth plate: mm from the base of the bone (from its end if negative), its arch in mm, years it is seen."""

    from_end_mm: float
    arch_mm: float
    appears: float
    closes: float


def plate_of(plates: Mapping[str, Plate], name: str) -> Plate | None:
    """The plate of a bone by its name, or by its kind, such as `pp` for `pp3`."""
    return plates.get(name) or plates.get(name[:2])
