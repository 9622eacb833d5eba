"""The tables of a run that grow by a row, and are cut back to a checkpoint when the run is taken up again."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def append_row(path: Path, columns: Sequence[str], row: Mapping[str, object]) -> None:
    """Add a row, after the header in a new file; a column without a value stays empty."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def drop_after(path: Path, step: int) -> None:
    """Forget the rows of steps, the first column, that the checkpoint does not know."""
    if not path.exists():
        return
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if int(row.split(",")[0]) <= step]
    path.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
