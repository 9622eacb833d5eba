"""`opensvh serve`: the reader's workbench, a web application to mark joints, read and adjudicate films."""

from pathlib import Path
from typing import Annotated

import typer

from opensvh.cli.options import tune_malloc


def serve(
    data: Annotated[Path, typer.Option(help="Folder of the workbench: films/ and its database; made if missing.")],
    port: Annotated[int | None, typer.Option(help="Port on the loopback (default 8600; 0 takes a free one).")] = None,
    config: Annotated[Path | None, typer.Option(help="Further settings (TOML): docs/workbench.md names them.")] = None,
    verify_audit: Annotated[
        bool, typer.Option("--verify-audit", help="Check the audit trail and exit, 1 if it was tampered with.")
    ] = False,
) -> None:
    """Serve the reader's workbench to browsers and programs. For research use only."""
    _refuse_without_libraries()
    from opensvh.serving.workbench.server import serve as answer
    from opensvh.serving.workbench.settings import read_settings

    settings = read_settings(data, config, port)
    if verify_audit:
        from opensvh.serving.workbench.server import verify_audit as verdict_of

        verdict = verdict_of(settings)
        for problem in verdict.problems:
            typer.echo(problem, err=True)
        typer.echo(f"{verdict.entries} entries, {'broken' if verdict.problems else 'whole'}; head {verdict.digest}")
        raise typer.Exit(bool(verdict.problems))
    tune_malloc()
    answer(settings, lambda line: typer.echo(line))


def _refuse_without_libraries() -> None:
    from importlib.util import find_spec

    from opensvh.domain.errors import ConfigInvalid

    missing = [name for name in ("alembic", "argon2", "fastapi", "sqlalchemy", "uvicorn") if find_spec(name) is None]
    if missing:
        raise ConfigInvalid(f"opensvh serve needs {', '.join(missing)}; pip install 'opensvh[serve]'")
