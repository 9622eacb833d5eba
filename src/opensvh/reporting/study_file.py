"""`study.json`: a patient's readings as a file, and back again without loss.

Beside the readings it holds a key, which says what they were made from: a run that finds its own key reads no film
again. A second key is that of the visit before, which the report beside it was compared with.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Kind, Limb, Side, site_named
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement, Pose, Projection, Skeleton
from opensvh.domain.reading import FilmReading, ModelIdentity, RefusedFilm, SiteReading, Status, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.notice import NOTICE
from opensvh.reporting.summary import study_total

FORMAT = "opensvh-study/3"
OLDER_FORMATS = frozenset({"opensvh-study/2"})
"""Read on: version 2 had neither date nor visit, and nothing else has changed since."""
STUDY_FILE = "study.json"
_DECIMALS = 6


@dataclass(frozen=True)
class StudyFile:
    """A study with the key of what it was made from (files, models, options).

    `previous` is the key of the visit that its reports compare with, "" where there is none.
    """

    key: str
    study: StudyReading
    previous: str = ""


def write_study(folder: Path, content: StudyFile) -> None:
    """Write `folder/study.json`, whole or not at all."""
    body = {
        "format": FORMAT,
        "site_table_version": SITE_TABLE_VERSION,
        "key": content.key,
        "previous_key": content.previous,
        "notice": NOTICE,
        "totals": _totals(content.study),
        **_study(content.study),
    }
    write_whole(folder / STUDY_FILE, json.dumps(body, indent=1, ensure_ascii=False) + "\n")


def read_study(path: Path) -> StudyFile:
    """Read a study.json of this version or an older one; raises OutputConflict where it is neither."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["format"] not in {FORMAT, *OLDER_FORMATS} or body["site_table_version"] != SITE_TABLE_VERSION:
            raise ValueError(f"format {body['format']}, site table {body['site_table_version']}")
        return StudyFile(str(body["key"]), _study_from(body), str(body.get("previous_key", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise OutputConflict(
            f"{path}: is not a study of this version ({error}); remove it or write to another folder"
        ) from error


def _totals(study: StudyReading) -> dict[str, Any]:
    named: dict[str, Kind | None] = {"total": None, **{kind.value: kind for kind in Kind}}
    sums = {name: study_total(study, kind) for name, kind in named.items()}
    return {
        name: {
            "value": round(each.total.value, _DECIMALS),
            "assessed": each.total.assessed,
            "sites": each.total.sites,
            "maximum_assessed": each.total.maximum,
            "maximum": each.possible,
        }
        for name, each in sums.items()
    }


def _study(study: StudyReading) -> dict[str, Any]:
    return {
        "patient": study.patient,
        "date": study.date,
        "visit": study.visit,
        "software": study.software,
        "models": [dataclasses.asdict(model) for model in study.models],
        "refused": [dataclasses.asdict(film) for film in study.refused],
        "films": [_film(film) for film in study.films],
    }


def _study_from(body: Mapping[str, Any]) -> StudyReading:
    return StudyReading(
        patient=body["patient"],
        films=tuple(_film_from(film, body["patient"]) for film in body["films"]),
        refused=tuple(RefusedFilm(**film) for film in body["refused"]),
        models=tuple(ModelIdentity(**model) for model in body["models"]),
        software=body["software"],
        date=body.get("date"),
        visit=body.get("visit"),
    )


def _film(film: FilmReading) -> dict[str, Any]:
    return {
        "film": film.film,
        "limb": film.limb.value,
        "side": film.side.value,
        "pose": dataclasses.asdict(film.pose),
        "placement": None if film.placement is None else _placement(film.placement),
        "box": dataclasses.asdict(film.box),
        "warnings": list(film.warnings),
        "facts": dict(film.facts),
        "points": {name: _point(point) for name, point in film.points.items()},
        "confidences": {name: _rounded(confidence) for name, confidence in film.confidences.items()},
        "sites": [_site(reading) for reading in film.sites],
    }


def _film_from(body: Mapping[str, Any], patient: str) -> FilmReading:
    limb = Limb(body["limb"])
    return FilmReading(
        patient=patient,
        film=body["film"],
        limb=limb,
        side=Side(body["side"]),
        sites=tuple(_site_from(site, limb) for site in body["sites"]),
        box=Box(**body["box"]),
        points={name: Point(**point) for name, point in body["points"].items()},
        confidences=body["confidences"],
        pose=_pose_from(body["pose"]),
        placement=None if body["placement"] is None else _placement_from(body["placement"]),
        warnings=tuple(body["warnings"]),
        facts=body["facts"],
    )


def _pose_from(body: Mapping[str, Any]) -> Pose:
    region = body["region"]
    return Pose(body["turn_cw_deg"], body["mirrored"], None if region is None else Box(**region))


def _placement(found: LimbPlacement) -> dict[str, Any]:
    confidence = {name: _rounded(value) for name, value in found.confidence.items()}
    return {**dataclasses.asdict(found), "confidence": confidence}


def _placement_from(body: Mapping[str, Any]) -> LimbPlacement:
    return LimbPlacement(
        limb=Limb(body["limb"]),
        apparent_side=Side(body["apparent_side"]),
        turn_cw_deg=body["turn_cw_deg"],
        box=Box(**body["box"]),
        projection=Projection(body["projection"]),
        skeleton=Skeleton(body["skeleton"]),
        confidence=body["confidence"],
    )


def _site(reading: SiteReading) -> dict[str, Any]:
    return {
        "site": reading.site.name,
        "kind": reading.kind.value,
        "status": reading.status.value,
        "score": reading.score,
        "expected": _rounded(reading.expected),
        "maximum": reading.site.maximum(reading.kind),
        "probabilities": [_rounded(probability) for probability in reading.probabilities],
        "point": None if reading.point is None else _point(reading.point),
        "confidence": _rounded(reading.confidence),
        "reason": reading.reason,
        "code": [reading.site.code_scheme, reading.site.code],
    }


def _site_from(body: Mapping[str, Any], limb: Limb) -> SiteReading:
    point = body["point"]
    return SiteReading(
        site=site_named(limb, body["site"]),
        kind=Kind(body["kind"]),
        status=Status(body["status"]),
        expected=body["expected"],
        probabilities=tuple(body["probabilities"]),
        point=None if point is None else Point(**point),
        confidence=body["confidence"],
        reason=body["reason"],
    )


def _point(point: Point) -> dict[str, float]:
    return {"x": round(point.x, 2), "y": round(point.y, 2)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
