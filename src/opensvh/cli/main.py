"""The `opensvh` command: which subcommands there are, and how a failure leaves the program.

Each subcommand lives in a file of its own and imports what is heavy inside its function, so that help is instant.
"""

import sys
from typing import Annotated

import typer

from opensvh import __version__
from opensvh.cli.batch import batch
from opensvh.cli.benchmark import benchmark
from opensvh.cli.check import check
from opensvh.cli.compare import compare
from opensvh.cli.deidentify import deidentify
from opensvh.cli.demo import demo
from opensvh.cli.edit_films import edit_films
from opensvh.cli.evaluate import evaluate
from opensvh.cli.export import export
from opensvh.cli.fit_shapes import fit_shapes
from opensvh.cli.node import node
from opensvh.cli.realism import realism
from opensvh.cli.reproduce import reproduce
from opensvh.cli.score import score
from opensvh.cli.serve import serve
from opensvh.cli.simulate import simulate
from opensvh.cli.train import train
from opensvh.cli.train_analyser import train_analyser
from opensvh.domain.errors import OpenSvHError

USER_ERROR = 2
INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""

app = typer.Typer(
    help="Sharp/van der Heijde scores of rheumatoid joint damage from X-rays of hands and feet.",
    epilog="For research use only: not a medical device, not for diagnosis or treatment decisions.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # drawing help with rich would double the time to it
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"opensvh {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options of the program itself."""


for _command in (
    score,
    batch,
    deidentify,
    simulate,
    edit_films,
    check,
    train,
    train_analyser,
    fit_shapes,
    evaluate,
    export,
    compare,
    reproduce,
    demo,
    node,
    serve,
):
    app.command()(_command)
app.add_typer(realism, name="realism")
app.add_typer(benchmark, name="benchmark")


def main() -> None:
    """Run the program: a named failure is one line on stderr and exit code 2, an interrupt one line and 130."""
    try:
        app()
    except OpenSvHError as failure:
        _leave(" ".join(str(failure).split("\n")), USER_ERROR)
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            _leave("interrupted", INTERRUPTED)
        raise


def _leave(message: str, code: int) -> None:
    print(f"opensvh: {message}", file=sys.stderr)
    raise SystemExit(code)
