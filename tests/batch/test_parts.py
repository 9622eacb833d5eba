"""Parts of results: whole or not there, counted once, and what a full disk or a killed run leaves."""

import errno
from collections.abc import Callable
from pathlib import Path

import pandas
import pyarrow.dataset
import pytest

from opensvh.batch import parts
from opensvh.batch.parts import Results, Writer, alone_in
from opensvh.batch.rows import FileResult, FilmStatus
from opensvh.domain.errors import OutputConflict

MakeResult = Callable[..., FileResult]
DIGEST = "0123456789abcdef"


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(str(tmp_path), DIGEST)


def table(results: Results, name: str) -> list[dict[str, object]]:
    rows = pyarrow.dataset.dataset(f"{results.out}/{name}", partitioning="hive").to_table().to_pylist()
    return list(rows)


def write_one(results: Results, result: FileResult, end: type[BaseException] | None = None) -> None:
    """A block that writes one result, or ends before it is due."""
    with Writer(results) as writer:
        writer.add(result)
        if end is not None:
            raise end
        writer.write_due(now=True)


def test_what_is_written_is_known_with_its_stamp_and_key(results: Results, result: MakeResult) -> None:
    results.write([result("a", stamp="7-7", key="ka"), result("b", FilmStatus.REFUSED)])
    assert results.known() == {"a": ("7-7", "ka"), "b": ("1-1", "k")}
    assert results.counts() == {FilmStatus.SCORED: 1, FilmStatus.REFUSED: 1, FilmStatus.QUARANTINED: 0}
    assert [(row["film"], row["site"], row["model"]) for row in table(results, "sites")] == [
        ("a", "PIP2", DIGEST),
        ("a", "PIP3", DIGEST),
    ]


def test_refused_and_quarantined_films_may_be_asked_for_again(results: Results, result: MakeResult) -> None:
    results.write([result("a"), result("b", FilmStatus.REFUSED), result("c", FilmStatus.QUARANTINED)])
    assert set(results.known(frozenset({FilmStatus.REFUSED, FilmStatus.QUARANTINED}))) == {"a"}


def test_a_kill_between_sites_and_films_leaves_nothing_after_the_next_start(
    results: Results, result: MakeResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write([result("a")])
    put = Results._put

    def killed(self: Results, name: str, part: str, content: bytes) -> None:
        if name == "films":
            raise KeyboardInterrupt
        put(self, name, part, content)

    monkeypatch.setattr(Results, "_put", killed)
    with pytest.raises(KeyboardInterrupt):
        results.write([result("b")])
    assert {row["film"] for row in table(results, "sites")} == {"a", "b"}
    results.tidy()
    assert {row["film"] for row in table(results, "sites")} == {"a"}
    assert set(results.known()) == {"a"}


def test_a_film_read_anew_takes_the_place_of_its_older_rows(results: Results, result: MakeResult) -> None:
    results.write([result("a", key="old"), result("b")])
    results.write([result("a", key="new")])
    results.tidy()
    assert results.known() == {"a": ("1-1", "new"), "b": ("1-1", "k")}
    assert sorted(row["film"] for row in table(results, "films")) == ["a", "b"]
    assert sorted(row["film"] for row in table(results, "sites")) == ["a", "a", "b", "b"]


def test_a_part_whose_films_are_all_replaced_goes(results: Results, result: MakeResult) -> None:
    results.write([result("a", FilmStatus.QUARANTINED)])
    results.write([result("a")])
    results.tidy()
    assert results.counts()[FilmStatus.QUARANTINED] == 0
    assert len(list(Path(results.out).glob("films/model=*/*.parquet"))) == 1


def test_pandas_reads_a_folder_of_results_with_the_model_as_a_column(results: Results, result: MakeResult) -> None:
    results.write([result("a"), result("b", FilmStatus.REFUSED)])
    films = pandas.read_parquet(f"{results.out}/films", filters=[("status", "=", "scored")])
    assert (list(films["film"]), list(films["model"]), list(films["model_name"])) == (["a"], [DIGEST], ["small"])
    assert len(pandas.read_parquet(f"{results.out}/sites", filters=[("site", "=", "PIP2")])) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_what_was_written_stays(
    results: Results, result: MakeResult, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    results.write([result("a")])

    def full(path: Path, content: bytes) -> None:
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(parts, "write_whole", full)
    with pytest.raises(OutputConflict, match=r"the disk is full, .* MB are free; make room"):
        write_one(results, result("b"))
    assert set(results.known()) == {"a"}


def test_a_block_that_ends_badly_still_writes_what_is_done(results: Results, result: MakeResult) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_one(results, result("a"), KeyboardInterrupt)
    assert set(results.known()) == {"a"}


def test_a_part_waits_for_films_or_for_time(
    results: Results, result: MakeResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FILMS_A_PART", 2)
    with Writer(results) as writer:
        writer.add(result("a"))
        writer.write_due()
        assert results.known() == {}
        writer.add(result("b"))
        writer.write_due()
        assert set(results.known()) == {"a", "b"}
        monkeypatch.setattr(parts, "SECONDS_A_PART", 0.0)
        writer.add(result("c"))
        writer.write_due()
        assert set(results.known()) == {"a", "b", "c"}


def test_a_damaged_part_is_named(results: Results, result: MakeResult) -> None:
    results.write([result("a")])
    [part] = Path(results.out).glob("films/model=*/*.parquet")
    part.write_bytes(b"PAR1 cut short")
    with pytest.raises(OutputConflict, match=rf"{part.name}: is damaged .* remove it"):
        results.known()


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with alone_in(str(tmp_path)), pytest.raises(OutputConflict, match="another batch writes here"):
        alone_in(str(tmp_path)).__enter__()
    with alone_in(str(tmp_path)):
        pass


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputConflict, match="is a file; name a folder"), alone_in(str(tmp_path / "out")):
        pass


def test_halves_of_files_that_a_kill_left_are_removed(tmp_path: Path) -> None:
    partial = tmp_path / "films" / "model=0" / ".part-1.parquet.x.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"half")
    with alone_in(str(tmp_path)):
        assert not partial.exists()
