"""Many studies in a row through a node beside a real PACS, with kill -9 at random moments: is each scored exactly once?

`python validation/node_endurance.py --films FILMS -o OUT`: FILMS holds a film set (`opensvh simulate -o FILMS`), whose
films are shrunk, given new names and UIDs, and sent by Orthanc one a study. OUT/endurance.json says what came of it. A
run that was stopped goes on when the same command is given again.
"""

import argparse
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import cv2
import numpy as np
import requests
from orthanc import AE_TITLE, Orthanc, free_port
from running_node import RunningNode, toml, wait_until

from opensvh.domain.anatomy import FILM_CODES
from opensvh.io.dicom_writer import FilmTags, write_dicom
from opensvh.serving.database import DATABASE

SHRUNK = 0.5
PIXEL_MM = 0.4
AHEAD = 6
"""Studies sent before the results of the first of them are back: kills meet films that come, are read, and are sent."""
LONGEST_STUDY_S = 600.0
FILM_CLASS = "1.2.840.10008.5.1.4.1.1.1.1"
WANTED = Counter(
    {
        "1.2.840.10008.5.1.4.1.1.88.33": 2,
        "1.2.840.10008.5.1.4.1.1.7": 1,
        "1.2.840.10008.5.1.4.1.1.104.1": 1,
        "1.2.840.10008.5.1.4.1.1.11.1": 1,
    }
)
"""One set of results: two reports, the sheet, the page, an overlay."""


@dataclass(frozen=True)
class Trial:
    """How many studies, how many kills, and what decides when."""

    films: Path
    out: Path
    studies: int
    kills: int
    seed: int

    def film(self, number: int) -> Path:
        """The DICOM film of a study, made when it is first asked for."""
        path = self.out / "sent" / f"{number:04d}.dcm"
        if not path.exists():
            found = sorted(self.films.glob("images/*.png"))
            source = found[number % len(found)]
            pixels = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
            small = cv2.resize(pixels, None, fx=SHRUNK, fy=SHRUNK, interpolation=cv2.INTER_AREA)
            limb, side = FILM_CODES[source.stem.rpartition("-")[2]]
            write_dicom(path, small, FilmTags(limb, side, f"E{number:04d}", PIXEL_MM, seed=self.seed))
        return path


@dataclass
class Ward:
    """The PACS, the node, and what is known of the studies between them."""

    trial: Trial
    pacs: Orthanc
    node: RunningNode

    @classmethod
    def of(cls, trial: Trial) -> "Ward":
        """On free ports, with what an earlier run left in the folder."""
        node_port, monitor_port = free_port(), free_port()
        pacs = Orthanc(trial.out / "orthanc", node_port, more={"StorageCompression": True})
        told: dict[str, Any] = {
            "folder": "node",
            "receive": {
                "host": "127.0.0.1",
                "port": node_port,
                "peers": [{"ae_title": AE_TITLE, "addresses": ["127.0.0.1"]}],
            },
            "score": {"quiet_s": 2.0, "threads": 1, "film_timeout_s": LONGEST_STUDY_S},
            "retry": {"first_s": 1.0, "longest_s": 10.0, "attempts": 1000},
            "destinations": [
                {
                    "kind": "dicom",
                    "name": "pacs",
                    "ae_title": AE_TITLE,
                    "host": "127.0.0.1",
                    "port": pacs.dicom_port,
                    "commitment": True,
                    "commitment_s": 60.0,
                }
            ],
            "monitor": {"port": monitor_port},
            "keep": {"films_days": 1.0, "results_days": 0.0},
        }
        config = trial.out / "node.toml"
        config.write_text(toml(told), encoding="utf-8")
        return cls(trial, pacs, RunningNode(config, monitor_port))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the node's database says."""
        database = self.trial.out / "node" / DATABASE
        if not database.exists():
            return []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=60)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def delivered(self) -> int:
        """Sets of results that the PACS has committed to."""
        rows = self.rows("SELECT count(*) FROM delivery WHERE state = 'sent'")
        return int(rows[0][0]) if rows else 0

    def send(self, number: int) -> int:
        """Send a study until it is taken, as a modality does; how often it was refused."""
        instance = self.pacs.put_film(self.trial.film(number))
        for refused in range(10_000):
            try:
                self.pacs.send(instance)
                return refused
            except requests.RequestException:
                self._restart_if_dead()
                time.sleep(0.5)
        raise RuntimeError(f"study {number} was never taken")

    def kill_while_reading(self) -> dict[str, object]:
        """kill -9 at this moment, and a start; what the node was doing."""
        doing = self._doing("what it had in hand")
        self.node.kill()
        self.node.start()
        return doing

    def kill_while_sending(self, number: int, after_s: float) -> tuple[dict[str, object], int]:
        """kill -9 while a study is being sent, which is sent until it is taken; what the node was doing, refusals."""
        doing = self._doing("a film on its way to it")
        killing = Timer(after_s, self.node.kill)
        killing.start()
        refused = self.send(number)
        killing.join()
        self._restart_if_dead()
        return doing, refused

    def _doing(self, moment: str) -> dict[str, object]:
        states = dict(self.rows("SELECT state, count(*) FROM study GROUP BY 1"))
        on_the_way = self.rows("SELECT count(*) FROM delivery WHERE state IN ('waiting', 'asked')")[0][0]
        delivered = self.delivered()
        return {"with": moment, "after_results_of": delivered, "studies": states, "deliveries_on_the_way": on_the_way}

    def _restart_if_dead(self) -> None:
        if not self.node.alive():
            self.node.start()


