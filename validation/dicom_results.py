"""What validators say of DICOM results: every line, and whether docs/dicom_out.md explains it.

    python validation/dicom_results.py FOLDER [--templates]

`dciodvfy` (Debian's dicom3tools) checks each object against its definition, `dsrdump` (dcmtk) reads the reports as a
tree. `--templates` also runs DicomSRValidator (Debian's pixelmed-apps, Java), which checks reports against the
templates of PS3.16 and takes most of a minute each. Exit code 1 where a line is not explained.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = {
    r"Unrecognized defined term <99SVH> for value 1 of attribute <Coding Scheme Designator>": (
        "a private scheme: defined terms may be added to, designators that begin with 99 are kept for that (PS3.16, "
        "8), and each object names the scheme in its Coding Scheme Identification Sequence"
    ),
    r"Missing attribute or value that would be needed to build DICOMDIR - (Patient ID|Study (Date|Time|ID))": (
        "the source film has none and none is made up; the attribute is present and empty (type 2)"
    ),
    r"\(0x0008,0x001c\)": (
        "Synthetic Data, copied from simulated films; the validator's dictionary is older than the attribute"
    ),
    r"Dicom dataset contains attributes not present in standard DICOM IOD - this is a Standard Extended SOP Class": (
        "sums up the line about Synthetic Data above"
    ),
    r"should be absent \(not empty\) if an unpaired body part.*attribute <Laterality>": (
        "the overlay of a film that shows both sides: the Laterality of a series knows only left and right"
    ),
}
"""Lines of dciodvfy that stay, as patterns, and why."""

ACCEPTED_OF_TEMPLATES = {
    r'Procedure reported.*Code \(43468-8,LN,"XR unspecified body region"\) not found in context group 100': (
        "the validator's tables are of 2022; the code is in CID 100 today"
    ),
    r"Warning: .*/CODE \((SVBESCR|SVJSNSCR|SUM)_STATUS,99SVH,.*Content Item not in template": (
        "the templates are extensible, and leave the names of qualitative evaluations open"
    ),
    r'Warning: .*/TEXT \(121106,DCM,"Comment"\): Content Item not in template': (
        "the templates are extensible: the reason why there is no score, in words"
    ),
    r"Warning: .*C0034375,UMLS,.*Content Item not in template": (
        "the templates are extensible: the notice and warnings about films, in words"
    ),
}
"""Lines of DicomSRValidator that stay, and why."""

_FINDING = re.compile(r"\b(error|warning)\b", re.IGNORECASE)
_JAVA = "-Djdk.xml.xpathExprOpLimit=0 -Djdk.xml.xpathTotalOpLimit=0 -Djdk.xml.xpathExprGrpLimit=0"
"""The validator's templates are longer than Java allows by default."""
PACKAGES = {"dciodvfy": "dicom3tools", "dsrdump": "dcmtk", "DicomSRValidator": "pixelmed-apps"}


@dataclass(frozen=True)
class Finding:
    """A validator's line about a file, how often it stands there, and why it may; "" where nothing says so."""

    file: str
    line: str
    times: int
    reason: str


def main() -> int:
    """Print every line; 1 where one is not explained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--templates", action="store_true", help="check reports against their templates (Java, slow)")
    arguments = parser.parse_args()
    findings = [each for path in dicom_files(arguments.folder) for each in checked(path, arguments.templates)]
    for each in findings:
        print(f"{each.file}: {each.line} (x {each.times}): {each.reason or 'NOT EXPLAINED'}")
    unexplained = sum(not each.reason for each in findings)
    print(f"{len(findings)} lines, {unexplained} of them not explained")
    return 1 if unexplained else 0


def dicom_files(folder: Path) -> list[Path]:
    """The results below a folder."""
    return sorted(folder.rglob("*.dcm"))


def checked(path: Path, with_templates: bool = False) -> Iterator[Finding]:
    """What the validators say of one file; raises FileNotFoundError naming the package of one that is missing."""
    yield from _findings(path, _lines("dciodvfy", path), ACCEPTED)
    if is_report(path):
        yield from _findings(path, _lines("dsrdump", path), {})
        if with_templates:
            yield from _findings(path, _lines("DicomSRValidator", path), ACCEPTED_OF_TEMPLATES)


def is_report(path: Path) -> bool:
    """Whether it is one of the two structured reports, by its name."""
    return path.stem in ("sites", "totals")


def _lines(program: str, path: Path) -> Iterable[str]:
    """The lines that report an error or a warning; a program that fails without one counts as one."""
    if shutil.which(program) is None:
        raise FileNotFoundError(f"{program} is not installed: apt-get install -y {PACKAGES[program]}")
    environment = {**os.environ, "JAVA_TOOL_OPTIONS": _JAVA}
    done = subprocess.run([program, str(path)], capture_output=True, text=True, errors="replace", env=environment)
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines()]
    found = [line for line in lines if _FINDING.search(line) and not line.startswith("Picked up")]
    if program == "dsrdump":
        found = [line for line in found if line.startswith(("E:", "W:"))]
    if done.returncode and not found:
        found = [f"Error: {program} ends with {done.returncode}: {lines[-1] if lines else ''}"]
    return found


def _findings(path: Path, lines: Iterable[str], accepted: dict[str, str]) -> Iterator[Finding]:
    for line, times in Counter(lines).items():
        reason = next((why for pattern, why in accepted.items() if re.search(pattern, line)), "")
        yield Finding(path.name, line, times, reason)


if __name__ == "__main__":
    sys.exit(main())
