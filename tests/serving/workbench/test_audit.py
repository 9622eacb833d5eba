"""The trail: it grows by every change, cannot be altered through the database, and betrays whoever gets round that."""

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from opensvh.serving.workbench.audit import Told, record, verify
from opensvh.serving.workbench.settings import Settings
from opensvh.serving.workbench.store import Store

from .conftest import Served


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "postgresql":
        return Store(request.getfixturevalue("fresh_database"))
    return Store(f"sqlite:///{tmp_path / 'workbench.sqlite'}")


@pytest.fixture
def written(store: Store) -> Store:
    for number in range(5):
        with store.writing() as session:
            record(session, Told("anna", "score saved", f"score:{number}", old=None, new={"grade": number}))
    return store


def test_an_untouched_trail_is_whole(written: Store) -> None:
    with written.reading() as session:
        verdict = verify(session)
    assert (verdict.entries, verdict.problems) == (5, ())


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET new = '4'", "DELETE FROM audit_entry WHERE number = 5"])
def test_the_database_refuses_to_alter_the_trail(written: Store, change: str) -> None:
    with pytest.raises(DatabaseError, match="only grows"), written.writing() as session:
        session.execute(text(change))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE audit_entry SET new = '{\"grade\":4}' WHERE number = 2", "entry 2 was altered"),
        ("UPDATE audit_entry SET actor = 'ben' WHERE number = 3", "entry 3 was altered"),
        ("DELETE FROM audit_entry WHERE number = 3", "entry 3 is missing"),
        ("DELETE FROM audit_entry WHERE number = 5", "were cut off"),
    ],
)
def test_who_gets_round_the_triggers_is_found(tmp_path: Path, change: str, found: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'workbench.sqlite'}")
    for number in range(5):
        with store.writing() as session:
            record(session, Told("anna", "score saved", f"score:{number}", new={"grade": number}))
    with sqlite3.connect(tmp_path / "workbench.sqlite") as raw:
        raw.execute("DROP TRIGGER audit_entry_no_update")
        raw.execute("DROP TRIGGER audit_entry_no_delete")
        raw.execute(change)
    with store.reading() as session:
        problems = verify(session).problems
    assert any(found in problem for problem in problems), problems


def test_writers_at_once_make_one_chain(written: Store) -> None:
    import threading

    def write(name: str) -> None:
        for number in range(10):
            with written.writing() as session:
                record(session, Told(name, "score saved", f"score:{number}"))

    threads = [threading.Thread(target=write, args=(f"reader {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with written.reading() as session:
        verdict = verify(session)
    assert (verdict.entries, verdict.problems) == (45, ())


def test_a_change_that_fails_leaves_neither_itself_nor_an_entry(written: Store) -> None:
    with pytest.raises(ZeroDivisionError), written.writing() as session:
        _record_and_fail(session)
    with written.reading() as session:
        assert verify(session).entries == 5


def _record_and_fail(session: Session) -> None:
    record(session, Told("anna", "score saved", "score:9"))
    session.flush()
    _ = 1 / 0


def test_the_trail_says_who_did_what_with_which_software(served: Served) -> None:
    served.add("anna", "reader")
    entries = served.page("mia").ok("GET", "/api/audit")
    added = next(each for each in entries if each["action"] == "account added" and each["actor"] == "mia")
    assert added["new"] == {"name": "anna", "role": "reader"}
    assert added["software"].startswith("OpenSvH ")
    assert added["at"].endswith("+00:00")
    assert "password" not in json.dumps(added)


def test_the_command_verifies_a_folder(served: Served, settings: Settings) -> None:
    from typer.testing import CliRunner

    from opensvh.cli.main import app

    asked = ["serve", "--data", str(settings.data), "--verify-audit"]
    whole = CliRunner().invoke(app, asked)
    assert (whole.exit_code, "whole" in whole.stdout) == (0, True)
    with sqlite3.connect(settings.data / "workbench.sqlite") as raw:
        raw.execute("UPDATE audit_head SET digest = 'x'")
    broken = CliRunner().invoke(app, asked)
    assert (broken.exit_code, "broken" in broken.stdout) == (1, True)
