"""`opensvh node` without a node: its example, its dead letters, and what it refuses before anything starts."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from opensvh.cli.main import app
from opensvh.domain.errors import ConfigInvalid, OutputConflict
from opensvh.serving.database import Database
from opensvh.serving.node_config import example, read_node_config
from opensvh.serving.queue import ReceivedFilm, StudyQueue


def node(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["node", *arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(example())
    return path


def test_the_example_is_printed_as_it_is() -> None:
    assert node("--example").output == example()


def test_a_wrong_key_is_named_before_anything_starts(config: Path) -> None:
    config.write_text(example().replace("quiet_s", "quiet"))
    failure = node("--config", str(config)).exception
    assert isinstance(failure, ConfigInvalid)
    assert str(failure).startswith(f"{config}: score.quiet")


@pytest.mark.parametrize("arguments", [[], ["--config", "node.toml", "--retry"]])
def test_options_that_do_not_go_together_are_refused(arguments: list[str]) -> None:
    assert node(*arguments).exit_code == 2


def test_dead_letters_of_a_node_that_never_ran_are_an_error(config: Path) -> None:
    failure = node("--config", str(config), "--dead-letters").exception
    assert isinstance(failure, OutputConflict)
    assert not (config.parent / "node").exists()


def test_a_film_put_aside_is_listed_and_tried_again(config: Path) -> None:
    database = Database(read_node_config(config).folder)
    queue = StudyQueue(database, film_tries=1)
    queue.add(ReceivedFilm("1.2.3", "1.2", "films/x.dcm", "x"), 0.0, 0.0)
    job = queue.claim(1.0)
    assert job is not None
    queue.died(job, "1.2.3", 1.0, "the worker died (signal SIGSEGV)")
    listed = node("--config", str(config), "--dead-letters").output.splitlines()
    assert listed == ["film 1.2.3 of study 1.2: put aside after 1 tries", "1 dead letters"]
    assert "all to be tried again" in node("--config", str(config), "--dead-letters", "--retry").output
    again = queue.claim(1e12)
    assert again is not None
    assert [film.uid for film in again.films] == ["1.2.3"]
    database.close()
