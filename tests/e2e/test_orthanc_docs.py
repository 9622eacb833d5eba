"""The script in docs/pacs.md, run exactly as it is printed."""

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "pacs.md"
PROMISED_S = 300.0
"""Of a processor: the clock on the wall tells how busy the machine is."""
GIVEN_UP_S = 1500.0
PROGRAMS = ("Orthanc", "storescu", "curl")


def script() -> str:
    """Every block of shell on the page, in order."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))


def used_s() -> float:
    """Processor time of all programs that were started from here and have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_page_has_every_step() -> None:
    for step in (
        "Orthanc orthanc.json",
        "opensvh node --config",
        "storescu",
        "/modalities/opensvh/store",
        "report.pdf",
    ):
        assert step in script()


def test_the_script_works_as_printed(tmp_path: Path) -> None:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        hint = f"not installed: {', '.join(missing)}; sudo apt-get install orthanc orthanc-dicomweb dcmtk curl"
        if os.environ.get("CI"):
            pytest.fail(hint)
        pytest.skip(hint)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    before = used_s()
    with (tmp_path / "output").open("w+") as output:
        shell = subprocess.Popen(
            ["bash", "-eu", "-c", script()],
            cwd=tmp_path, env=os.environ | {"PATH": path}, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            code = shell.wait(timeout=GIVEN_UP_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
        output.seek(0)
        said = output.read()
    assert code == 0, said
    for modality, number in (("SR", 1), ("OT", 1), ("DOC", 1), ("PR", 1), ("DX", 1)):
        assert re.search(rf"^{modality} {number} ", said, re.MULTILINE), said
    assert 'opensvh_studies{state="scored"} 1.0' in said
    assert "0 dead letters" in said
    assert (tmp_path / "pacs-trial" / "report.pdf").read_bytes().startswith(b"%PDF")
    assert '"node down"' in (tmp_path / "pacs-trial" / "node.log").read_text()
    assert used_s() - before < PROMISED_S
