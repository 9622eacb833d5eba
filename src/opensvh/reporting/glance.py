"""What is read in half a minute, in words and numbers ready to be set: the top of `html`, the first page of `pdf`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opensvh.domain.anatomy import FILM_CODES, Kind, film_code
from opensvh.domain.reading import StudyReading
from opensvh.reporting import summary, words
from opensvh.reporting.changes import Changes, SiteChange, TotalChange, changes_since
from opensvh.reporting.figure_of_limbs import LimbFigure, figures_of_limbs
from opensvh.reporting.intervals import CALIBRATED_WITH, Interval, total_interval
from opensvh.reporting.overlay import FilmPicture
from opensvh.reporting.worst_joints import WorstJoint, worst_joints


@dataclass(frozen=True)
class SumLine:
    """A sum as it is told; `share` and `band` are the value and its interval as shares of the possible sum."""

    title: str
    value: str
    possible: str
    interval: str
    counted: str
    is_complete: bool
    share: float | None
    band: tuple[float, float] | None


@dataclass(frozen=True)
class ChangeLine:
    """What became of the last visit's total: `value` is `+5.3`, a dash where there is nothing to compare.

    `sites`: each site that changed and how; `doubts`: what makes the comparison uncertain.
    """

    title: str
    value: str
    is_detectable: bool
    verdict: str
    lines: tuple[str, ...]
    sites: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class GapLine:
    """Something that was not assessed: what, which sites or limbs, and why ("" where the first two say it)."""

    lead: str
    text: str
    reason: str


@dataclass(frozen=True)
class Glance:
    """The first page's content, in the order in which it is read."""

    patient: str
    subtitle: str
    sums: tuple[SumLine, ...]
    change: ChangeLine
    limbs: tuple[LimbFigure, ...]
    worst: tuple[WorstJoint, ...]
    no_worst: str
    gaps: tuple[GapLine, ...]
    cautions: tuple[tuple[str, str], ...]
    intervals_are: str


def glance_at(study: StudyReading, pictures: Mapping[str, FilmPicture], previous: StudyReading | None) -> Glance:
    """Everything that stands first in a report of `study`."""
    return Glance(
        patient=study.patient,
        subtitle=_subtitle(study),
        sums=tuple(_sum_line(study, kind) for kind in (None, *Kind)),
        change=_change_line(study, changes_since(study, previous)),
        limbs=figures_of_limbs(study),
        worst=worst_joints(study, pictures),
        no_worst=words.WORST_NONE if study.films else words.WORST_UNREAD,
        gaps=tuple(_gap_lines(study)),
        cautions=tuple(_cautions(study)),
        intervals_are=words.INTERVALS_ARE.format(model=CALIBRATED_WITH),
    )


def _subtitle(study: StudyReading) -> str:
    films = words.counted(words.FILMS_READ, len(study.films))
    if study.refused:
        films = f"{films}, {words.FILMS_REFUSED.format(count=len(study.refused))}"
    return " · ".join([*_when(study), films, words.model_names(study.models)])


def _when(study: StudyReading) -> list[str]:
    """The day and the visit, as far as they are known."""
    return [told for told in (study.date, study.visit) if told]


def _sum_line(study: StudyReading, kind: Kind | None) -> SumLine:
    each = summary.study_total(study, kind)
    interval = total_interval(study, kind)
    return SumLine(
        title=words.SUM_TITLES[kind],
        value=sum_text(each),
        possible=words.POSSIBLE.format(possible=each.possible),
        interval=_interval_text(each, interval),
        counted=(words.COUNTED_PART if 0 < each.total.assessed < each.total.sites else words.COUNTED).format(
            assessed=each.total.assessed, sites=each.total.sites, maximum=each.total.maximum
        ),
        is_complete=each.total.complete,
        share=each.total.value / each.possible if each.total.assessed else None,
        band=None if interval is None else (interval.low / each.possible, interval.high / each.possible),
    )


