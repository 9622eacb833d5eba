"""What a run made of one film, kept on disk, so that the next run goes on where this one stopped."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from opensvh.domain.errors import OutputConflict
from opensvh.io.whole_file import write_whole
from opensvh.workflows.visits import folder_name

Made = TypeVar("Made")

PARTS = ("films", "edited", "not_limbs")
"""Folders of a run's output: what was read on the films, of damage edited into them, on images of no hand or foot."""


@dataclass(frozen=True)
class Store(Generic[Made]):
    """A file a film in `folder`; `kind` says what is kept. A file of another key is made anew."""

    folder: Path
    kind: TypeAdapter[Made]

    def kept(self, film: str, key: str, make: Callable[[], Made]) -> Made:
        """What was made of the film from `key`, or is made now."""
        path = self.folder / f"{folder_name(film)}.json"
        if path.is_file():
            stored = self._stored(path, key)
            if stored is not None:
                return stored
        made = make()
        body = {"key": key, "made": self.kind.dump_python(made, mode="json")}
        write_whole(path, json.dumps(body, allow_nan=False) + "\n")
        return made

    def _stored(self, path: Path, key: str) -> Made | None:
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return self.kind.validate_python(body["made"], strict=False) if body["key"] == key else None
        except (ValueError, KeyError, TypeError, ValidationError):
            return None  # Written by another version: made anew.


def claim(out: Path) -> None:
    """Make the folder and its parts, unless something else than such a run lies there."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / PARTS[0]).is_dir())):
        raise OutputConflict(f"{out}: is there and holds no evaluation on real films; name a new folder or remove it")
    for part in PARTS:
        (out / part).mkdir(parents=True, exist_ok=True)


def key_of(*parts: object) -> str:
    """Changes with any of the parts."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
