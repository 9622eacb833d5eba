"""`opensvh serve` in a process of its own, for trials and tests: started, killed, started again."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PROGRAM = [sys.executable, "-c", "from opensvh.cli.main import main; main()"]
_STARTING_S = 240.0


@dataclass
class RunningWorkbench:
    """A workbench whose data lie in `data`; `settings` are what its file says;
    `port` 0 takes a free one, which stays its own when it is started again."""

    data: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    port: int = 0
    url: str = ""
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data.with_suffix(".toml")
        config.write_text(toml(self.settings), encoding="utf-8")
        command = [*PROGRAM, "serve", "--data", str(self.data), "--config", str(config), "--port", str(self.port)]
        log = self.log.open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        log.close()
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, self.log.read_text(encoding="utf-8")[-3000:]
        self.url = found[0]
        self.port = int(self.url.rpartition(":")[2])
        with httpx.Client(transport=httpx.HTTPTransport(retries=30), timeout=_STARTING_S) as client:
            assert client.get(f"{self.url}/health").status_code == 200

    def first_token(self) -> str:
        """The token of the first manager's link, which a new workbench prints when it starts."""
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip().rpartition("#")[2]

    def kill(self) -> None:
        """End it at once, as a power cut would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def cpu_s(self) -> float:
        """Processor time that it has used, in seconds, of all its threads."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def log(self) -> Path:
        """What it wrote on stderr, of all its lives."""
        return self.data.with_suffix(".log")


def toml(settings: Mapping[str, Any]) -> str:
    """Settings as TOML: plain values first, then tables."""
    plain = [f"{key} = {_value(value)}" for key, value in settings.items() if not isinstance(value, Mapping)]
    tables = [f"[{key}]\n{toml(value)}" for key, value in settings.items() if isinstance(value, Mapping)]
    return "\n".join([*plain, *tables]) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, int | float):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
