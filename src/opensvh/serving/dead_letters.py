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
    """`what`: delivery, film, study or destination; `uid` of the study or film, or its name; `problem` in words."""

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
        letters += _nameless(config, outbox)
        if retry:
            queue.retry(time.time())
            outbox.retry(time.time())
        return letters
    finally:
        database.close()


def _delivery(destination: str, attempts: int, problem: str) -> str:
    return f"to {destination}, given up after {attempts} attempts: {problem}"


def _nameless(config: NodeConfig, outbox: Outbox) -> list[DeadLetter]:
    """Destinations that results wait for, and that the file has lost."""
    waiting = {name: count for (name, state), count in outbox.depth().items() if state in ("waiting", "asked")}
    lost = {name: count for name, count in waiting.items() if config.destination(name) is None}
    return [DeadLetter("destination", name, f"is not in the file any more, and {count} deliveries wait for it")
            for name, count in lost.items()]  # fmt: skip
