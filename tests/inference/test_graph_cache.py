"""Graphs lie in the user's cache."""

from pathlib import Path

import pytest

from opensvh.inference.graph_cache import cache_home, graph_folder


def test_the_cache_lies_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert graph_folder("a") == tmp_path / "opensvh" / "graphs" / "a"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_home() == Path.home() / ".cache"
