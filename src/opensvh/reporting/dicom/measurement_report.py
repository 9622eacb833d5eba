"""What both structured reports share: a TID 1500 measurement report by a device, with its notice, as an object.

Which groups stand in it is `sites_report`'s and `totals_report`'s. Templates are those of PS3.16.
"""

from collections.abc import Iterable

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    ContainerContentItem,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes

from opensvh.domain.anatomy import film_code
from opensvh.reporting.dicom.codes import (
    CODING_SCHEMES,
    MISSING_NAME,
    NOTICE_NAME,
    PROCEDURE,
    QUALITATIVE_EVALUATIONS,
    WARNING_NAME,
)
from opensvh.reporting.dicom.run import MAKER, RESEARCH, Result, ResultRun, stamp, stamp_content_date
from opensvh.reporting.dicom.uids import uid_of
from opensvh.reporting.notice import NOTICE
from opensvh.reporting.summary import missing_films
from opensvh.reporting.words import film_label

Group = PlanarROIMeasurementsAndQualitativeEvaluations | MeasurementsAndQualitativeEvaluations
_PROJECTIONS = ("CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA")


def measurement_report(run: ResultRun, result: Result, groups: Iterable[Group]) -> Dataset:
    """A Comprehensive SR of these measurement groups, in the study of the leading film."""
    measured = list(groups)
    for group in measured:
        _relate_method(group)
    content = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=_device(run)),
        procedure_reported=PROCEDURE,
        imaging_measurements=measured,
        referenced_images=[_library_entry(source.header) for source in run.sources],
    )
    content[0].ContentSequence.append(_words(run))
    uid = run.uid("object", result)
    report = ComprehensiveSR(
        evidence=[source.header for source in run.sources],
        content=content,
        series_instance_uid=run.series_uid(result, run.lead.StudyInstanceUID),
        series_number=result.series_number,
        sop_instance_uid=uid,
        instance_number=1,
        manufacturer=MAKER,
        is_complete=True,
        is_final=False,
        coding_schemes=CODING_SCHEMES,
    )
    stamp(report, run, result, run.lead, uid)
    stamp_content_date(report, run)
    return report


def algorithm(run: ResultRun) -> AlgorithmIdentification:
    """TID 4019: the models by name and version, with the digest of each one's weights and the software about them."""
    digests = [f"SHA-256 of the weights of {model.name} {model.version}: {model.sha256}" for model in run.study.models]
    return AlgorithmIdentification(
        name=" + ".join(model.name for model in run.study.models),
        version=" + ".join(model.version for model in run.study.models),
        parameters=[*digests, f"Software: {run.study.software}", RESEARCH],
    )


def comment(name: CodedConcept, words: str) -> TextContentItem:
    """A line of words below a container."""
    return TextContentItem(name=name, value=words, relationship_type=RelationshipTypeValues.CONTAINS)


def _relate_method(group: Group) -> None:
    """The method modifies the group's concept (TID 1501, row 5); highdicom writes that the group contains it."""
    for item in group[0].ContentSequence:
        if item.name == codes.SCT.MeasurementMethod:
            item.RelationshipType = RelationshipTypeValues.HAS_CONCEPT_MOD.value


def _device(run: ResultRun) -> ObserverContext:
    """TID 1002 and 1004: no person looked at it."""
    attributes = DeviceObserverIdentifyingAttributes(
        uid=uid_of("device", run.study.software, run.digest),
        name=f"{run.study.software}, {RESEARCH}",
        manufacturer_name=MAKER,
        model_name=run.model,
        serial_number=run.digest,
    )
    return ObserverContext(observer_type=codes.DCM.Device, observer_identifying_attributes=attributes)


def _library_entry(header: Dataset) -> Dataset:
    """The header as the image library (TID 1600) takes it.

    highdicom wants orientation and spacing of every projection (TID 1603): a film without them is listed as an image of
    no such kind, so that nothing is made up.
    """
    is_whole = len(header.get("PatientOrientation") or ()) == 2 and len(header.get("ImagerPixelSpacing") or ()) == 2
    entry = Dataset()
    entry.update(header)
    modality = str(header.get("Modality", ""))
    entry.Modality = modality if is_whole and modality in _PROJECTIONS else "OT"
    return entry


def _words(run: ResultRun) -> ContainerContentItem:
    """TID 1500, Qualitative Evaluations: the notice, warnings about films, and limbs without a film."""
    container = ContainerContentItem(name=QUALITATIVE_EVALUATIONS, relationship_type=RelationshipTypeValues.CONTAINS)
    lines = [comment(NOTICE_NAME, NOTICE)]
    for source in run.sources:
        for reading in source.readings:
            lines += [
                comment(WARNING_NAME, f"{film_label(film_code(reading.limb, reading.side))}: {words}")
                for words in reading.warnings
            ]
    lines += [comment(MISSING_NAME, film_label(code)) for code in missing_films(run.study)]
    container.ContentSequence = Sequence(lines)
    return container
