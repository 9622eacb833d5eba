"""What is said of a film's patient, limb, side and turn: by options, a manifest, DICOM tags, its name, in that order.

What tags claim was read by `io.image`; what the pixels show, and where that contradicts, is `inference.film_reader`'s.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Day
from pathlib import Path

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.domain.errors import FilmUnidentified, TableInvalid
from opensvh.domain.placement import Pose
from opensvh.io.radiograph import Radiograph

MANIFEST_COLUMNS = ("film", "patient", "limb", "side", "rotate_cw", "date", "visit")
TURNS_CW = {"": None, "0": 0, "90": 1, "180": 2, "270": 3}
SIDES = {"l": Side.LEFT, "left": Side.LEFT, "r": Side.RIGHT, "right": Side.RIGHT}


@dataclass(frozen=True)
class FilmClaims:
    """What one source says of a film; None where it says nothing. The command line's options are one such.

    `date` is the day it was taken (ISO 8601, `2024-05-01`), `visit` what a trial calls that day.
    """

    patient: str | None = None
    limb: Limb | None = None
    side: Side | None = None
    quarter_turns_cw: int | None = None
    date: str | None = None
    visit: str | None = None


@dataclass(frozen=True)
class KnownFilm:
    """What is known of a film before its pixels are looked at; None where nobody says.

    `side` is whose limb of the patient it is; `stated` names what the user settled (`limb`, `side`, `turn`), which
    pixels do not overrule; `source` says where limb and side come from, in words. `date` (ISO 8601) and `visit` tell
    a patient's films of different days apart.
    """

    patient: str
    limb: Limb | None = None
    side: Side | None = None
    quarter_turns_cw: int | None = None
    stated: frozenset[str] = frozenset()
    source: str = ""
    date: str | None = None
    visit: str | None = None

    @property
    def settled(self) -> bool:
        """Whether the user says all that pixels would."""
        return self.stated >= {"limb", "side", "turn"}


@dataclass(frozen=True)
class FilmIdentity:
    """Whose limb a film shows and how it lies; `source` says where limb and side come from, in words."""

    patient: str
    limb: Limb
    side: Side
    quarter_turns_cw: int
    source: str

    @property
    def pose(self) -> Pose:
        """What brings the limb into the canonical frame, where its side is also the side it looks like."""
        return Pose(90.0 * self.quarter_turns_cw, self.side is Side.RIGHT)


NO_CLAIMS = FilmClaims()
Manifest = Mapping[str, FilmClaims]
"""Film as the manifest names it, and as an absolute path -> what it says."""


def identify(film: Radiograph, options: FilmClaims = NO_CLAIMS, manifest: Manifest | None = None) -> KnownFilm:
    """What is said of the film; raises FilmUnidentified where tags contradict the name and nobody settles it.

    A film that nobody gives a patient is a patient of its own, by its file's stem.
    """
    path = Path(film.path)
    row = claims_of(path, manifest or {})
    tags = FilmClaims(film.patient, film.limb, film.side, date=film.date, visit=film.visit)
    name = claims_of_name(path)
    stated = _first(options, row)
    _refuse_contradiction(film.path, stated, tags, name)
    known = _first(stated, tags, name)
    settled = {"limb": stated.limb, "side": stated.side, "turn": stated.quarter_turns_cw}
    return KnownFilm(
        patient=known.patient or path.stem,
        limb=known.limb,
        side=known.side,
        quarter_turns_cw=known.quarter_turns_cw,
        stated=frozenset(what for what, value in settled.items() if value is not None),
        source=_source({"option": options, "manifest": row, "DICOM tags": tags, "file name": name}),
        date=known.date,
        visit=known.visit,
    )


def claims_of_name(path: Path) -> FilmClaims:
    """What `{patient}-{LH,RH,LF,RF}.ext` says; nothing for other names."""
    patient, _, code = path.stem.rpartition("-")
    if not patient or code.upper() not in FILM_CODES:
        return NO_CLAIMS
    limb, side = FILM_CODES[code.upper()]
    return FilmClaims(patient, limb, side)


def claims_of(path: Path, manifest: Manifest) -> FilmClaims:
    """The manifest's row for a film: by its full path, by the path as given, or by its bare name."""
    for key in (str(path.absolute()), str(path), path.name):
        if key in manifest:
            return manifest[key]
    return NO_CLAIMS


