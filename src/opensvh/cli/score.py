"""`opensvh score`: from films to score sheets and reports."""

from pathlib import Path
from typing import Annotated

import typer

from opensvh.cli.options import DEFAULT_MODEL, Models, tune_malloc
from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.backends import Choice


def score(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and reports; a second run continues.")],
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH...", help="Films, or folders of films.")] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="What to write beside the tables (csv) and the page (html): dicom, pdf, fhir, fhir-r5, xlsx, parquet, "
            "sdtm; several parted by commas, or the option several times.",
        ),
    ] = None,
    model: Models = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="CSV that says which film is whose: film, patient, limb, side, rotate_cw, date, visit."),
    ] = None,
    limb: Annotated[Limb | None, typer.Option(help="What all these films show.")] = None,
    side: Annotated[Side | None, typer.Option(help="The patient's side on all these films.")] = None,
    rotate: Annotated[
        int | None, typer.Option(help="Degrees clockwise that bring the digits up: 0, 90, 180 or 270.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Fill gaps of scores.csv with the training means, as RA2 wants.")
    ] = False,
    previous: Annotated[
        Path | None, typer.Option(help="Results of an earlier run to compare with, patient by patient.")
    ] = None,
    dicomweb: Annotated[str | None, typer.Option(metavar="URL", help="DICOMweb server to fetch films from.")] = None,
    study: Annotated[str | None, typer.Option(metavar="UID", help="Study to fetch from that server.")] = None,
    credentials: Annotated[
        str | None,
        typer.Option(metavar="VARIABLE", help="Environment variable with user:password or Bearer TOKEN for it."),
    ] = None,
    authority: Annotated[Path | None, typer.Option(help="Certificates (PEM) to trust instead of the system's.")] = None,
    backend: Annotated[
        Choice, typer.Option(help="What runs the networks; auto: the fastest there is, exported for once.")
    ] = Choice.AUTO,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
) -> None:
    """Score X-rays of hands and feet: every site, the totals, and a report a patient. For research use only."""
    if rotate is not None and rotate % 90:
        raise typer.BadParameter(f"{rotate} is not a multiple of 90", param_hint="--rotate")
    if (dicomweb is None) is not (study is None):
        raise typer.BadParameter("a server and a study of it belong together", param_hint="--dicomweb, --study")
    if not paths and dicomweb is None:
        raise typer.BadParameter("give films or folders of films, or --dicomweb with --study", param_hint="PATH...")
    from opensvh.workflows.results import Wanted, chosen_formats

    wanted = Wanted(chosen_formats(formats or []), complete, previous, backend)
    tune_malloc()
    from opensvh.cli.progress import counting
    from opensvh.cli.scored_table import tell
    from opensvh.inference.threads import use_threads
    from opensvh.io.identity import FilmClaims
    from opensvh.workflows.films import FilmHints, find_films
    from opensvh.workflows.score import score as run

    if threads:
        use_threads(threads)
    turns = None if rotate is None else rotate // 90 % 4
    hints = FilmHints(FilmClaims(None, limb, side, turns), manifest)
    given = list(paths or [])
    if dicomweb is not None and study is not None:
        given += _fetched(dicomweb, study, out, credentials, authority)
    films = find_films(given, out)
    with counting("Reading films", len(films)) as advance:
        scored = run(films, out, model or [DEFAULT_MODEL], hints, wanted, advance)
    tell(scored, out, wanted.formats)


def _fetched(url: str, study: str, out: Path, credentials: str | None, authority: Path | None) -> list[Path]:
    """The study's films, kept in a hidden folder of the results: a later run needs them and fetches none twice."""
    from opensvh.workflows.results import refuse_without
    from opensvh.workflows.visits import folder_name

    refuse_without("dicomweb_client", "dicom", "--dicomweb")
    from opensvh.serving.dicomweb import fetch_study

    return fetch_study(url, study, out / ".dicomweb" / folder_name(study), credentials, authority)
