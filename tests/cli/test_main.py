"""How the program starts and how it fails: help at once, one line for what the user can mend, never a traceback."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]
HEAVY = {
    "torch", "lightning", "monai", "ray", "fastapi", "pandas", "numpy", "cv2", "matplotlib", "pydicom", "scipy",
    "sklearn", "numba", "jinja2", "pydantic",
}  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


def seconds(*arguments: str) -> float:
    """Processor time of the whole program: the wall's on an idle machine, and the same on a busy one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_answers_within_half_a_second() -> None:
    assert min(seconds("--help") for _ in range(3)) < 0.5


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from opensvh.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print('LOADED', *{name.split('.')[0] for name in sys.modules})"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    loaded = set(shown.rpartition("LOADED")[2].split())
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_help_names_the_commands_and_the_limits_of_use() -> None:
    shown = run("--help").stdout
    assert "evaluate" in shown
    assert "research use only" in " ".join(shown.split())


def test_no_command_shows_the_help() -> None:
    result = run()
    assert "Usage" in result.stdout + result.stderr


def test_version() -> None:
    assert run("--version").stdout.startswith("opensvh ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("evaluate",),
        ("evaluate", "--data", "nowhere", "-o", "out", "--colour"),
    ],
)
def test_a_wrong_command_line_leaves_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_a_broken_dataset_is_one_line_on_stderr_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "joints.json").write_text("{")
    result = run("evaluate", "--data", str(tmp_path), "-o", str(tmp_path / "out"))
    assert result.returncode == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("opensvh: ")
    assert "joints.json" in line


def test_a_missing_dataset_is_one_line_on_stderr_and_code_2(tmp_path: Path) -> None:
    result = run("evaluate", "--data", str(tmp_path / "nowhere"), "-o", str(tmp_path / "out"))
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    assert "nowhere" in line
    assert not (tmp_path / "out").exists()
