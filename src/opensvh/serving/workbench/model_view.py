"""What the model says of one limb, as the database keeps it and the API shows it: points, scores, how the film lies."""

from pydantic import BaseModel, ConfigDict

from opensvh.domain.anatomy import POINTS, Kind, Limb, Side
from opensvh.domain.reading import FilmReading, Status
from opensvh.reporting.crops import crop_side_px

_DECIMALS = 3


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class ModelPoint(_Plain):
    """A joint centre in pixels of the file as stored; `confidence` in [0, 1]; `crop_px` the side of a close view."""

    x: float
    y: float
    confidence: float
    crop_px: float


class ModelScore(_Plain):
    """The model's score of one kind at one site: `expected` in [0, maximum], `grade` the nearest whole one."""

    site: str
    kind: Kind
    status: Status
    expected: float | None
    grade: int | None
    confidence: float | None
    reason: str


class ModelView(_Plain):
    """One limb; `turn_cw_deg` brings its digits up, `mirrored` makes it look like a left one."""

    limb: Limb
    side: Side
    turn_cw_deg: float
    mirrored: bool
    points: dict[str, ModelPoint]
    scores: tuple[ModelScore, ...]
    warnings: tuple[str, ...]


def view_of(reading: FilmReading) -> ModelView:
    """The reading without what only reports need."""
    return ModelView(
        limb=reading.limb,
        side=reading.side,
        turn_cw_deg=round(reading.pose.turn_cw_deg, _DECIMALS),
        mirrored=reading.pose.mirrored,
        points={
            name: ModelPoint(
                x=round(point.x, _DECIMALS),
                y=round(point.y, _DECIMALS),
                confidence=round(float(reading.confidences.get(name, 0.0)), _DECIMALS),
                crop_px=round(crop_side_px(reading, name), 1),
            )
            for name, point in reading.points.items()
        },
        scores=tuple(
            ModelScore(
                site=each.site.name,
                kind=each.kind,
                status=each.status,
                expected=None if each.expected is None else round(each.expected, _DECIMALS),
                grade=each.score,
                confidence=None if each.confidence is None else round(each.confidence, _DECIMALS),
                reason=each.reason,
            )
            for each in reading.sites
        ),
        warnings=reading.warnings,
    )


def doubt_of(view: ModelView) -> float:
    """How unsure the model is of its points, in [0, 1]: the mean of 1 - confidence, 1 for a point not found.

    Films are offered for marking by this: those teach most on which the model is least sure.
    """
    wanted = POINTS[view.limb]
    return sum(1 - view.points[name].confidence if name in view.points else 1.0 for name in wanted) / len(wanted)
