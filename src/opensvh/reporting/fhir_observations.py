"""A study's scores as FHIR Observations: one for each site and kind, and the three sums.

Status is `preliminary`: nobody has verified what a model read. An unscored site has a reason in place of a value, and
so has a sum that lacks a site: a smaller sum would pass for less damage. Codes are `fhir_terms`'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.anatomy import SCORE_CODES, Kind, film_code
from opensvh.domain.reading import FilmReading, SiteReading, StudyReading
from opensvh.io.dicom_source import DicomSource
from opensvh.reporting.fhir_terms import (
    ABSENT,
    DICOM_UID_SYSTEM,
    METHOD,
    SCORES,
    SUMS,
    UCUM,
    Resource,
    absent,
    body_site,
    coding,
    concept,
    deterministic_uuid,
    marked,
    own_concept,
    score_concept,
    score_quantity,
)
from opensvh.reporting.notice import NOTICE
from opensvh.reporting.summary import study_total


@dataclass(frozen=True)
class FhirStudy:
    """A study with what its films' headers say (by film path; films that are no DICOM are absent).

    Everything in it is named by what it was made from: the same films read by the same model give the same names.
    """

    study: StudyReading
    sources: Mapping[str, DicomSource]

    def uuid(self, *parts: str) -> str:
        """The name of one of the study's resources."""
        models = [model.sha256 for model in self.study.models]
        films = sorted({self.film_name(film.film) for film in self.study.films})
        visit = [self.study.patient, self.study.date or "", self.study.visit or ""]
        return deterministic_uuid(*visit, *models, *films, *parts)

    def film_name(self, path: str) -> str:
        """The film's UID, with its frame where it has several; else its file's name."""
        source = self.sources.get(path)
        if source is None or not source.sop_instance_uid:
            return Path(path).name
        return source.sop_instance_uid + ("" if source.frame is None else f"#{source.frame}")

    @property
    def patient(self) -> str:
        """The name of the Patient: one at all visits."""
        return deterministic_uuid("patient", self.study.patient)

    @property
    def device(self) -> str:
        """The name of the Device: one for all that these models read with this software."""
        return deterministic_uuid("device", self.study.software, *(model.sha256 for model in self.study.models))

    def film(self, path: str) -> str:
        """The name of a film's DocumentReference."""
        return self.uuid("film", self.film_name(path))

    def site(self, film: FilmReading, reading: SiteReading) -> str:
        """The name of one score."""
        return self.uuid("score", film_code(film.limb, film.side), reading.site.name, reading.kind)

    def sum(self, kind: Kind | None) -> str:
        """The name of a sum, of all kinds where None."""
        return self.uuid("sum", kind or "total")


def site_observation(of: FhirStudy, film: FilmReading, reading: SiteReading) -> Resource:
    """One score at one site."""
    maximum = reading.site.maximum(reading.kind)
    return _observation(
        of,
        of.site(film, reading),
        code=score_concept(reading.kind),
        bodySite=body_site(reading.site, film.side),
        **_value(reading),
        referenceRange=[{"text": f"possible scores 0 to {maximum}; 0 is no damage"}],
        component=_components(reading),
        derivedFrom=[*_imaging_study(of, film.film), {"reference": of.film(film.film)}],
    )


def sum_observation(of: FhirStudy, kind: Kind | None, members: Sequence[str]) -> Resource:
    """A sum of scores, of all kinds where None; `members` are the names of what it sums."""
    found = study_total(of.study, kind)
    total = found.total
    value = (
        {"valueQuantity": score_quantity(total.value)}
        if total.complete
        else {"dataAbsentReason": absent("unknown", f"{total.assessed} of {total.sites} scores were assessed")}
    )
    counts = {
        "SITES_ASSESSED": ("Number of scores that were assessed", total.assessed),
        "SITES_POSSIBLE": ("Number of scores of the method", total.sites),
        "MAXIMUM_ASSESSED": ("Highest sum that the assessed scores allow", total.maximum),
    }
    part = {"code": own_concept("SUM_ASSESSED", "Sum of the scores that were assessed")}
    return _observation(
        of,
        of.sum(kind),
        code=own_concept(*SUMS[kind]),
        **value,
        note=[{"text": NOTICE}],
        referenceRange=[{"text": f"possible sums 0 to {found.possible}; 0 is no damage"}],
        component=[
            part | {"valueQuantity": score_quantity(total.value)},
            *({"code": own_concept(code, text), "valueInteger": count} for code, (text, count) in counts.items()),
        ],
        hasMember=[{"reference": member} for member in members],
        derivedFrom=imaging_studies(of),
    )


def _observation(of: FhirStudy, name: str, **elements: object) -> Resource:
    shared = {
        "status": "preliminary",
        "category": [concept("imaging", coding("category", "imaging"))],
        "subject": {"reference": of.patient},
        "effectiveDateTime": of.study.date,
        "method": concept(f"{METHOD} method, projection radiography, read by a model"),
        "device": {"reference": of.device},
    }
    return marked("Observation", name, **shared, **elements)


def _value(reading: SiteReading) -> Resource:
    if reading.expected is not None:
        return {"valueQuantity": score_quantity(reading.expected)}
    words = reading.status.value + (f": {reading.reason}" if reading.reason else "")
    return {"dataAbsentReason": absent(ABSENT[reading.status], words)}


def _components(reading: SiteReading) -> list[Resource]:
    """The whole grade, and how sure it is that the joint is where it was read."""
    components: list[Resource] = []
    if reading.score is not None:
        code = f"{SCORE_CODES[reading.kind][2]}_GRADE"
        grade = own_concept(code, f"{METHOD} {SCORES[reading.kind]}, whole grade")
        components.append({"code": grade, "valueInteger": reading.score})
    if reading.confidence is not None:
        sure = {"value": round(reading.confidence, 4), "unit": "probability", "system": UCUM, "code": "1"}
        components.append(
            {"code": own_concept("JOINT_CONFIDENCE", "Confidence that the joint is there"), "valueQuantity": sure}
        )
    return components


def _imaging_study(of: FhirStudy, path: str) -> list[Resource]:
    """The film's DICOM study by its UID: the archive's own record of it, not a copy."""
    source = of.sources.get(path)
    if source is None or not source.study_instance_uid:
        return []
    identifier = {"system": DICOM_UID_SYSTEM, "value": f"urn:oid:{source.study_instance_uid}"}
    return [{"type": "ImagingStudy", "identifier": identifier}]


def imaging_studies(of: FhirStudy) -> list[Resource]:
    """References to the DICOM studies of all films, each once."""
    found = [reference for film in of.study.films for reference in _imaging_study(of, film.film)]
    return [reference for number, reference in enumerate(found) if reference not in found[:number]]
