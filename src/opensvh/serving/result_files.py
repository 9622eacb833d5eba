"""Which objects a study's results consist of, told by their headers and not by their names."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread

SUFFIX = ".dcm"
_KINDS = {
    "1.2.840.10008.5.1.4.1.1.7": "sc",
    "1.2.840.10008.5.1.4.1.1.7.4": "sc",
    "1.2.840.10008.5.1.4.1.1.104.1": "pdf",
    "1.2.840.10008.5.1.4.1.1.11.1": "gsps",
}
"""SOP class (PS3.4, B.5) -> what the node's file calls it; every other one is a report."""
_REPORT = "sr"


@dataclass(frozen=True)
class ResultFile:
    """A result object and what a sender negotiates for it."""

    path: Path
    kind: str
    sop_class: str
    uid: str
    transfer_syntax: str


def result_files(folder: Path, kinds: Collection[str]) -> list[ResultFile]:
    """The objects below a folder that are of the kinds wanted, in the order of their names."""
    found = [_result(path) for path in sorted(folder.rglob(f"*{SUFFIX}"))]
    return [each for each in found if each.kind in kinds]


def _result(path: Path) -> ResultFile:
    header = dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID", "SOPInstanceUID"])
    sop_class = str(header.SOPClassUID)
    syntax = str(header.file_meta.TransferSyntaxUID)
    return ResultFile(path, _KINDS.get(sop_class, _REPORT), sop_class, str(header.SOPInstanceUID), syntax)