def run(trial: Trial) -> dict[str, object]:
    """Send what is not sent, kill at random, wait for all results; figures."""
    rng = np.random.default_rng(trial.seed)
    kill_after = sorted(int(each) for each in rng.integers(1, trial.studies, trial.kills))
    ward, begun = Ward.of(trial), time.monotonic()
    noted = Notes(trial.out / "notes.json")
    ward.pacs.start()
    ward.node.start()
    try:
        while ward.delivered() < trial.studies:
            delivered, kills, sent = ward.delivered(), len(noted.get("kills", [])), noted.get("sent", 0)
            is_time = kills < trial.kills and delivered >= kill_after[kills]
            if is_time and (kills % 2 == 0 or sent == trial.studies):
                time.sleep(rng.uniform(0.0, noted.seconds_a_study(delivered, begun)))
                noted.append("kills", ward.kill_while_reading())
            elif sent < trial.studies and sent - delivered < AHEAD:
                _send_next(ward, noted, rng.uniform(0.0, 0.2) if is_time else None)
            time.sleep(0.1)
        wait_until(lambda: not ward.rows("SELECT 1 FROM delivery WHERE state != 'sent'"), LONGEST_STUDY_S)
        noted.add("seconds", time.monotonic() - begun)
        return figures(ward, noted)
    finally:
        ward.node.stop()
        ward.pacs.stop()


def _send_next(ward: Ward, noted: "Notes", kill_after_s: float | None) -> None:
    """Send the next study, with a kill on the way where one is due."""
    number = noted.get("sent", 0)
    if kill_after_s is None:
        noted.add("refused", ward.send(number))
    else:
        doing, refused = ward.kill_while_sending(number, kill_after_s)
        noted.add("refused", refused)
        noted.append("kills", doing)
    noted.set("sent", number + 1)


def figures(ward: Ward, noted: "Notes") -> dict[str, object]:
    """What the PACS and the node's database hold, study by study."""
    sets = dict(_results_by_study(ward.pacs))
    versions = Counter(row[0] for row in ward.rows("SELECT version FROM study"))
    return {
        "studies": ward.trial.studies,
        "with exactly one set of results in the PACS": sum(each == WANTED for each in sets.values()),
        "lost": ward.trial.studies - sum(bool(each) for each in sets.values()),
        "with objects too many or too few": sum(bool(each) and each != WANTED for each in sets.values()),
        "studies in the node by number of versions": {str(key): count for key, count in sorted(versions.items())},
        "log lines `study scored`": len(ward.node.events("study scored")),
        "films put aside": len(ward.node.events("film put aside")),
        "sends of a film that were refused while the node was down": noted.get("refused", 0),
        "kills": noted.get("kills", []),
        "minutes": round(noted.get("seconds", 0.0) / 60, 1),
    }


def _results_by_study(pacs: Orthanc) -> Iterator[tuple[str, Counter[str]]]:
    for study in pacs.get("/studies"):
        instances = pacs.get(f"/studies/{study}/instances")
        classes = (pacs.sop_class(each["ID"]) for each in instances)
        yield study, Counter(each for each in classes if each != FILM_CLASS)


class Notes:
    """What a run must remember when it is stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, name: str, otherwise: Any) -> Any:
        """What is noted, or else the other."""
        return self._held.get(name, otherwise)

    def set(self, name: str, value: object) -> None:
        """Note it, on the disk."""
        self._held[name] = value
        self._path.write_text(json.dumps(self._held), encoding="utf-8")

    def add(self, name: str, amount: float) -> None:
        """Note more of it."""
        self.set(name, self.get(name, 0) + amount)

    def append(self, name: str, value: object) -> None:
        """Note one more of them."""
        self.set(name, [*self.get(name, []), value])

    @staticmethod
    def seconds_a_study(delivered: int, begun: float) -> float:
        """How long a study has taken so far, within bounds."""
        return min(60.0, (time.monotonic() - begun) / max(delivered, 1))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--films", type=Path, required=True)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    result = run(Trial(told.films, told.out, told.studies, told.kills, told.seed))
    (told.out / "endurance.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
