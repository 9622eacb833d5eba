"""What a person must look at: deliveries given up, films put aside, studies that failed; listed and tried again."""

import time
from dataclasses import dataclass

import numpy as np

from opensvh.domain.errors import OutputConflict
from opensvh.serving.database import DATABASE, Database
from opensvh.serving.node_config import NodeConfig
from opensvh.serving.outbox import Outbox
from opensvh.serving.queue import StudyQueue


@dataclass(frozen=True)
class DeadLetter:
    """`what`: delivery, film or study; `uid` of the study or film; `problem` in words."""

    what: str
    uid: str
    problem: str


def dead_letters(config: NodeConfig, retry: bool) -> list[DeadLetter]:
    """What was given up; `retry` makes all of it due again. A node may be at work meanwhile, and takes it up."""
    if not (config.folder / DATABASE).is_file():
        raise OutputConflict(f"{config.folder}: no node was at work here; name its own file with --config")
    database = Database(config.folder)
    try:
        queue = StudyQueue(database, config.score.film_tries)
        outbox = Outbox(database, config.retry, np.random.default_rng())
        letters = [DeadLetter("delivery", each.study, _delivery(each.destination, each.attempts, each.problem))
                   for each in outbox.dead()]  # fmt: skip
        letters += [DeadLetter(each.what, each.uid, each.problem) for each in queue.troubles()]
        if retry:
            queue.retry(time.time())
            outbox.retry(time.time())
        return letters
    finally:
        database.close()


def _delivery(destination: str, attempts: int, problem: str) -> str:
    return f"to {destination}, given up after {attempts} attempts: {problem}"