def read_manifest(path: str | Path) -> dict[str, FilmClaims]:
    """Read a manifest CSV: `film` (absolute, relative to the manifest, or a bare name), then optional columns.

    `patient`; `limb` hand or foot; `side` L or R; `rotate_cw` 0, 90, 180 or 270: the clockwise turn that brings the
    digits up; `date` YYYY-MM-DD and `visit`: when the film was taken. Raises TableInvalid by row. Keys are as
    `claims_of` looks them up.
    """
    rows = _manifest_rows(Path(path))
    manifest: dict[str, FilmClaims] = {}
    problems = []
    for number, row in rows:
        claims, problem = _row_claims(row)
        if problem is None and row["film"] in manifest:
            problem = f"{row['film']} is listed twice"
        if problem is not None:
            problems.append(f"row {number}: {problem}")
            continue
        manifest[row["film"]] = claims
        manifest[str((Path(path).parent / row["film"]).absolute())] = claims
    if problems:
        raise TableInvalid(f"{path}: {'; '.join(problems[:10])}; correct these rows")
    return manifest


def _manifest_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Numbered rows (the header is row 1), every known column as stripped text."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = [str(name).strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise TableInvalid(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableInvalid(f"{path}: is no CSV table in UTF-8 ({error}); save it as one") from error
    unknown = [name for name in columns if name not in MANIFEST_COLUMNS]
    if "film" not in columns or unknown:
        fact = f"has unknown columns {', '.join(unknown)}" if unknown else "lacks the column film"
        raise TableInvalid(f"{path}: {fact}; a manifest has {', '.join(MANIFEST_COLUMNS)}, all but film optional")
    return [(number, {name: (row.get(name) or "").strip() for name in MANIFEST_COLUMNS}) for number, row in rows]


def _row_claims(row: Mapping[str, str]) -> tuple[FilmClaims, str | None]:
    """What a row says, and what is wrong with it."""
    limb, side, turn = row["limb"].lower(), row["side"].lower(), row["rotate_cw"]
    if not row["film"]:
        return NO_CLAIMS, "no film"
    if limb and limb not in tuple(Limb):
        return NO_CLAIMS, f"limb {row['limb']!r} is neither hand nor foot"
    if side and side not in SIDES:
        return NO_CLAIMS, f"side {row['side']!r} is neither L nor R"
    if turn not in TURNS_CW:
        return NO_CLAIMS, f"rotate_cw {turn!r} is none of 0, 90, 180, 270"
    if row["date"] and not is_day(row["date"]):
        return NO_CLAIMS, f"date {row['date']!r} is no day as YYYY-MM-DD"
    named = Limb(limb) if limb else None
    when, visit = row["date"] or None, row["visit"] or None
    return FilmClaims(row["patient"] or None, named, SIDES.get(side), TURNS_CW[turn], when, visit), None


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar as YYYY-MM-DD."""
    try:
        return Day.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _first(*sources: FilmClaims) -> FilmClaims:
    """Each claim from the first source that makes it."""
    merged = NO_CLAIMS
    for source in reversed(sources):
        made = {name: value for name, value in vars(source).items() if value is not None}
        merged = replace(merged, **made)
    return merged


def _refuse_contradiction(path: str, stated: FilmClaims, tags: FilmClaims, name: FilmClaims) -> None:
    """Tags against name, in what neither an option nor the manifest settles."""
    for what in ("limb", "side"):
        tag, named = getattr(tags, what), getattr(name, what)
        if getattr(stated, what) is None and None not in (tag, named) and tag != named:
            raise FilmUnidentified(
                f"{path}: its DICOM tags say {what} {tag}, its name {what} {named}; "
                f"settle it with --{what} or a manifest"
            )


def _source(sources: Mapping[str, FilmClaims]) -> str:
    """Where limb and side come from, such as "file name" or "limb: option, side: DICOM tags"; "" where nobody says."""
    origin = {
        what: next((word for word, claims in sources.items() if getattr(claims, what) is not None), "")
        for what in ("limb", "side")
    }
    if origin["limb"] == origin["side"]:
        return origin["limb"]
    return ", ".join(f"{what}: {word}" for what, word in origin.items() if word)
