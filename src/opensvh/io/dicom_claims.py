"""Which limb, which side and which day a DICOM header claims; where it contradicts itself it claims neither.

Tags come before words of descriptions. What the pixels show against this is `inference.film_reader`'s. Codes: SNOMED CT
and its older SRT names (PS3.16, annex L and CID 244).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.dicom_tags import items, text

BOTH = "B"
SIDE_TAGS = ("ImageLaterality", "FrameLaterality", "Laterality")
DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
DATES = ("StudyDate", "AcquisitionDate", "SeriesDate", "ContentDate")
SIDE_CODES = {
    "7771000": "L", "G-A101": "L", "24028007": "R", "G-A100": "R", "51440002": BOTH, "G-A102": BOTH,
}  # fmt: skip
LIMB_CODES = {
    "85562004": Limb.HAND, "T-D8700": Limb.HAND, "8205005": Limb.HAND, "T-15460": Limb.HAND,
    "7569003": Limb.HAND, "T-D8800": Limb.HAND, "56459004": Limb.FOOT, "T-D9700": Limb.FOOT,
    "29707007": Limb.FOOT, "T-D9800": Limb.FOOT,
}  # fmt: skip
"""Hand, wrist and finger; foot and toe."""
SIDE_WORDS = {
    **dict.fromkeys(("left", "lt", "links", "linke", "linker", "gauche", "izquierda", "izquierdo", "sinistra"), "L"),
    **dict.fromkeys(
        ("right", "rt", "rechts", "rechte", "rechter", "droite", "droit", "derecha", "derecho", "destra"), "R"
    ),
    **dict.fromkeys(("both", "bilateral", "bilat", "beide", "beidseits", "bds", "bilaterale", "ambas", "ambos"), BOTH),
}
SHORT_SIDES = {"l": "L", "li": "L", "r": "R", "re": "R"}
"""Letters that mean a side only beside the name of a limb."""
LIMB_WORDS = {
    **dict.fromkeys(("hand", "hands", "wrist", "wrists", "finger", "fingers", "thumb"), Limb.HAND),
    **dict.fromkeys(("hände", "haende", "handgelenk", "daumen", "main", "mains", "mano", "manos", "mani"), Limb.HAND),
    **dict.fromkeys(("foot", "feet", "toe", "toes", "forefoot", "fuß", "fuss", "füße", "fuesse", "füsse"), Limb.FOOT),
    **dict.fromkeys(("vorfuß", "vorfuss", "zehe", "zehen", "pied", "pieds", "pie", "pies", "piede"), Limb.FOOT),
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class DicomClaims:
    """What the header claims; `side` is None too where both are on the film; `contradiction` says who says what."""

    limb: Limb | None = None
    side: Side | None = None
    both_sides: bool = False
    contradiction: str = ""


def claims_of_header(header: Dataset) -> DicomClaims:
    """Limb and side, each as all who name it agree."""
    limbs, limb_doubt = _agreed({**dict(_tagged_limbs(header)), **_described(header, _limb_of_words)})
    tagged, described = dict(_tagged_sides(header)), _described(header, _side_of_words)
    if tagged:  # a series of both hands has a film of each
        described = {source: side for source, side in described.items() if side != BOTH}
    sides, side_doubt = _agreed({**tagged, **described})
    return DicomClaims(
        limb=Limb(limbs) if limbs else None,
        side=Side(sides) if sides and sides != BOTH else None,
        both_sides=sides == BOTH,
        contradiction="; ".join(doubt for doubt in (limb_doubt, side_doubt) if doubt),
    )


def day_of(header: Dataset) -> str | None:
    """The study's day, or else the film's (ISO 8601); None where no date is one of the calendar."""
    for keyword in DATES:
        digits = re.sub(r"[.\-/]", "", text(header, keyword))
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
        except ValueError:
            continue
    return None


def visit_of(header: Dataset) -> str | None:
    """What a trial calls this day (PS3.3, C.7.2.3)."""
    return text(header, "ClinicalTrialTimePointDescription") or text(header, "ClinicalTrialTimePointID") or None


def patient_of(header: Dataset) -> str | None:
    """The patient's identifier, or the trial's for its subject (PS3.3, C.7.1.3)."""
    return text(header, "PatientID") or text(header, "ClinicalTrialSubjectID") or None


def _agreed(told: Mapping[str, str]) -> tuple[str, str]:
    """What all sources say; where they differ nothing, and who says what."""
    said = sorted(set(told.values()))
    if len(said) < 2:
        return (said[0] if said else ""), ""
    return "", ", ".join(f"{source} says {value}" for source, value in told.items())


def _tagged_limbs(header: Dataset) -> Iterator[tuple[str, str]]:
    if limb := _limb_of_words(text(header, "BodyPartExamined")):
        yield "BodyPartExamined", limb
    for region in items(header, "AnatomicRegionSequence"):
        coded = LIMB_CODES.get(text(region, "CodeValue"))
        if named := coded or _limb_of_words(text(region, "CodeMeaning")):
            yield "AnatomicRegionSequence", str(named)


def _tagged_sides(header: Dataset) -> Iterator[tuple[str, str]]:
    for keyword in SIDE_TAGS:
        if (side := text(header, keyword).upper()) in ("L", "R", BOTH):
            yield keyword, side
    if named := _side_of_words(text(header, "BodyPartExamined")):
        yield "BodyPartExamined", named
    for region in items(header, "AnatomicRegionSequence"):
        for modifier in items(region, "AnatomicRegionModifierSequence"):
            if coded := SIDE_CODES.get(text(modifier, "CodeValue")):
                yield "AnatomicRegionModifierSequence", coded


def _described(header: Dataset, reader: Callable[[str], str | None]) -> dict[str, str]:
    found = {keyword: reader(text(header, keyword)) for keyword in DESCRIPTIONS}
    return {keyword: said for keyword, said in found.items() if said}


def _limb_of_words(line: str) -> str | None:
    """The one limb that a line names."""
    named = {LIMB_WORDS[word] for word in _WORD.findall(line.lower()) if word in LIMB_WORDS}
    return named.pop() if len(named) == 1 else None


def _side_of_words(line: str) -> str | None:
    """The side that a line names; both where it names two."""
    words = _WORD.findall(line.lower())
    meanings = SIDE_WORDS | SHORT_SIDES if any(word in LIMB_WORDS for word in words) else SIDE_WORDS
    named = {meanings[word] for word in words if word in meanings}
    return BOTH if len(named) > 1 else next(iter(named), None)
