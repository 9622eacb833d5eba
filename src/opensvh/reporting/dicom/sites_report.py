"""The scores of every site as a structured report: TID 1500 with one TID 1410 group a site (PS3.16).

Each group has a place on the film: the joint, or the limb's box where the joint was not found, since viewers fail on
groups without one. A Comprehensive SR carries such places in the source image's own pixels (SCOORD).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from highdicom.sr import (
    FindingSite,
    GraphicTypeValues,
    ImageRegion,
    Measurement,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    SourceImageForRegion,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Site
from opensvh.domain.reading import FilmReading, SiteReading
from opensvh.reporting.dicom import codes
from opensvh.reporting.dicom.measurement_report import algorithm, comment, measurement_report
from opensvh.reporting.dicom.places import box_on_image, on_image
from opensvh.reporting.dicom.run import FilmSource, Result, ResultRun
from opensvh.reporting.words import site_label

_DECIMALS = 4


def sites_report(run: ResultRun) -> Dataset:
    """The report of all sites of all films."""
    groups = [
        _group(run, source, film, site, readings)
        for source in run.sources
        for film in source.readings
        for site, readings in _by_site(film)
    ]
    return measurement_report(run, Result.SITES, groups)


def _by_site(film: FilmReading) -> Iterator[tuple[Site, list[SiteReading]]]:
    """Each site in the order of the film's readings, with its one or two kinds of damage."""
    sites: dict[str, list[SiteReading]] = {}
    for reading in film.sites:
        sites.setdefault(reading.site.name, []).append(reading)
    for readings in sites.values():
        yield readings[0].site, readings


def _group(
    run: ResultRun, source: FilmSource, film: FilmReading, site: Site, readings: Sequence[SiteReading]
) -> PlanarROIMeasurementsAndQualitativeEvaluations:
    """One site: what was measured, what was not and why, where, and by what."""
    group = PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(run, source, film, site),
        referenced_region=_region(source, film, readings),
        finding_type=codes.SITE_FINDING,
        method=codes.METHOD,
        algorithm_id=algorithm(run),
        finding_sites=[FindingSite(codes.site_code(site), laterality=codes.laterality(film.side))],
        measurements=[each for reading in readings for each in _measurements(reading)],
        qualitative_evaluations=[_gap(reading) for reading in readings if reading.expected is None],
    )
    reasons = dict.fromkeys(reading.reason for reading in readings if reading.expected is None and reading.reason)
    group[0].ContentSequence.extend(comment(codes.COMMENT_NAME, reason) for reason in reasons)
    return group


def _tracking(run: ResultRun, source: FilmSource, film: FilmReading, site: Site) -> TrackingIdentifier:
    words = codes.site_words(film.limb, film.side, site_label(film.limb, site.name))
    return TrackingIdentifier(run.tracking_uid(source, film, site.name), words)


def _measurements(reading: SiteReading) -> list[Measurement]:
    """The expectation as the score, marked as a mean, and the whole grade nearest to it; none without a score."""
    maximum = reading.site.maximum(reading.kind)
    if reading.expected is None or reading.score is None or maximum is None:
        return []
    unit = codes.score_unit(maximum)
    expected = round(reading.expected, _DECIMALS)
    return [
        Measurement(codes.score_name(reading.kind), expected, unit, derivation=codes.MEAN),
        Measurement(codes.grade_name(reading.kind), reading.score, unit),
    ]


def _gap(reading: SiteReading) -> QualitativeEvaluation:
    """A missing score is a status, never 0."""
    return QualitativeEvaluation(codes.status_name(reading.kind), codes.status_value(reading.status))


def _region(source: FilmSource, film: FilmReading, readings: Sequence[SiteReading]) -> ImageRegion:
    """The joint as a point, or the limb's box as a closed line, in pixels of the source image."""
    header = source.header
    image = SourceImageForRegion(
        referenced_sop_class_uid=header.SOPClassUID,
        referenced_sop_instance_uid=header.SOPInstanceUID,
        referenced_frame_numbers=None if source.frame is None else [source.frame],
    )
    point = next((reading.point for reading in readings if reading.point is not None), None)
    if point is None:
        corners = box_on_image(film.box, header)
        return ImageRegion(GraphicTypeValues.POLYLINE, np.array([*corners, corners[0]]), image)
    return ImageRegion(GraphicTypeValues.POINT, np.array([on_image(point, header)]), image)
