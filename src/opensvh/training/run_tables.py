"""The tables of a run that grow by a row, and are cut back to a checkpoint when the run is taken up again."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from opensvh.io.whole_file import write_whole


def append_row(path: Path, columns: Sequence[str], row: Mapping[str, object]) -> None:
    """Add a row, after the header in a new file; a column without a value stays empty."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def drop_after(path: Path, step: int) -> None:
    """Forget the rows of steps, the first column, that the checkpoint does not know, and a row that broke off."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    header, *rows = [line.rstrip("\r\n") for line in lines if line.endswith("\n")] or [""]
    if not header:  # killed, or out of room, within the first line
        path.unlink()
        return
    kept = [row for row in rows if int(row.split(",")[0]) <= step]
    write_whole(path, "\n".join([header, *kept]) + "\n")
