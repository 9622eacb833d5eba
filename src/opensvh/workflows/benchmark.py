"""The fixed benchmark `OpenSvH-Sim v1`: who is in it, at which sizes it comes, and its digests.

367 training, 119 development and 188 test patients, as in the RA2 DREAM challenge (PubMed 36036935), drawn from the
simulator's `reference` cohort by seed. Films are made by `benchmark_films`, digests by `benchmark_digest`; that the
test truth was used is written down by `benchmark_ledger`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from opensvh import __version__
from opensvh.domain.errors import DatasetInvalid, OutputConflict
from opensvh.io.whole_file import write_whole
from opensvh.workflows.benchmark_digest import part_digest, whole_digest
from opensvh.workflows.benchmark_films import Part, make_part, waiting_patients
from opensvh.workflows.benchmark_ledger import open_ledger
from opensvh.workflows.simulate import SIMULATOR

NAME, FACTS = "OpenSvH-Sim v1", "benchmark.json"
TRAINING, DEVELOPMENT, TEST = "training", "development", "test"
SizeName = Literal["paper", "small", "tiny"]


@dataclass(frozen=True)
class Size:
    """One form of the benchmark: patients of each part, and how many times larger its films' pixels are than usual."""

    patients: dict[str, int]
    coarser: float

    @property
    def parts(self) -> tuple[Part, ...]:
        """The three parts; the first patients are the same at every size."""
        return tuple(Part(name, *_DRAWN[name], self.patients[name], self.coarser) for name in self.patients)


CHALLENGE = {TRAINING: 367, DEVELOPMENT: 119, TEST: 188}
_DRAWN = {TRAINING: ("TRN", 20210367), DEVELOPMENT: ("DEV", 20210119), TEST: ("TST", 20210188)}
"""Prefix of the patients' names and the seed they are drawn by; no other cohort of this project has these seeds."""

SIZES: dict[SizeName, Size] = {
    "paper": Size(CHALLENGE, 1.0),
    "small": Size(CHALLENGE, 2.5),
    "tiny": Size({TRAINING: 12, DEVELOPMENT: 4, TEST: 6}, 4.0),
}
"""`paper`: films of the simulator's usual 4.5 px/mm of a hand and 4 of a foot; `small`: the same patients in the same
poses at 1.8 and 1.6 px/mm, for pictures of 1.2; `tiny`: a few patients, to try that everything runs."""

DIGESTS: dict[SizeName, str] = {}
"""What `make` gave of each size; see `benchmark_digest` for what is digested."""


@dataclass(frozen=True)
class Made:
    """A whole benchmark: its digest, whether that is the expected one (None where none is known), patients added."""

    digest: str
    as_expected: bool | None
    added: int


def make(
    folder: Path, size: SizeName, jobs: int = 1, on_patient: Callable[[int, int], None] = lambda done, of: None
) -> Made:
    """Write or complete the benchmark in `folder`; `on_patient` is told how many patients of how many are done.

    Raises OutputConflict where the folder holds something else, or the benchmark of another size or simulator.
    """
    _claim(folder, size)
    parts = SIZES[size].parts
    of = sum(part.patients for part in parts)
    waiting = sum(len(waiting_patients(folder / part.name, part)) for part in parts)
    done = of - waiting
    on_patient(done, of)
    for part in parts:
        for _ in make_part(folder / part.name, part, jobs):
            done += 1
            on_patient(done, of)
    open_ledger(folder / TEST)
    digests = {part.name: part_digest(folder / part.name) for part in parts}
    digest = whole_digest(digests)
    write_whole(folder / FACTS, json.dumps({**_facts(size), "digest": digest, "parts": digests}, indent=1) + "\n")
    return Made(digest, _as_expected(size, digest), waiting)


def check(folder: Path) -> Made:
    """Digest a benchmark anew, films and tables; raises DatasetInvalid where it is not whole, or not the expected."""
    facts = read_benchmark(folder)
    size: SizeName = facts["size"]
    for part in SIZES[size].parts:
        if missing := waiting_patients(folder / part.name, part):
            raise DatasetInvalid(
                f"{folder / part.name}: {len(missing)} of {part.patients} patients are not there; complete it with "
                f"`opensvh benchmark make -o {folder} --size {size}`"
            )
    digests = {part.name: part_digest(folder / part.name) for part in SIZES[size].parts}
    changed = [name for name, digest in digests.items() if facts.get("parts", {}).get(name) not in (None, digest)]
    if changed:
        raise DatasetInvalid(f"{folder / changed[0]}: films or tables were changed since it was made; make it anew")
    made = Made(whole_digest(digests), _as_expected(size, whole_digest(digests)), 0)
    if made.as_expected is False:
        raise DatasetInvalid(
            f"{folder}: its digest is {made.digest[:16]}, that of {NAME} ({size}) is {DIGESTS[size][:16]}: made by "
            f"simulator {facts.get('simulator')} of version {facts.get('version')}; make it with the version that "
            "docs/benchmark.md names"
        )
    return made


def read_benchmark(folder: Path) -> dict[str, Any]:
    """What `benchmark.json` says; raises DatasetInvalid where there is none."""
    path = folder / FACTS
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetInvalid(
            f"{path}: cannot be read ({type(error).__name__}); make the benchmark with `opensvh benchmark make -o "
            f"{folder}`"
        ) from error
    if not isinstance(facts, dict) or facts.get("benchmark") != NAME or facts.get("size") not in SIZES:
        raise DatasetInvalid(f"{path}: is not of {NAME}; give the folder that `opensvh benchmark make` wrote")
    return facts


def _facts(size: SizeName) -> dict[str, str]:
    return {"benchmark": NAME, "size": size, "simulator": SIMULATOR, "version": __version__}


def _claim(folder: Path, size: SizeName) -> None:
    """Make the folder ours, or raise OutputConflict."""
    if folder.exists() and not folder.is_dir():
        raise OutputConflict(f"{folder}: is a file; name a folder")
    if (folder / FACTS).is_file():
        before = read_benchmark(folder)
        for key in ("size", "simulator"):
            if before.get(key) != _facts(size)[key]:
                raise OutputConflict(
                    f"{folder}: was made with {key} {before.get(key)}, not {_facts(size)[key]}; name another folder"
                )
        return
    if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise OutputConflict(f"{folder}: is there and holds no benchmark; name a new folder")
    write_whole(folder / FACTS, json.dumps(_facts(size), indent=1) + "\n")


def _as_expected(size: SizeName, digest: str) -> bool | None:
    return digest == DIGESTS[size] if size in DIGESTS else None
