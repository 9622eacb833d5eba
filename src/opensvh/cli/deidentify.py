"""`opensvh deidentify`: films without their patients, for sharing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opensvh.workflows.deidentify import Result

NOT_ALL = 1
"""Exit code where films were refused or found leaking."""


def deidentify(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Films, or folders of films.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; a second run continues.")],
    key: Annotated[Path, typer.Option(help="Key file: the same key gives the same pseudonyms and date shifts.")],
    new_key: Annotated[bool, typer.Option("--new-key", help="Make the key file first; never overwrites one.")] = False,
    link: Annotated[Path | None, typer.Option(help="CSV to write with who is who; keep it with the key.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="CSV that says whose film is whose, as for `score`.")] = None,
    shift_dates: Annotated[bool, typer.Option("--shift-dates", help="113107: dates moved, not removed.")] = False,
    keep_characteristics: Annotated[
        bool, typer.Option("--keep-characteristics", help="113108: sex, age, size, weight stay.")
    ] = False,
    keep_device: Annotated[bool, typer.Option("--keep-device", help="113109: station, serial numbers stay.")] = False,
    clean_descriptors: Annotated[
        bool, typer.Option("--clean-descriptors", help="113105: harmless words of descriptions stay.")
    ] = False,
    safe_private: Annotated[
        Path | None, typer.Option(help="113111: CSV of private attributes that stay (creator, group, element).")
    ] = None,
    keep_pixels: Annotated[
        bool, typer.Option("--keep-pixels", help="Pixels carry no text: leave them as they are (no 113101).")
    ] = False,
) -> None:
    """Take the patient out of films: tags by PS3.15 Annex E, burned-in text covered, names and dates by a key."""
    from opensvh.cli.progress import counting
    from opensvh.io.deidentify_key import new_key as make_key
    from opensvh.io.deidentify_key import read_key
    from opensvh.io.deidentify_table import Option
    from opensvh.workflows.deidentify import Request, read_safe_private, refuse_places
    from opensvh.workflows.deidentify import deidentify as run
    from opensvh.workflows.films import find_films

    wanted = {
        Option.SHIFTED_DATES: shift_dates,
        Option.PATIENT_CHARACTERISTICS: keep_characteristics,
        Option.DEVICE_IDENTITY: keep_device,
        Option.CLEAN_DESCRIPTORS: clean_descriptors,
        Option.SAFE_PRIVATE: safe_private is not None,
    }
    private = frozenset() if safe_private is None else read_safe_private(safe_private)
    options = frozenset(option for option, is_wanted in wanted.items() if is_wanted)
    request = Request(options, private, keep_pixels, manifest, link)
    refuse_places(paths, out, key, "the key")
    films = find_films(paths, out)
    secret = make_key(key) if new_key else read_key(key)
    with counting("De-identifying films", len(films)) as advance:
        result = run(films, paths, out, secret, request, advance)
    _tell(result, out)


def _tell(result: "Result", out: Path) -> None:
    from opensvh.workflows.deidentify_record import TABLE, Status

    for path, record in result.films:
        if record.status is not Status.WRITTEN:
            typer.echo(f"{record.status} {path}: {record.reason}")
    boxes = sum(len(record.text_boxes) for _, record in result.films)
    counts = ", ".join(f"{result.count(status)} {status}" for status in Status)
    again = f" ({result.continued} of them by an earlier run)" if result.continued else ""
    typer.echo(f"{out}: {counts}{again}; {boxes} places of text covered; what changed: {out / TABLE}")
    typer.echo("Look at the films before you give them away: no search finds all text.")
    if result.count(Status.WRITTEN) < len(result.films):
        raise typer.Exit(NOT_ALL)
