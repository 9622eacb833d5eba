"""An overlay a film: a presentation state that a viewer lays over the original, which stays as it is.

Grayscale (PS3.3 A.33.1), or colour (A.33.2) for films stored in colour. What is drawn is `rings`', how grey levels pass
from the film to the screen `grey_levels`'.
"""

from typing import Any

from highdicom.pr import ColorSoftcopyPresentationState, GrayscaleSoftcopyPresentationState
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from opensvh.domain.anatomy import Side
from opensvh.reporting.dicom.capture import BODY_PARTS, laterality
from opensvh.reporting.dicom.grey_levels import add_displayed_area, add_grey_levels, colour_profile
from opensvh.reporting.dicom.rings import annotations, graphic_layers
from opensvh.reporting.dicom.run import (
    CONTENT_LABEL,
    MAKER,
    RESEARCH,
    FilmSource,
    Result,
    ResultRun,
    fitting,
    referenced,
    stamp,
)

_TAKEN = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SamplesPerPixel", "Rows", "Columns")
_STAMPED = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber")
_STAMPED_STUDY = ("StudyID", "StudyDate", "StudyTime")


def overlay(run: ResultRun, source: FilmSource, number: int) -> Dataset:
    """The overlay of one film, in a series of its own; `number` counts the films of the study from 1."""
    is_grey = source.header.SamplesPerPixel == 1
    image = _bare(source.header)
    layers = graphic_layers()
    uid = run.uid("object", Result.OVERLAY, source.codes)
    given: dict[str, Any] = {} if is_grey else {"icc_profile": colour_profile(source.header)}
    state = (GrayscaleSoftcopyPresentationState if is_grey else ColorSoftcopyPresentationState)(
        referenced_images=[image],
        series_instance_uid=run.series_uid(Result.OVERLAY, source.header.StudyInstanceUID),
        series_number=Result.OVERLAY.series_number,
        sop_instance_uid=uid,
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=run.model,
        software_versions=run.study.software,
        device_serial_number=run.digest,
        content_label=CONTENT_LABEL,
        content_description=fitting(f"{MAKER} {source.codes}, {RESEARCH}, {run.model}"),
        graphic_annotations=list(annotations(run, source, image, layers)),
        graphic_layers=list(layers.values()),
        **given,
    )
    stamp(state, run, Result.OVERLAY, source.header, uid)
    state.SeriesInstanceUID = run.series_uid(Result.OVERLAY, source.header.StudyInstanceUID, source.codes)
    state.SeriesNumber = Result.OVERLAY.series_number + number
    state.BodyPartExamined = BODY_PARTS[source.readings[0].limb]
    state.Laterality = side if (side := laterality(source.readings)) in tuple(Side) else ""
    state.PresentationCreationDate = state.InstanceCreationDate
    state.PresentationCreationTime = state.InstanceCreationTime
    _refer(state, source)
    add_displayed_area(state, source.header)
    if is_grey:
        add_grey_levels(state, source.header)
    return state


def _bare(header: Dataset) -> Dataset:
    """What highdicom needs of an image; what it would copy from it is stamped or added here.

    It takes films of several frames for enhanced objects, whose headers look otherwise: so the class is a plain one
    here, and references are put right afterwards.
    """
    bare = Dataset()
    for keyword in _TAKEN:
        bare.add(header[keyword])
    bare.SOPClassUID = SecondaryCaptureImageStorage
    for keyword in (*_STAMPED, *_STAMPED_STUDY):
        setattr(bare, keyword, "")
    return bare


def _refer(state: Dataset, source: FilmSource) -> None:
    """To the film's own object and frame, wherever the overlay refers to it."""
    state.ReferencedSeriesSequence[0].ReferencedImageSequence = [referenced(source)]
    for annotation in state.get("GraphicAnnotationSequence", ()):
        annotation.ReferencedImageSequence = [referenced(source)]
