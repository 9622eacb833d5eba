"""Whether the trail and what it tells of agree: the chain itself, and every stored score against its last entry."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from opensvh.serving.workbench.audit import Verdict, entries, verify
from opensvh.serving.workbench.grades import Place, Said
from opensvh.serving.workbench.tables import Score

SCORE_SAVED = "score saved"
_MOST_SHOWN = 20


def score_subject(reading: str, place: Place) -> str:
    """What the trail calls a score."""
    return ":".join(("score", reading, *place))


def score_content(score: Said) -> dict[str, Any]:
    """What the trail says of a score."""
    return {"status": score.status, "grade": score.grade, "reason": score.reason}


def verify_all(session: Session) -> Verdict:
    """The chain's verdict, and a problem for each score that the trail does not tell of as it stands."""
    verdict = verify(session)
    told = {entry.subject: entry.new for entry in entries(session) if entry.action == SCORE_SAVED}
    problems = list(verdict.problems)
    for score in session.scalars(select(Score)):
        subject = score_subject(score.reading, (score.film, score.site, score.kind))
        said = json.loads(told.pop(subject, "null"))
        if said != score_content(score):
            problems.append(f"{subject} is {score_content(score)}; the trail says {said}")
    problems += [f"{subject} is gone; the trail says {said}" for subject, said in told.items() if said != "null"]
    more = len(problems) - _MOST_SHOWN
    shown = problems if more <= 0 else [*problems[:_MOST_SHOWN], f"and {more} more"]
    return Verdict(verdict.entries, verdict.digest, tuple(shown))
