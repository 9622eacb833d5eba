"""The node's log: one JSON object a line on stderr, for machines to collect, with UIDs and counts and no patient.

Names, IDs and dates of patients never get here: callers give events and values, libraries that quote headers are
silenced, and known words are struck from what others report.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Iterable
from typing import TextIO

STRUCK = "[patient]"
_SHORTEST_STRUCK = 2
_LIBRARIES = ("pydicom", "pynetdicom", "highdicom", "dicomweb_client", "urllib3")


class Journal:
    """Writes events; each line is whole, whatever thread writes it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._handler = logging.StreamHandler(stream or sys.stderr)
        self._handler.setFormatter(logging.Formatter("%(message)s"))

    def __call__(self, event: str, **facts: object) -> None:
        """Note an event, in the past tense, with what belongs to it."""
        line = {"time": _timestamp(), "event": event, **facts}
        self._handler.handle(logging.LogRecord("opensvh", logging.INFO, "", 0, json.dumps(line), None, None))


def struck(text: str, words: Iterable[str]) -> str:
    """`text` on one line without the words: names and IDs of patients that a message may quote."""
    for word in sorted({word for word in words if len(word) >= _SHORTEST_STRUCK}, key=len, reverse=True):
        text = text.replace(word, STRUCK)
    return " ".join(text.split())


def silence_libraries() -> None:
    """DICOM libraries quote values of headers, names of patients among them, in warnings and logs."""
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for module in ("pydicom", "pynetdicom", "highdicom"):
        warnings.filterwarnings("ignore", module=module)


def _timestamp() -> str:
    now = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
