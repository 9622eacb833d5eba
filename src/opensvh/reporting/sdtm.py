"""`mk.csv`: a run's scores as an SDTM-like table of domain MK, with `mk.define.json` to say what its columns hold.

SDTM-like: a trial's own STUDYID and VISITNUM are not known here and stay empty. Every score of the method has its row,
at every visit: what was not assessed is NOT DONE with the reason. Terms are `sdtm_terms`'.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from opensvh.domain.anatomy import FILM_CODES, Kind, Side, Site, film_code, sites_of
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.notice import NOTICE, model_names
from opensvh.reporting.sdtm_terms import (
    CATEGORY,
    EVALUATOR,
    LATERALITY,
    METHOD,
    NO_FILM,
    NOT_DONE,
    REASONS,
    SITE_TESTS,
    SUM_TESTS,
    YES,
    Test,
    location,
)
from opensvh.reporting.summary import study_total

DEFINE_FILE = "mk.define.json"
VARIABLES: tuple[tuple[str, str, str, str], ...] = (
    ("STUDYID", "Study Identifier", "Char", ""),
    ("DOMAIN", "Domain Abbreviation", "Char", ""),
    ("USUBJID", "Unique Subject Identifier", "Char", ""),
    ("MKSEQ", "Sequence Number", "Num", ""),
    ("MKREFID", "Reference ID", "Char", ""),
    ("MKTESTCD", "Short Name of Musculoskeletal Test", "Char", "C127269"),
    ("MKTEST", "Name of Musculoskeletal Test", "Char", "C127270"),
    ("MKCAT", "Category for Musculoskeletal Test", "Char", ""),
    ("MKORRES", "Result or Finding in Original Units", "Char", ""),
    ("MKSTRESC", "Character Result/Finding in Std Format", "Char", ""),
    ("MKSTRESN", "Numeric Result/Finding in Standard Units", "Num", ""),
    ("MKSTAT", "Completion Status", "Char", "C66789"),
    ("MKREASND", "Reason Not Done", "Char", ""),
    ("MKLOC", "Location Used for the Measurement", "Char", "C74456"),
    ("MKLAT", "Laterality", "Char", "C99073"),
    ("MKMETHOD", "Method of Test or Examination", "Char", "C85492"),
    ("MKDRVFL", "Derived Flag", "Char", "C66742"),
    ("MKEVAL", "Evaluator", "Char", "C78735"),
    ("MKEVALID", "Evaluator Identifier", "Char", "C96777"),
    ("VISITNUM", "Visit Number", "Num", ""),
    ("VISIT", "Visit Name", "Char", ""),
    ("MKDTC", "Date/Time of Collection", "Char", ""),
)
"""Name, label, type and codelist, in the order of SDTMIG 3.4. MKDIR is not needed: no site is named by a direction."""
COLUMNS = tuple(name for name, *_ in VARIABLES)
_COMMENTS = {
    "STUDYID": "Empty: the trial's own; to be filled in.",
    "USUBJID": "The patient as the films or the user name him.",
    "MKSEQ": "Counts a subject's rows over all visits of this table.",
    "MKREFID": "The film's file name.",
    "MKORRES": "The model's expectation, from 0 to the site's maximum: 4 for narrowing, 5 for erosion in a hand, 10 "
    "for erosion in a foot. The whole grade is the integer nearest to it, halves upwards.",
    "MKREASND": "Free text; AMPUTATION and SURGICAL ALTERATION are told by readers, a model does not find them.",
    "MKLOC": "Extensible codelist: terms that are not marked as printed in SDTMIG 3.4 are to be held against the "
    "release of controlled terminology that the trial uses.",
    "MKDRVFL": "Y for the sums, which are sums of other rows.",
    "MKEVAL": "Sponsor's term: an algorithm is none of the codelist's roles.",
    "MKEVALID": "The models' names and versions; their SHA-256 is under models.",
    "VISITNUM": "Empty: the trial's own; to be assigned by VISIT or MKDTC.",
}


def write_mk(path: Path, studies: Sequence[StudyReading]) -> None:
    """Write the table, and beside it what its columns and terms mean."""
    write_whole(path.parent / DEFINE_FILE, json.dumps(_define(studies), indent=1, ensure_ascii=False) + "\n")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(mk_rows(studies))
    write_whole(path, text.getvalue())


def mk_rows(studies: Sequence[StudyReading]) -> Iterator[dict[str, str]]:
    """Variable -> value, subjects in order of name, a subject's visits in order of days."""
    sequence: dict[str, int] = {}
    for study in sorted(studies, key=lambda each: (each.patient, each.date or "", each.visit or "")):
        shared = {
            "DOMAIN": "MK",
            "USUBJID": study.patient,
            "MKCAT": CATEGORY,
            "MKMETHOD": METHOD,
            "MKEVAL": EVALUATOR,
            "MKEVALID": model_names(study.models),
            "VISIT": study.visit or "",
            "MKDTC": study.date or "",
        }
        for row in (*_site_rows(study), *_sum_rows(study)):
            sequence[study.patient] = sequence.get(study.patient, 0) + 1
            yield shared | {"MKSEQ": str(sequence[study.patient])} | row


