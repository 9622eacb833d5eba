from pathlib import Path

import pytest
from pydantic import TypeAdapter

from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Box
from opensvh.workflows.evaluate_real_store import Store, claim, key_of


def kept(store: Store[Box], key: str, made: Box) -> tuple[Box, bool]:
    """What the store answers, and whether it was made."""
    calls = []
    answer = store.kept("films/a.jpg", key, lambda: calls.append(1) or made)  # type: ignore[func-returns-value]
    return answer, bool(calls)


def test_what_was_made_is_read_back_until_its_key_changes(tmp_path: Path) -> None:
    store = Store(tmp_path, TypeAdapter(Box))
    first, second = Box(0, 0, 2, 2), Box(1, 1, 3, 3)
    assert kept(store, "a", first) == (first, True)
    assert kept(store, "a", second) == (first, False)
    assert kept(store, "b", second) == (second, True)


@pytest.mark.parametrize("content", ["{", "[]", '{"key": "a"}', '{"key": "a", "made": {"left": 0}}'])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path, TypeAdapter(Box))
    kept(store, "a", Box(0, 0, 2, 2))
    [path] = tmp_path.iterdir()
    path.write_text(content)
    assert kept(store, "a", Box(1, 1, 3, 3)) == (Box(1, 1, 3, 3), True)


def test_a_key_tells_parts_apart() -> None:
    assert key_of("a", "b") != key_of("b", "a")
    assert key_of(1, "a") == key_of("1", "a")


def test_an_earlier_run_s_folder_is_taken_again_and_no_other(tmp_path: Path) -> None:
    claim(tmp_path / "out")
    claim(tmp_path / "out")
    (tmp_path / "file").write_text("mine")
    for other in (tmp_path / "file", tmp_path):
        with pytest.raises(OutputConflict):
            claim(other)
