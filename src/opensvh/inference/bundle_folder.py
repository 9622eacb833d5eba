"""Folders that are sealed: written whole or not at all, with the SHA-256 of every file, and read only as written.

What lies in them is `bundle`'s and `export_bundle`'s.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from opensvh.domain.errors import BundleInvalid, OutputConflict

SUMS = "SHA256SUMS"


def write_sealed(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write into a folder, sum up its files, and put it in place of a sealed one of that name; refuses any
    other folder. Returns `folder`."""
    if folder.exists() and not (folder / SUMS).exists():
        raise OutputConflict(f"{folder}: is there and is not a model bundle; name a new folder or remove this one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        fill(partial)
        files = sorted(path for path in partial.rglob("*") if path.is_file())
        lines = [f"{sha256(path)}  {path.relative_to(partial).as_posix()}\n" for path in files]
        (partial / SUMS).write_text("".join(lines), encoding="utf-8")
        partial.chmod(0o755)
        _move_into_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def verified_sums(folder: Path, wanted: Iterable[str], origin: str = "opensvh train") -> dict[str, str]:
    """File name -> SHA-256 of a sealed folder's files, each checked, the `wanted` ones among them.

    Raises BundleInvalid naming what is missing or altered; `origin` is the command that writes such folders.
    """
    if not (folder / SUMS).is_file():
        raise BundleInvalid(f"{folder}: has no {SUMS}; give a folder that `{origin}` wrote")
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BundleInvalid(f"{folder}: {SUMS} is no list of sums ({error}); copy the bundle again, whole") from error
    sums = {name.strip(): digest for digest, _, name in (line.partition("  ") for line in lines if line.strip())}
    for name in dict.fromkeys([*wanted, *sums]):
        if name not in sums or not (folder / name).is_file():
            raise BundleInvalid(f"{folder}: {name} is missing; copy the bundle again, whole")
        if sha256(folder / name) != sums[name]:
            raise BundleInvalid(f"{folder}: {name} is not the file its {SUMS} names; copy the bundle again, unchanged")
    return sums


def write_json(path: Path, facts: Mapping[str, object]) -> None:
    """Write a JSON object for people and machines."""
    path.write_text(json.dumps(dict(facts), indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, object]:
    """A JSON object; raises BundleInvalid where the file holds anything else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BundleInvalid(f"{path}: is not JSON ({error}); copy the bundle again, whole") from error
    if not isinstance(content, dict):
        raise BundleInvalid(f"{path}: is not a JSON object; copy the bundle again, whole")
    return content


def sha256(path: Path) -> str:
    """Of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move_into_place(partial: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent))
        os.replace(folder, old)
        try:
            os.replace(partial, folder)
        except OSError:
            os.replace(old, folder)
            raise
        shutil.rmtree(old)
    else:
        os.replace(partial, folder)
