"""The rings of an overlay: a circle a score at its joint, coloured by grade, a layer a kind of damage.

Where there is damage its grade stands beside the ring, in its layer's colour, for viewers that show none of ours. Every
ring carries the tracking UID of its site's group in the report.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from highdicom.color import CIELabColor
from highdicom.pr import GraphicAnnotation, GraphicLayer, GraphicObject, TextObject
from pydicom.dataset import Dataset

from opensvh.domain.anatomy import Kind
from opensvh.domain.reading import FilmReading, SiteReading
from opensvh.reporting.dicom.codes import site_words
from opensvh.reporting.dicom.places import on_image
from opensvh.reporting.dicom.run import FilmSource, ResultRun
from opensvh.reporting.palette import Colour, grade_colour
from opensvh.reporting.words import site_label

Layers = Mapping[Kind | None, GraphicLayer]
RING_OF_BOX = 1 / 60
"""Radius of the outer ring as a share of the height of the limb's box: about half a finger's width."""
_SMALLEST_RING = 3.0
_RINGS = {Kind.EROSION: 1.0, Kind.NARROWING: 0.62}
"""Narrowing inside, erosion around it: both are read at one joint."""
_LETTERS = {Kind.EROSION: "E", Kind.NARROWING: "N"}
_LABEL_ROWS = {Kind.EROSION: -1.25, Kind.NARROWING: 0.05}
"""Upper edge of the label below the joint, in radii."""
_LABEL_SIZE = (2.6, 1.2)
"""Width and height of a label in radii."""
_LAYERS: dict[Kind | None, tuple[str, str, Colour]] = {
    Kind.EROSION: ("EROSION", "Erosion: outer rings, coloured by grade", grade_colour(0.8)),
    Kind.NARROWING: ("NARROWING", "Joint space narrowing: inner rings, coloured by grade", grade_colour(0.4)),
    None: ("NOT SCORED", "Joints that were found but not scored", grade_colour(None)),
}
_OPAQUE, _THICKNESS = 1.0, 2.0


def graphic_layers() -> dict[Kind | None, GraphicLayer]:
    """Kind of damage -> its layer; None for what was not scored."""
    return {
        kind: GraphicLayer(name, order, words, CIELabColor.from_rgb(*colour))
        for order, (kind, (name, words, colour)) in enumerate(_LAYERS.items(), start=1)
    }


def annotations(run: ResultRun, source: FilmSource, image: Dataset, layers: Layers) -> Iterator[GraphicAnnotation]:
    """What each layer draws on the film; one without anything draws nothing."""
    for kind, layer in layers.items():
        drawn = [
            (film, reading)
            for film in source.readings
            for reading in film.sites
            if reading.point is not None and kind is (None if reading.expected is None else reading.kind)
        ]
        if drawn:
            yield GraphicAnnotation(
                referenced_images=[image],
                graphic_layer=layer,
                graphic_objects=[_ring(run, source, film, reading) for film, reading in drawn],
                text_objects=[_label(source, film, reading) for film, reading in drawn if reading.score != 0],
            )


def ring_radius(film: FilmReading, kind: Kind) -> float:
    """In pixels of the film."""
    return max(_SMALLEST_RING, film.box.height * RING_OF_BOX) * _RINGS[kind]


def _ring(run: ResultRun, source: FilmSource, film: FilmReading, reading: SiteReading) -> GraphicObject:
    """A circle by its centre and a point on it that is on the image."""
    column, row = _place(source, reading)
    radius = ring_radius(film, reading.kind)
    edge = column + radius if column + radius <= source.header.Columns else max(0.0, column - radius)
    ring = GraphicObject(
        graphic_type="CIRCLE",
        graphic_data=np.array([(column, row), (edge, row)]),
        units="PIXEL",
        tracking_id=site_words(film.limb, film.side, site_label(film.limb, reading.site.name)),
        tracking_uid=run.tracking_uid(source, film, reading.site.name),
    )
    ring.LineStyleSequence = [_line_style(_colour(reading))]
    return ring


def _label(source: FilmSource, film: FilmReading, reading: SiteReading) -> TextObject:
    """`E3` or `N2` right of the ring, or left of it at the image's edge; `-` where there is no score."""
    column, row = _place(source, reading)
    radius = ring_radius(film, Kind.EROSION)
    width, height = (share * radius for share in _LABEL_SIZE)
    columns, rows = float(source.header.Columns), float(source.header.Rows)
    left = column + 1.1 * radius
    left = max(0.0, left if left + width <= columns else column - 1.1 * radius - width)
    top = min(max(0.0, row + _LABEL_ROWS[reading.kind] * radius), rows - min(height, rows))
    grade = "-" if reading.score is None else str(reading.score)
    return TextObject(
        text_value=f"{_LETTERS[reading.kind]}{grade}",
        units="PIXEL",
        bounding_box=(left, top, min(left + width, columns), min(top + height, rows)),
        text_justification="LEFT",
    )


def _place(source: FilmSource, reading: SiteReading) -> tuple[float, float]:
    if reading.point is None:
        raise ValueError(f"{reading.site.name} has no place")
    return on_image(reading.point, source.header)


def _colour(reading: SiteReading) -> Colour:
    maximum = reading.site.maximum(reading.kind)
    return grade_colour(None if reading.score is None or not maximum else reading.score / maximum)


def _line_style(colour: Colour) -> Dataset:
    """PS3.3, table C.10.5-1a: a solid line without a shadow."""
    style = Dataset()
    style.PatternOnColorCIELabValue = _lab(colour)
    style.PatternOnOpacity = _OPAQUE
    style.LineThickness, style.LineDashingStyle = _THICKNESS, "SOLID"
    style.ShadowStyle = "OFF"
    style.ShadowOffsetX = style.ShadowOffsetY = 0.0
    style.ShadowColorCIELabValue, style.ShadowOpacity = _lab((0, 0, 0)), 0.0
    return style


def _lab(colour: Colour) -> list[int]:
    return list(CIELabColor.from_rgb(*colour).value)
