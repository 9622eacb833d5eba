"""`opensvh node`: a DICOM node beside a PACS, which scores what it is sent and sends back what it reads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opensvh.cli.options import tune_malloc

if TYPE_CHECKING:
    from opensvh.serving.node_config import NodeConfig


def node(
    config: Annotated[Path | None, typer.Option(help="The node's file (TOML); --example shows one.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print an annotated example of the file.")] = False,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="List deliveries given up and films put aside, instead of running.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="With --dead-letters: try all of them again.")] = False,
) -> None:
    """Receive films by C-STORE, score each study, send the results to the PACS. For research use only."""
    if example:
        from opensvh.serving.node_config import example as example_text

        typer.echo(example_text(), nl=False)
        return
    if config is None:
        raise typer.BadParameter("give the node's file, or --example for one", param_hint="--config")
    if retry and not dead_letters:
        raise typer.BadParameter("goes with --dead-letters", param_hint="--retry")
    _refuse_without_libraries()
    from opensvh.serving.node_config import read_node_config

    told = read_node_config(config)
    if dead_letters:
        _tell_dead_letters(told, retry)
        return
    tune_malloc()
    _run(told)


def _refuse_without_libraries() -> None:
    from importlib.util import find_spec

    from opensvh.domain.errors import ConfigInvalid

    missing = [name for name in ("pynetdicom", "dicomweb_client", "prometheus_client") if find_spec(name) is None]
    if missing:
        raise ConfigInvalid(f"opensvh node needs {', '.join(missing)}; pip install 'opensvh[dicom]'")


def _run(config: "NodeConfig") -> None:
    """Until SIGTERM or SIGINT."""
    import signal
    import threading

    import numpy as np

    from opensvh.serving.journal import Journal, silence_libraries
    from opensvh.serving.node import Node

    silence_libraries()
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    running = Node(config, Journal(), np.random.default_rng())
    try:
        running.start()
        asked_to_stop.wait()
    finally:
        running.stop()


def _tell_dead_letters(config: "NodeConfig", retry: bool) -> None:
    from opensvh.serving.dead_letters import dead_letters

    letters = dead_letters(config, retry)
    for letter in letters:
        typer.echo(f"{letter.what} {letter.uid} {letter.problem}")
    typer.echo(f"{len(letters)} dead letters" + (", all to be tried again" if retry and letters else ""))
