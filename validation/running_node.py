"""`opensvh node` in a process of its own, for trials and tests: started, killed, stopped, and its log read."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]
_STARTING_S = 240.0


@dataclass
class RunningNode:
    """A node of the configuration file `config`, which has its monitor on `monitor_port`."""

    config: Path
    monitor_port: int
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def log_file(self) -> Path:
        """What it writes on stderr, of all its lives."""
        return self.config.with_suffix(".log")

    def start(self) -> None:
        """Start it and wait until it is ready for films."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen([*PROGRAM, "node", "--config", str(self.config)], stderr=log, stdout=log)
        wait_until(self._ready, _STARTING_S, lambda: f"the node is not ready: {self.log_file.read_text()[-2000:]}")

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9, from any thread."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def stop(self) -> int:
        """SIGTERM, as a service manager stops it; its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        code = self._process.wait(timeout=120)
        self._process = None
        return code

    def events(self, name: str, **facts: object) -> list[dict[str, Any]]:
        """Lines of the log of an event, with these facts."""
        lines = self.log_file.read_text(encoding="utf-8").splitlines() if self.log_file.exists() else []
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [line for line in found if line["event"] == name and facts.items() <= line.items()]

    def metric(self, line: str) -> float:
        """A value of its metrics page, by name and labels as they stand there; 0 where it is not there yet."""
        text = requests.get(f"http://127.0.0.1:{self.monitor_port}/metrics", timeout=10).text
        return next((float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(line + " ")), 0.0)

    def _ready(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"the node has ended: {self.log_file.read_text()[-2000:]}")
        try:
            return requests.get(f"http://127.0.0.1:{self.monitor_port}/health/ready", timeout=5).ok
        except requests.RequestException:
            time.sleep(0.5)
            return False


def wait_until(is_so: Callable[[], object], seconds: float, problem: Callable[[], str] = lambda: "in vain") -> None:
    """Look again and again; raises TimeoutError with the problem where that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(problem())
        time.sleep(0.05)


def toml(table: Mapping[str, Any], name: str = "") -> str:
    """A configuration as TOML: values first, then tables and lists of tables, by their dotted names."""
    values = {key: value for key, value in table.items() if not _is_table(value) and value is not None}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
    for key, value in table.items():
        if _is_table(value):
            whole = f"{name}.{key}" if name else key
            for each in value if isinstance(value, list) else [value]:
                lines.append(f"\n[[{whole}]]\n" if isinstance(value, list) else f"\n[{whole}]\n")
                lines.append(toml(each, whole))
    return "".join(lines)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))
