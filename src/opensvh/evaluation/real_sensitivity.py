"""Damage that was edited into real films, and what was read of it: curve, slope, rank correlation, discrimination.

Editing is `simulation.edited_films`'; each edited joint has its own unedited reading beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from opensvh.domain.anatomy import Kind, Limb, Site
from opensvh.evaluation.real_damage import joint_group
from opensvh.evaluation.real_intervals import Figures, Values, by_person, interval, mean
from opensvh.evaluation.real_split import Half

DAMAGED_GRADE = 2.0
"""Joints edited to this grade or more should be told from the same joints unedited."""

LONG_SCALE = 5

Statistic = Callable[[Values], float | None]
"""Of rows [n, 4]: grade given, grade read, and what was read unedited and harmlessly edited (NaN where it was not)."""


@dataclass(frozen=True)
class EditedRead:
    """One site in one edited copy of a film: `given` the damage put there, on the kind's own scale; what was read.

    `read` in the copy, `unedited` on the film itself, `harmless` on a copy whose edits change no grade; None where the
    site was not scored. `place_error_percent` of the limb's length: how far from where the copy has it the joint centre
    was found, None where it was not.
    """

    film: str
    person: str
    half: Half
    copy: int
    site: Site
    kind: Kind
    given: float
    read: float | None
    unedited: float | None
    harmless: float | None = None
    place_error_percent: float | None = None


def sensitivity_figures(edits: Sequence[EditedRead]) -> Figures:
    """By kind, then for hands, for feet (whose erosions have another scale) and by joint group."""
    return {
        kind.value: {group: _group_figures(chosen) for group, chosen in _groups(edits, kind)}
        for kind in Kind
        if any(edit.kind is kind for edit in edits)
    }


def slope(rows: Values) -> float | None:
    """Grade read for each grade given, by least squares over edited and unedited joints."""
    given, read = _with_unedited(rows)
    spread = float(np.square(given - given.mean()).sum())
    return float(((given - given.mean()) * (read - read.mean())).sum()) / spread if spread else None


def spearman(rows: Values) -> float | None:
    """Rank correlation of grades given and read, edited and unedited joints together."""
    given, read = (rankdata(each) for each in _with_unedited(rows))
    if not given.std() or not read.std():
        return None
    return float(np.corrcoef(given, read)[0, 1])


def discrimination(rows: Values) -> float | None:
    """Area under the ROC curve: joints given grade 2 or more against the same joints unedited."""
    return _area(rows[:, :3])


def discrimination_from_harmless(rows: Values) -> float | None:
    """The same against those joints harmlessly edited: a reader of the mark of editing has 0.5 here."""
    return _area(rows[:, [0, 1, 3]])


def _area(rows: Values) -> float | None:
    damaged = rows[(rows[:, 0] >= DAMAGED_GRADE) & ~np.isnan(rows[:, 2])]
    if not len(damaged):
        return None
    ranks = rankdata(np.concatenate([damaged[:, 1], damaged[:, 2]]))
    count = len(damaged)
    return float((ranks[:count].sum() - count * (count + 1) / 2) / count**2)


STATISTICS: Mapping[str, Statistic] = {
    "slope": slope,
    "spearman": spearman,
    "auc_grade_2": discrimination,
    "auc_grade_2_harmless": discrimination_from_harmless,
}


def _groups(edits: Sequence[EditedRead], kind: Kind) -> Iterator[tuple[str, list[EditedRead]]]:
    chosen = [edit for edit in edits if edit.kind is kind]
    for name, limb in (("hands", Limb.HAND), ("feet", Limb.FOOT)):
        if of_limb := [edit for edit in chosen if edit.site.limb is limb]:
            yield name, of_limb
    for group in dict.fromkeys(joint_group(edit.site) for edit in chosen):
        yield group, [edit for edit in chosen if joint_group(edit.site) == group]


def _group_figures(edits: Sequence[EditedRead]) -> Figures:
    scored = [edit for edit in edits if edit.read is not None and edit.unedited is not None]
    persons = [edit.person for edit in scored]
    rows: Values = np.array([_row(edit) for edit in scored], dtype=float).reshape(-1, 4)
    return {
        "edits": len(edits),
        "not_scored": len(edits) - len(scored),
        "films": len({edit.film for edit in edits}),
        "persons": len(set(persons)),
        **{name: _over_persons(persons, rows, statistic) for name, statistic in STATISTICS.items()},
        "curve": _curve(persons, rows, _step(edits)),
    }


def _row(edit: EditedRead) -> tuple[float | None, ...]:
    return edit.given, edit.read, edit.unedited, edit.harmless


def _over_persons(persons: Sequence[str], rows: Values, statistic: Statistic) -> Figures | None:
    groups = by_person(persons, rows)

    def of_chosen(chosen: NDArray[np.int64]) -> float | None:
        return statistic(np.concatenate([groups[row] for row in chosen]))

    return interval(len(groups), of_chosen)


def _step(edits: Sequence[EditedRead]) -> int:
    """Width of the steps of a curve: the ten grades of a foot's erosion are taken in pairs."""
    return 2 if max(edit.site.maximum(edit.kind) or 0 for edit in edits) > LONG_SCALE else 1


def _curve(persons: Sequence[str], rows: Values, step: int) -> list[Figures]:
    """Mean grade read at each step of grades given; grade 0 are the same joints unedited."""
    points = [{"given": 0.0, "n": len(rows), "read": mean(persons, rows[:, 2])}] if len(rows) else []
    steps = np.ceil(np.floor(rows[:, 0] + 0.5) / step)
    for number in sorted(set(steps[steps > 0].tolist())):
        at = steps == number
        chosen = [person for person, is_in in zip(persons, at, strict=True) if is_in]
        points.append({"given": float(rows[at, 0].mean()), "n": int(at.sum()), "read": mean(chosen, rows[at, 1])})
    return points


def _with_unedited(rows: Values) -> tuple[Values, Values]:
    given = np.concatenate([rows[:, 0], np.zeros(len(rows))])
    return given, np.concatenate([rows[:, 1], rows[:, 2]])
