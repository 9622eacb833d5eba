"""What FHIR resources are built of: code systems, coded concepts, deterministic identifiers, and the mark of research.

Which resources there are is `fhir`'s. Private codes are those of the DICOM reports (`reporting.dicom.codes`).
"""

import uuid
from enum import StrEnum
from typing import Any

from opensvh.domain.anatomy import LATERALITY_CODES, PRIVATE_CODE_SCHEME, SCORE_CODES, Kind, Side, Site
from opensvh.domain.reading import Status
from opensvh.reporting.notice import NOTICE
from opensvh.reporting.summary import site_label

Resource = dict[str, Any]
"""A FHIR resource or element as JSON has it."""


class Release(StrEnum):
    """The releases of FHIR that can be written."""

    R4 = "4.0.1"
    R5 = "5.0.0"


_NAMESPACE = uuid.UUID("a6b764b6-687c-429a-bd3e-6ea2212f3c98")
PRIVATE_SYSTEM = f"urn:oid:2.25.{uuid.uuid5(_NAMESPACE, PRIVATE_CODE_SCHEME).int}"
"""99SVH as a system: an OID made of a UUID (ITU-T X.667) needs no registration."""
URI_SYSTEM, DICOM_UID_SYSTEM = "urn:ietf:rfc:3986", "urn:dicom:uid"
UCUM = "http://unitsofmeasure.org"
SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "NCIt": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "LN": "http://loinc.org",
    PRIVATE_CODE_SCHEME: PRIVATE_SYSTEM,
    "category": "http://terminology.hl7.org/CodeSystem/observation-category",
    "section": "http://terminology.hl7.org/CodeSystem/v2-0074",
    "absent": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
}
RESEARCH_TAG = {"system": PRIVATE_SYSTEM, "code": "RESEARCH_USE_ONLY", "display": NOTICE}
LATERALITY_EXTENSION = "http://hl7.org/fhir/StructureDefinition/observation-structureLaterality"
METHOD = "Sharp/van der Heijde"

ABSENT = {
    Status.NOT_ASSESSABLE: "unknown",
    Status.NOT_VISIBLE: "unknown",
    Status.POOR_QUALITY: "unknown",
    Status.SURGICALLY_ALTERED: "not-applicable",
    Status.AMPUTATED: "not-applicable",
}
"""Why there is no score, in HL7's words: of an altered joint the method asks for none."""
SCORES = {Kind.EROSION: "erosion score", Kind.NARROWING: "joint space narrowing score"}
SUMS: dict[Kind | None, tuple[str, str]] = {
    None: ("SVH_TOTAL", f"{METHOD} total score"),
    Kind.NARROWING: ("SVH_NARROWING", f"{METHOD} joint space narrowing sum"),
    Kind.EROSION: ("SVH_EROSION", f"{METHOD} erosion sum"),
}
"""No LOINC or SNOMED CT concept was found for these."""


def deterministic_uuid(*parts: str) -> str:
    """A `urn:uuid:` that follows from its parts alone (RFC 9562, version 5)."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, chr(0).join(parts))}"


def coding(scheme: str, code: str, display: str | None = None) -> Resource:
    """A code of one of `SYSTEMS`."""
    return {"system": SYSTEMS[scheme], "code": code} | ({} if display is None else {"display": display})


def concept(text: str, *codings: Resource) -> Resource:
    """A concept in words, with its codes."""
    return ({"coding": list(codings)} if codings else {}) | {"text": text}


def own_concept(code: str, text: str) -> Resource:
    """A concept of the private scheme."""
    return concept(text, coding(PRIVATE_CODE_SCHEME, code, text))


def score_concept(kind: Kind) -> Resource:
    """What is scored at a site: an NCI Thesaurus concept."""
    scheme, code, _ = SCORE_CODES[kind]
    return concept(f"{METHOD} {SCORES[kind]}", coding(scheme, code))


def body_site(site: Site, side: Side) -> Resource:
    """The site with its side as an extension; SNOMED CT where it has one (no display: its words are licensed)."""
    words = "left" if side is Side.LEFT else "right"
    scheme, code = LATERALITY_CODES[side]
    laterality = {"url": LATERALITY_EXTENSION, "valueCodeableConcept": concept(words, coding(scheme, code))}
    label = f"{words} {site.limb.value}, {site_label(site.limb, site.name)}"
    return {"extension": [laterality], **concept(label, coding(site.code_scheme, site.code))}


def score_quantity(value: float) -> Resource:
    """A score or a sum of scores."""
    return {"value": round(value, 4), "unit": "score", "system": UCUM, "code": "{score}"}


def absent(code: str, why: str) -> Resource:
    """A reason for a missing value, coded and in words."""
    return concept(why, coding("absent", code))


def marked(kind: str, identifier: str, /, **elements: Any) -> Resource:
    """A resource with its identifier, and the tag that says what it may be used for."""
    own = {"system": URI_SYSTEM, "value": identifier}
    kept = {name: value for name, value in elements.items() if value not in (None, [], "")}
    return {
        "resourceType": kind,
        "meta": {"tag": [RESEARCH_TAG]},
        "identifier": [own, *kept.pop("identifier", [])],
        **kept,
    }
