"""Marks from and to other programs, with a preview; and the native dataset, for training."""

import io
import zipfile
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.io.annotations.formats import FORMATS
from opensvh.io.annotations.mapping import JointNames, preview, read_mapping
from opensvh.io.annotations.pictures import MarkedPicture
from opensvh.serving.workbench.accounts import Person, new_id
from opensvh.serving.workbench.api.access import Bench, Given, Manager, Shown
from opensvh.serving.workbench.audit import Told, record
from opensvh.serving.workbench.dataset import Dataset, marked, write_dataset
from opensvh.serving.workbench.design import StudyDesign
from opensvh.serving.workbench.failures import Conflict, Invalid
from opensvh.serving.workbench.marking import IMPORT, Placed, finish, place
from opensvh.serving.workbench.results import Row, committed_rows, final_rows
from opensvh.serving.workbench.settings import EXPORTS
from opensvh.serving.workbench.studies import study_of
from opensvh.serving.workbench.tables import Film, Marking

router = APIRouter(prefix="/api/marking", tags=["marks from and to other programs"])
FormatName = Literal["coco", "cvat", "label-studio", "labelme", "via", "slicer"]
ZIP = "application/zip"
_ARCHIVE = {200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}}


class LabelShown(Shown):
    """A label, how often it occurs, and the joint it means ("": left out, null: nobody knows)."""

    label: str
    count: int
    point: str | None


class PreviewShown(Shown):
    """What an import would take; pictures of `unknown_films` and labels without a joint are left out."""

    pictures: int
    points: int
    labels: list[LabelShown]
    unknown_films: list[str]
    outside: int


class Imported(Shown):
    """What was taken: films, points, and films on which every joint is settled."""

    films: int
    points: int
    done: int


class DatasetWanted(Given):
    """The export's name, and the study whose scores go with it."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    study: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


class DatasetMade(Shown):
    """Where the dataset lies, below the workbench's folder; `opensvh train --data` takes it."""

    folder: str
    films: int
    points: int


@router.post("/preview")
def preview_marks(
    files: list[UploadFile], _manager: Manager, bench: Bench, kind: Annotated[FormatName, Form()],
    mapping: Annotated[str, Form(max_length=100_000)] = "",
) -> PreviewShown:  # fmt: skip
    """What an import would take, before anything is."""
    names = _names(mapping)
    with bench.store.reading() as session:
        known = set(_films_by_name(session))
    found = preview(_read(files, kind), names, known)
    labels = [LabelShown(label=label, count=count, point=point) for label, (count, point) in found.labels.items()]
    return PreviewShown(
        pictures=found.pictures,
        points=found.points,
        labels=labels,
        unknown_films=list(found.unknown_films),
        outside=found.outside,
    )


@router.post("/import")
def import_marks(
    files: list[UploadFile], manager: Manager, bench: Bench, kind: Annotated[FormatName, Form()],
    mapping: Annotated[str, Form(max_length=100_000)] = "",
) -> Imported:  # fmt: skip
    """Take marks as the caller's own; films whose joints are all settled count as done."""
    names = _names(mapping)
    pictures = [names.named(each) for each in _read(files, kind)]
    with bench.store.writing() as session:
        films = _films_by_name(session)
        taken = [_take(session, manager, film, each) for each in pictures if (film := _film(films, each)) is not None]
    return Imported(films=len(taken), points=sum(points for points, _ in taken), done=sum(done for _, done in taken))


@router.get("/export", response_class=Response, responses=_ARCHIVE)  # type: ignore[arg-type]
def export_marks(manager: Manager, bench: Bench, kind: Annotated[FormatName, Query()] = "coco") -> Response:
    """All marks of films that are done, as a zip archive of the format's files."""
    with bench.store.reading() as session:
        dataset = marked(session)
    with bench.store.writing(rights=False) as session:
        record(session, Told(manager.name, "marks exported", "marking", new={"kind": kind}))
    pictures = [_picture(film, dataset) for film in sorted(dataset.films.values(), key=lambda each: each.file)]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FORMATS[kind].write(pictures).items():
            archive.writestr(name, text)
    headers = {"Content-Disposition": f'attachment; filename="marks-{kind}.zip"'}
    return Response(content.getvalue(), media_type=ZIP, headers=headers)


@router.post("/dataset", status_code=201)
def export_dataset(wanted: DatasetWanted, manager: Manager, bench: Bench) -> DatasetMade:
    """Write films, marks and, with a study, its scores as the native dataset into the workbench's exports/."""
    with bench.store.reading() as session:
        dataset = marked(session)
        scores: tuple[Row, ...] = ()
        if wanted.study is not None:
            design = StudyDesign.model_validate_json(study_of(session, wanted.study).design)
            scores = tuple(final_rows(committed_rows(session, wanted.study), len(design.readers)))
    dataset = Dataset(dataset.films, dataset.points, scores)
    folder = write_dataset(bench.settings.data / EXPORTS, wanted.name, dataset, bench.library)
    with bench.store.writing() as session:
        new = {"name": wanted.name, "films": len(dataset.films), "study": wanted.study}
        record(session, Told(manager.name, "dataset exported", f"export:{new_id()}", new=new))
    points = sum(len(each) for each in dataset.points.values())
    return DatasetMade(folder=str(folder.relative_to(bench.settings.data)), films=len(dataset.films), points=points)


def _names(mapping: str) -> JointNames:
    return read_mapping(mapping, "mapping") if mapping.strip() else JointNames()


def _read(files: list[UploadFile], kind: str) -> list[MarkedPicture]:
    pictures: list[MarkedPicture] = []
    for file in files:
        name = file.filename or "the file"
        try:
            text = file.file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(f"{name}: is no text in UTF-8; export it again") from error
        pictures += FORMATS[kind].read(text, name)
    return pictures


def _take(session: Session, person: Person, film: Film, picture: MarkedPicture) -> tuple[int, bool]:
    """How many points were taken, and whether the film is done."""
    if session.get(Marking, (film.id, person.id)) is None:
        session.add(Marking(film=film.id, account=person.id, done=False))
        session.flush()
    placed = [Placed(name, *point) for name, point in picture.points.items()]
    placed += [Placed(name, None, None) for name in sorted(picture.absent)]
    if not placed:
        return 0, False
    place(session, person, film.id, new_id(), placed, IMPORT)
    try:
        finish(session, person, film.id)
    except Conflict:
        return len(picture.points), False
    return len(picture.points), True


def _film(films: dict[str, Film], picture: MarkedPicture) -> Film | None:
    return films.get(picture.file) or films.get(picture.file.rpartition(".")[0])


def _films_by_name(session: Session) -> dict[str, Film]:
    """Films by their bare file names and without suffix; a name that two films share is nobody's."""
    found: dict[str, set[str]] = {}
    films = {film.id: film for film in session.scalars(select(Film).where(Film.limb.isnot(None)))}
    for film in films.values():
        bare = film.file.rpartition("/")[2]
        for name in {bare, bare.rpartition(".")[0] or bare}:
            found.setdefault(name, set()).add(film.id)
    return {name: films[next(iter(ids))] for name, ids in found.items() if len(ids) == 1}


def _picture(film: Film, dataset: Dataset) -> MarkedPicture:
    points = dataset.points[film.id]
    absent = frozenset(POINTS[Limb(film.limb or "")]) - set(points)
    return MarkedPicture(film.file.rpartition("/")[2], (film.width, film.height), points, absent)