def _site_rows(study: StudyReading) -> Iterator[dict[str, str]]:
    films = {film_code(film.limb, film.side): film for film in study.films}
    for code, (limb, side) in FILM_CODES.items():
        for site in sites_of(limb):
            for kind in Kind:
                if site.maximum(kind) is not None:
                    yield _site_row(films.get(code), site, side, kind)


def _site_row(film: FilmReading | None, site: Site, side: Side, kind: Kind) -> dict[str, str]:
    where = {"MKLOC": location(site).term, "MKLAT": LATERALITY[side], **_named(SITE_TESTS[kind])}
    if film is None:
        return where | {"MKSTAT": NOT_DONE, "MKREASND": NO_FILM}
    return where | {"MKREFID": Path(film.film).name} | _result(film.reading(site.name, kind))


def _result(reading: SiteReading) -> dict[str, str]:
    if reading.expected is not None:
        return _number(reading.expected)
    reason = REASONS[reading.status] + (f": {reading.reason}" if reading.reason else "")
    return {"MKSTAT": NOT_DONE, "MKREASND": reason}


def _sum_rows(study: StudyReading) -> Iterator[dict[str, str]]:
    for kind, test in SUM_TESTS.items():
        total = study_total(study, kind).total
        named = {**_named(test), "MKDRVFL": YES}
        if total.complete:
            yield named | _number(total.value)
        else:
            reason = f"{total.assessed} OF {total.sites} SCORES ASSESSED"
            yield named | {"MKSTAT": NOT_DONE, "MKREASND": reason}


def _named(test: Test) -> dict[str, str]:
    return {"MKTESTCD": test.short, "MKTEST": test.name}


def _number(value: float) -> dict[str, str]:
    return dict.fromkeys(("MKORRES", "MKSTRESC", "MKSTRESN"), f"{value:.4f}")


def _define(studies: Sequence[StudyReading]) -> dict[str, Any]:
    """What the columns hold, and each term with its code where one is known."""
    models = {model for study in studies for model in study.models}
    return {
        "notice": NOTICE,
        "standard": "SDTM-like, after SDTMIG 3.4, domain MK (6.3.7.3)",
        "structure": "one row a test, location, visit and subject",
        "software": sorted({study.software for study in studies}),
        "models": [
            {"name": each.name, "version": each.version, "sha256": each.sha256} for each in sorted(models, key=str)
        ],
        "variables": [_variable(*variable) for variable in VARIABLES],
        "codelists": [*_test_lists(), _locations(), *_fixed_lists()],
    }


def _variable(name: str, label: str, kind: str, codelist: str) -> dict[str, str]:
    optional = {"codelist": codelist, "comment": _COMMENTS.get(name, "")}
    return {"name": name, "label": label, "type": kind, **{key: value for key, value in optional.items() if value}}


def _test_lists() -> list[dict[str, Any]]:
    tests = [(test, False) for test in SITE_TESTS.values()] + [(test, True) for test in SUM_TESTS.values()]
    return [
        {
            "codelist": codelist,
            "variable": variable,
            "terms": [
                {"term": getattr(test, field), **({"private": True} if private else {"code": test.code})}
                for test, private in tests
            ],
        }
        for codelist, variable, field in (("C127269", "MKTESTCD", "short"), ("C127270", "MKTEST", "name"))
    ]


def _locations() -> dict[str, Any]:
    sites = {site for limb, _ in FILM_CODES.values() for site in sites_of(limb)}
    terms = [
        {
            "term": location(site).term,
            "printed_in_sdtmig": location(site).printed,
            "site": f"{site.limb} {site.name}",
            "alias": {"scheme": site.code_scheme, "code": site.code},
        }
        for site in sorted(sites, key=lambda each: (each.limb, each.name))
    ]
    return {"codelist": "C74456", "variable": "MKLOC", "terms": terms}


def _fixed_lists() -> list[dict[str, Any]]:
    lists = {
        ("C99073", "MKLAT"): LATERALITY.values(),
        ("C85492", "MKMETHOD"): (METHOD,),
        ("C66789", "MKSTAT"): (NOT_DONE,),
        ("C66742", "MKDRVFL"): (YES,),
    }
    return [
        {"codelist": codelist, "variable": variable, "terms": [{"term": term} for term in terms]}
        for (codelist, variable), terms in lists.items()
    ]