def sum_text(each: summary.LimbTotal) -> str:
    """The sum with one decimal; a dash where nothing was assessed."""
    return f"{each.total.value:.1f}" if each.total.assessed else words.NO_SCORE


def _interval_text(each: summary.LimbTotal, interval: Interval | None) -> str:
    if interval is not None:
        return words.INTERVAL.format(low=interval.low, high=interval.high)
    return words.NO_INTERVAL if each.total.assessed else ""


def _change_line(study: StudyReading, changes: Changes | None) -> ChangeLine:
    if changes is None:
        return ChangeLine(words.CHANGE_TITLE, words.NO_SCORE, False, words.FIRST_VISIT, (), (), ())
    when = _when(changes.previous)
    title = words.CHANGE_TITLE_WHEN.format(when=when[0]) if when else words.CHANGE_TITLE
    doubts = tuple(_doubts(study, changes))
    if not changes.compared:
        return ChangeLine(title, words.NO_SCORE, False, words.NOTHING_COMPARED, (), (), doubts)
    return ChangeLine(
        title=title,
        value=words.signed(changes.total.difference),
        is_detectable=changes.total.is_detectable,
        verdict=_verdict(changes.total),
        lines=(_from_to(changes), _by_kind(changes)),
        sites=tuple(map(_site_line, changes.sites)),
        doubts=doubts,
    )


def _verdict(total: TotalChange) -> str:
    if total.detectable is None:
        return words.CHANGE_UNKNOWN
    return (words.CHANGE_REAL if total.is_detectable else words.CHANGE_CHANCE).format(detectable=total.detectable)


def _from_to(changes: Changes) -> str:
    told = words.CHANGE_FROM_TO.format(before=changes.total.before, now=changes.total.now)
    if changes.compared == changes.scored_now:
        return told
    return f"{told}, {words.CHANGE_COMPARED.format(compared=changes.compared, scored=changes.scored_now)}"


def _by_kind(changes: Changes) -> str:
    return ", ".join(
        words.CHANGE_KIND.format(kind=words.KINDS[each.kind], difference=words.signed(each.difference))
        for each in changes.kinds
        if each.kind is not None
    )


def _doubts(study: StudyReading, changes: Changes) -> list[str]:
    doubts = []
    if not changes.same_model:
        doubts.append(words.OTHER_MODEL.format(models=words.model_names(changes.previous.models)))
    if changes.previous.patient != study.patient:
        doubts.append(words.OTHER_NAME.format(patient=changes.previous.patient))
    return doubts


def _site_line(change: SiteChange) -> tuple[str, str]:
    where = f"{words.film_label(change.film)} {words.site_label(change.site.limb, change.site.name)}"
    return f"{where}, {words.KINDS[change.kind]}", words.CHANGE_SITE.format(before=change.before, now=change.now)


def _gap_lines(study: StudyReading) -> list[GapLine]:
    lines = [GapLine(words.REFUSED, film.film, film.reason.removeprefix(f"{film.film}: ")) for film in study.refused]
    if missing := summary.missing_films(study):
        limbs = words.listed([words.film_label(code).lower() for code in FILM_CODES if code in missing])
        text = words.MISSING_TEXT.format(limbs=limbs, scores=summary.unscored_sites(missing))
        lines.append(GapLine(words.MISSING, text, ""))
    return lines + [
        GapLine(words.film_label(gap.film), ", ".join(gap.sites), gap.reason) for gap in summary.gaps(study)
    ]


def _cautions(study: StudyReading) -> Iterator[tuple[str, str]]:
    """Warnings with their films, once each, less those that are given as the reason of a missing score."""
    films: dict[str, list[str]] = {}
    for film in study.films:
        reasons = {reading.reason for reading in film.sites}
        for warning in film.warnings:
            if warning not in reasons:
                films.setdefault(warning, []).append(words.film_label(film_code(film.limb, film.side)))
    return ((words.listed(labels), warning) for warning, labels in films.items())
