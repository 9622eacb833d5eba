"""The sums of a study as a structured report of its own: TID 1500 with one TID 1501 group a sum (PS3.16).

Apart from the sites, since a sum has no place on a film and some viewers fail on a report that holds both. A sum adds
up what was assessed, says how much that is of how much, and has no value where nothing was.
"""

from dataclasses import dataclass

from highdicom.sr import (
    FindingSite,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Kind, Limb, Side
from opensvh.domain.reading import Status
from opensvh.reporting.dicom import codes
from opensvh.reporting.dicom.measurement_report import algorithm, measurement_report
from opensvh.reporting.dicom.run import Result, ResultRun
from opensvh.reporting.dicom.uids import uid_of
from opensvh.reporting.summary import LimbTotal, study_total

_DECIMALS = 4


@dataclass(frozen=True)
class Sum:
    """One sum to report; None is all."""

    words: str
    limb: Limb | None = None
    side: Side | None = None


SUMS = (
    Sum("Patient"),
    Sum("Hands", Limb.HAND),
    Sum("Feet", Limb.FOOT),
    Sum("Left hand", Limb.HAND, Side.LEFT),
    Sum("Right hand", Limb.HAND, Side.RIGHT),
    Sum("Left foot", Limb.FOOT, Side.LEFT),
    Sum("Right foot", Limb.FOOT, Side.RIGHT),
)
"""Each in total, of narrowing and of erosion."""


def totals_report(run: ResultRun) -> Dataset:
    """The report of all sums."""
    groups = [_group(run, each, kind) for each in SUMS for kind in (None, *Kind)]
    return measurement_report(run, Result.TOTALS, groups)


def _group(run: ResultRun, each: Sum, kind: Kind | None) -> MeasurementsAndQualitativeEvaluations:
    found = study_total(run.study, kind, each.limb, each.side)
    nothing = QualitativeEvaluation(
        codes.own("SUM_STATUS", "Status of a sum"), codes.status_value(Status.NOT_ASSESSABLE)
    )
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(run, each, kind),
        finding_type=codes.SUM_FINDING,
        method=codes.METHOD,
        algorithm_id=algorithm(run),
        finding_sites=None if each.limb is None else [_site(each.limb, each.side)],
        measurements=_measurements(found, kind),
        qualitative_evaluations=[] if found.total.assessed else [nothing],
    )


def _measurements(found: LimbTotal, kind: Kind | None) -> list[Measurement]:
    """The sum where anything was assessed, and always how much was."""
    counts = [
        Measurement(codes.SITES_ASSESSED, found.total.assessed, codes.NO_UNITS),
        Measurement(codes.SITES_POSSIBLE, found.total.sites, codes.NO_UNITS),
        Measurement(codes.MAXIMUM_ASSESSED, found.total.maximum, codes.NO_UNITS),
    ]
    if not found.total.assessed:
        return counts
    value = round(found.total.value, _DECIMALS)
    return [Measurement(codes.SUMS[kind], value, codes.score_unit(found.possible)), *counts]


def _site(limb: Limb, side: Side | None) -> FindingSite:
    return FindingSite(codes.limb_code(limb), laterality=codes.laterality(side))


def _tracking(run: ResultRun, each: Sum, kind: Kind | None) -> TrackingIdentifier:
    """The same at every visit."""
    patient = str(run.lead.PatientID) or run.study.patient
    issuer = str(run.lead.get("IssuerOfPatientID", ""))
    words = f"{each.words}, {kind.value if kind else 'total'}"
    return TrackingIdentifier(uid_of("sum", patient, issuer, words), words)
