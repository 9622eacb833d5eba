"""The page that comes along is the one that `web/` builds: the same sources give the same bytes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from opensvh.serving.workbench.api.page import STATIC

WEB = Path(__file__).parents[3] / "web"
HINT = "npm is missing; apt-get install -y nodejs npm"
MODULES = "node_modules"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh build; with the packages that lie in `web/`, else with those of the lock file."""
    npm = shutil.which("npm")
    if npm is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HINT)
    folder, out = WEB, tmp_path_factory.mktemp("built") / "static"
    if not (WEB / MODULES / ".package-lock.json").is_file():
        folder = tmp_path_factory.mktemp("web") / "web"
        shutil.copytree(WEB, folder, ignore=shutil.ignore_patterns(MODULES))
        _run([npm, "ci", "--no-audit", "--no-fund"], folder)
    _run([npm, "run", "build", "--", "--outDir", str(out), "--emptyOutDir"], folder)
    return out


def test_the_page_that_comes_along_is_a_fresh_build(built: Path) -> None:
    assert _contents(STATIC).keys() == _contents(built).keys(), "npm run build in web/, and commit static/"
    assert _contents(STATIC) == _contents(built), "npm run build in web/, and commit static/"


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
