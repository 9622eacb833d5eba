"""`fhir.json`: a study as a FHIR bundle that a server can take up as one transaction, in release R4 or R5.

A DiagnosticReport, an Observation for each score and sum, the patient by identifier alone, the model as a Device, and
each film as a DocumentReference. Every resource is named by what it was made from, and put under that name: a bundle
sent twice changes nothing. Observations are `fhir_observations`', codes `fhir_terms`'.
"""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from opensvh.domain.anatomy import Kind
from opensvh.domain.reading import StudyReading
from opensvh.io.dicom_source import DicomSource
from opensvh.io.film_sources import film_address, is_dicom
from opensvh.io.whole_file import write_whole
from opensvh.reporting.fhir_observations import FhirStudy, imaging_studies, site_observation, sum_observation
from opensvh.reporting.fhir_terms import (
    DICOM_UID_SYSTEM,
    METHOD,
    RESEARCH_TAG,
    URI_SYSTEM,
    Release,
    Resource,
    coding,
    concept,
    marked,
    own_concept,
)
from opensvh.reporting.notice import NOTICE, model_names
from opensvh.reporting.summary import film_label, gaps, missing_films, study_total

_CONTENT_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".tif": "image/tiff"}
_SUMS = (None, Kind.NARROWING, Kind.EROSION)
_SUM_NAMES = {None: "Total", Kind.NARROWING: "narrowing", Kind.EROSION: "erosion"}
_STUDIES_ELEMENT = {Release.R4: "imagingStudy", Release.R5: "study"}
"""DiagnosticReport's name for the imaging studies it is of."""


def write_fhir(path: Path, study: StudyReading, sources: Mapping[str, DicomSource], release: Release) -> None:
    """Write the bundle; `sources` by film path, of those films that are DICOM."""
    body = fhir_bundle(study, sources, release)
    write_whole(path, json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def fhir_bundle(study: StudyReading, sources: Mapping[str, DicomSource], release: Release) -> Resource:
    """The bundle as JSON has it."""
    of = FhirStudy(study, sources)
    scores = [site_observation(of, film, each) for film, each in study.site_readings()]
    by_kind = {
        kind: [of.site(film, each) for film, each in study.site_readings() if each.kind is kind] for kind in Kind
    }
    sums = [
        sum_observation(of, None, [of.sum(kind) for kind in Kind]),
        *(sum_observation(of, kind, by_kind[kind]) for kind in Kind),
    ]
    films = list(dict.fromkeys(film.film for film in study.films))
    resources = [_device(of, release), *(_film(of, path) for path in films), *scores, *sums]
    return {
        "resourceType": "Bundle",
        "meta": {"tag": [RESEARCH_TAG]},
        "type": "transaction",
        "entry": [_patient(of), *(_entry(resource) for resource in (*resources, _report(of, release)))],
    }


def _entry(resource: Resource) -> Resource:
    """Put under its own name: it replaces what a former sending left (R4, 3.1.0.4.3, conditional update)."""
    kind, name = resource["resourceType"], resource["identifier"][0]["value"]
    url = f"{kind}?identifier={quote(f'{URI_SYSTEM}|{name}', safe=':')}"
    return {"fullUrl": name, "resource": resource, "request": {"method": "PUT", "url": url}}


def _patient(of: FhirStudy) -> Resource:
    """By identifier alone, and only made where the server has none of that identifier: his record is never changed."""
    issuers = {source.issuer_of_patient_id for source in of.sources.values() if source.issuer_of_patient_id}
    identifier: Resource = {"value": of.study.patient}
    if len(issuers) == 1:
        identifier["assigner"] = {"display": issuers.pop()}
    resource = marked("Patient", of.patient, identifier=[identifier])
    resource["identifier"] = [identifier]
    known = f"identifier={quote(of.study.patient, safe='')}"
    return {
        "fullUrl": of.patient,
        "resource": resource,
        "request": {"method": "POST", "url": "Patient", "ifNoneExist": known},
    }


def _device(of: FhirStudy, release: Release) -> Resource:
    """The software with its models: names, versions, and the SHA-256 of their weights."""
    versions = [{"type": {"text": "software"}, "value": of.study.software}]
    for model in of.study.models:
        versions += [
            {"type": {"text": f"version of the model {model.name}"}, "value": model.version},
            {"type": {"text": f"SHA-256 of the weights of {model.name}"}, "value": model.sha256},
        ]
    name, kind = f"OpenSvH, {model_names(of.study.models)}", concept("software that scores X-rays by a model")
    if release is Release.R4:
        named: Resource = {"deviceName": [{"name": name, "type": "user-friendly-name"}], "type": kind}
    else:
        named = {"name": [{"value": name, "type": "user-friendly-name"}], "type": [kind]}
    return marked("Device", of.device, status="active", version=versions, note=[{"text": NOTICE}], **named)


def _film(of: FhirStudy, path: str) -> Resource:
    """A film by its UID where it is DICOM, and by its file's name: paths may tell more than a receiver should know."""
    source = of.sources.get(path)
    uid = source.sop_instance_uid if source else ""
    kind = "application/dicom" if source else _CONTENT_TYPES.get(film_address(path).suffix, "application/octet-stream")
    return marked(
        "DocumentReference",
        of.film(path),
        identifier=[{"system": DICOM_UID_SYSTEM, "value": f"urn:oid:{uid}"}] if uid else [],
        status="current",
        description="X-ray that was scored",
        subject={"reference": of.patient},
        content=[{"attachment": {"contentType": kind, "title": Path(path).name}}],
    )


def _report(of: FhirStudy, release: Release) -> Resource:
    conclusion = _conclusion(of.study)
    text = "".join(f"<p>{escape(line)}</p>" for line in conclusion)
    return marked(
        "DiagnosticReport",
        of.uuid("report"),
        text={"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'},
        status="preliminary",
        category=[concept("Radiology", coding("section", "RAD"))],
        code=own_concept("SVH_REPORT", f"{METHOD} scores of hands and feet"),
        subject={"reference": of.patient},
        effectiveDateTime=of.study.date,
        result=[{"reference": of.sum(kind)} for kind in _SUMS],
        conclusion="\n".join(conclusion),
        **{_STUDIES_ELEMENT[release]: imaging_studies(of)},
    )


def _conclusion(study: StudyReading) -> list[str]:
    """The report in a few lines: notice, sums, what was not assessed."""
    lines = [
        NOTICE,
        f"{METHOD} scores read by {model_names(study.models)} ({study.software}); not verified by a reader.",
    ]
    for kind in _SUMS:
        found = study_total(study, kind)
        total = found.total
        whole = "" if total.complete else f", of {total.maximum} that the assessed scores allow"
        lines.append(
            f"{_SUM_NAMES[kind].capitalize()}: {total.value:.1f} of {found.possible}{whole} "
            f"({total.assessed} of {total.sites} scores assessed)."
        )
    lines += [f"No film of the {film_label(code).lower()} was read." for code in missing_films(study)]
    lines += [f"{film_label(gap.film)}, not assessed ({gap.reason}): {', '.join(gap.sites)}." for gap in gaps(study)]
    return lines


def dicom_sources(study: StudyReading) -> dict[str, DicomSource]:
    """What the headers of a study's DICOM films say, by film path; raises FilmUnreadable."""
    from opensvh.io.dicom_source import dicom_source

    paths = [path for path in dict.fromkeys(film.film for film in study.films) if is_dicom(path)]
    return {path: source for path in paths if (source := dicom_source(path)) is not None}
