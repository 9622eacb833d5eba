"""The log is JSON by line, and what a message quotes of a patient is struck."""

import io
import json
import threading

from opensvh.serving.journal import Journal, struck


def test_lines_are_json_whatever_thread_writes_them() -> None:
    stream = io.StringIO()
    journal = Journal(stream)
    threads = [threading.Thread(target=lambda: [journal("seen", text="a\nb") for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 200
    assert all(line["event"] == "seen" and line["time"].endswith("Z") for line in lines)


def test_names_are_struck_the_longest_first() -> None:
    reason = "films/x.dcm: a second LH film of patient Doe-Smith-12 beside\n Doe"
    assert struck(reason, ["Doe", "Doe-Smith-12", "", "x"]) == (
        "films/x.dcm: a second LH film of patient [patient] beside [patient]"
    )
