"""Write what /openapi.json would answer, without a running server: `python scripts/openapi.py > openapi.json`."""

import json
import tempfile
from pathlib import Path

from opensvh.serving.workbench.api.app import make_app
from opensvh.serving.workbench.server import open_workbench
from opensvh.serving.workbench.settings import Settings

with tempfile.TemporaryDirectory() as folder:
    bench = open_workbench(Settings(data=Path(folder), models=()))
    print(json.dumps(make_app(bench).openapi(), indent=1))
    bench.store.close()
