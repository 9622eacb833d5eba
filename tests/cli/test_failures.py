"""Named failures and interrupts leave the program by its own words; a defect of ours keeps its traceback."""

import pytest
import typer

from opensvh.cli import main as program
from opensvh.domain.errors import FilmUnreadable


def leave_with(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    def app() -> None:
        raise failure

    monkeypatch.setattr(program, "app", app)


def test_a_named_failure_is_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_with(monkeypatch, FilmUnreadable("a.png: holds\nno image; give a radiograph"))
    with pytest.raises(SystemExit) as leaving:
        program.main()
    assert leaving.value.code == 2
    assert capsys.readouterr().err == "opensvh: a.png: holds no image; give a radiograph\n"


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), SystemExit(130)])
def test_an_interrupt_leaves_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failure: BaseException
) -> None:
    leave_with(monkeypatch, failure)
    with pytest.raises(SystemExit) as leaving:
        program.main()
    assert leaving.value.code == 130
    assert capsys.readouterr().err == "opensvh: interrupted\n"


def test_other_exit_codes_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_with(monkeypatch, SystemExit(7))
    with pytest.raises(SystemExit) as leaving:
        program.main()
    assert leaving.value.code == 7


def test_a_defect_is_not_dressed_up_as_a_user_s_error(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_with(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        program.main()


def test_every_command_has_a_sentence_of_help() -> None:
    group = typer.main.get_command(program.app)
    assert isinstance(group, typer.core.TyperGroup)
    assert all(command.help for command in group.commands.values())
