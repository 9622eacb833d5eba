"""Finished runs as they travel with the repository: RESULTS/runs/SIZE/NAME/, some 230 kB each, without the model.

Another machine takes them from there and trains only what is missing; tables and figures are made of them alone. What a
run's folder holds while it is worked on is `reproduce_runs`'. RESULTS/benchmark/SIZE/ keeps the score tables that they
are held against (those of the test patients from the first time they were used), RESULTS/ledger.csv says when.
"""

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensvh.domain.errors import DatasetInvalid
from opensvh.io.tables import SCORES, VISITS
from opensvh.io.whole_file import write_whole
from opensvh.training.config import Preset
from opensvh.workflows.benchmark import DEVELOPMENT, FACTS, TEST, SizeName, read_benchmark
from opensvh.workflows.reproduce_config import Run

RECORD, LOSSES = "run.json", "losses.csv"
JOINTS = "-joints.csv"
PARTS = (DEVELOPMENT, TEST)
READ = tuple(f"{part}{kind}" for part in PARTS[::-1] for kind in (JOINTS, ".csv"))
"""What is read; the development patients' scores come last, since they say that a run is finished."""
PACKED = ".xz"
TRUTH = "truth.csv"
TABLES = (SCORES, TRUTH, VISITS)


@dataclass(frozen=True)
class Bench:
    """The benchmark's folder, where the runs on it lie, and where finished ones travel (None: nowhere)."""

    folder: Path
    runs: Path
    results: Path | None = None

    @property
    def size(self) -> SizeName:
        """Of its films."""
        size: SizeName = read_benchmark(self.folder)["size"]
        return size

    @property
    def digest(self) -> str:
        """Of its films and tables; empty while it is not whole."""
        return str(read_benchmark(self.folder).get("digest", ""))

    @property
    def has_films(self) -> bool:
        """Whether there is more than the score tables that travel."""
        return (self.folder / DEVELOPMENT / "images").is_dir()

    def place(self, run: Run) -> Path:
        """The run's folder."""
        return self.runs / self.size / run.folder_name(self.digest)

    def kept(self, run: Run) -> Path | None:
        """Where its outcome travels."""
        return None if self.results is None else self.results / "runs" / self.size / run.folder_name(self.digest)

    @property
    def cache(self) -> Path:
        """Crops and patches that runs share."""
        return self.runs / self.size / "cache"


def is_finished(bench: Bench, run: Run, part: str = DEVELOPMENT) -> bool:
    """Whether the run has read that part."""
    return (bench.place(run) / f"{part}.csv").is_file()


def exchange(bench: Bench, runs: Sequence[Run]) -> int:
    """Keep what was finished here, take over what was finished elsewhere; returns how many runs were taken over.

    Raises DatasetInvalid where a kept run is not what its folder's name says.
    """
    taken = 0
    for run in runs:
        if is_finished(bench, run):
            keep(bench, run)
        elif (kept := bench.kept(run)) is not None and (kept / RECORD).is_file():
            _take(bench, run, kept)
            taken += 1
    return taken


def keep(bench: Bench, run: Run) -> None:
    """Write a finished run's outcome where it travels, unless it is there."""
    place, kept = bench.place(run), bench.kept(run)
    if kept is None or (kept / RECORD).is_file() or not (place / RECORD).is_file():
        return
    for name in READ:
        if (place / name).is_file():
            write_whole(kept / (name + PACKED), lzma.compress((place / name).read_bytes()))
    for name in (LOSSES, RECORD):
        if (place / name).is_file():
            write_whole(kept / name, (place / name).read_bytes())


def strangers(bench: Bench) -> list[str]:
    """A sentence about each kept run of this size that was measured on another benchmark: it is not used."""
    if bench.results is None:
        return []
    told = []
    for path in sorted((bench.results / "runs" / bench.size).glob(f"*/{RECORD}")):
        digest = str(_read_record(path).get("benchmark", ""))
        if digest != bench.digest:
            told.append(
                f"{path.parent.name}: was run on a benchmark with digest {digest[:16]}, this one's is "
                f"{bench.digest[:16]}; it is not used"
            )
    return told


def _take(bench: Bench, run: Run, kept: Path) -> None:
    _refuse_other(bench, run, kept)
    for part in PARTS:
        if not (kept / f"{part}.csv{PACKED}").is_file():
            raise DatasetInvalid(f"{kept}: lacks {part}.csv{PACKED}; remove the folder, and the run is made anew")
    place = bench.place(run)
    write_whole(place / RECORD, (kept / RECORD).read_bytes())
    for name in READ:
        if (kept / (name + PACKED)).is_file():
            write_whole(place / name, lzma.decompress((kept / (name + PACKED)).read_bytes()))


def _refuse_other(bench: Bench, run: Run, kept: Path) -> None:
    """Raise DatasetInvalid where what is kept is of another benchmark, of other settings or of another kind."""
    record = _read_record(kept / RECORD)
    told, wanted = record.get("settings", {}), run.settings
    facts = {
        "benchmark": (str(record.get("benchmark"))[:16], bench.digest[:16]),
        "design": (told.get("design"), wanted["design"]),
        "patients": (told.get("patients"), wanted["patients"]),
        "fold": (told.get("fold"), wanted["fold"]),
        "preset": (_resolved(told.get("preset", {})), _resolved(wanted["preset"])),
    }
    for name, (theirs, ours) in facts.items():
        if theirs != ours:
            difference = "differs" if name == "preset" else f"is {theirs}, not {ours}"
            raise DatasetInvalid(f"{kept / RECORD}: its {name} {difference}; remove {kept}, and the run is made anew")


def _resolved(preset: dict[str, Any]) -> str:
    """All of a preset's settings, those that were left out at their defaults."""
    try:
        return Preset.model_validate(preset).model_dump_json()
    except ValueError:
        return str(preset)


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetInvalid(f"{path}: cannot be read ({type(error).__name__}); remove {path.parent}") from error
    return record


def read_record(bench: Bench, run: Run) -> dict[str, Any]:
    """What a finished run took, and what it was; raises DatasetInvalid."""
    return _read_record(bench.place(run) / RECORD)


def keep_tables(bench: Bench, part: str) -> None:
    """Keep the score tables of a part, so that results can be made again without films."""
    if bench.results is None or not bench.has_films:
        return
    folder = bench.results / "benchmark" / bench.size
    write_whole(folder / FACTS, (bench.folder / FACTS).read_bytes())
    for name in TABLES:
        write_whole(folder / part / name, (bench.folder / part / name).read_bytes())


def kept_benchmark(results: Path) -> Path | None:
    """The kept tables of the only benchmark that there are any of, None where there are none or several."""
    found = list((results / "benchmark").glob(f"*/{FACTS}"))
    return found[0].parent if len(found) == 1 else None
