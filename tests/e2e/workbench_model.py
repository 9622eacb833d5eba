"""What the model said of films in one workbench, told to another: the model reads a film as long as a person three."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import select

from opensvh.serving.workbench.store import Store
from opensvh.serving.workbench.tables import Film, ModelReading

Heard = dict[str, dict[str, Any]]
"""By the film's file."""
SAID = ("state", "model", "body", "doubt", "problem")


def said(database: str) -> Heard:
    """All that the model said in the workbench of a database."""
    with closing(Store(database)) as store, store.reading() as session:
        rows = session.execute(select(Film.file, ModelReading).join(ModelReading, ModelReading.film == Film.id))
        return {file: {name: getattr(reading, name) for name in SAID} for file, reading in rows}


def tell(database: str, heard: Mapping[str, Mapping[str, Any]]) -> None:
    """To the workbench of a database, whose films are in; these the model is not asked for again."""
    with closing(Store(database)) as store, store.writing() as session:
        for film in session.scalars(select(Film).where(Film.file.in_(heard))).all():
            session.add(ModelReading(film=film.id, **heard[film.file]))
