"""A number of threads holds for what is loaded, and for what is loaded later."""

import os
import sys

import pytest
import torch

from opensvh.inference.threads import VARIABLE, threads, use_threads


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> object:
    """The environment and PyTorch are left as they were."""
    monkeypatch.setenv(VARIABLE, os.environ.get(VARIABLE, ""))
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_what_is_said_holds_for_pytorch_and_for_child_processes() -> None:
    use_threads(3)
    assert torch.get_num_threads() == 3
    assert os.environ[VARIABLE] == "3"
    assert threads() == 3


def test_without_pytorch_the_variable_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    use_threads(5)
    assert threads() == 5
    monkeypatch.setenv(VARIABLE, "2,1")
    assert threads() == 2


@pytest.mark.parametrize("said", ["", "0", "many"])
def test_where_nothing_sound_is_said_all_cores_are_taken(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setenv(VARIABLE, said)
    assert threads() == len(os.sched_getaffinity(0))
