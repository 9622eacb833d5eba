"""`opensvh realism`: measures of how far simulated films lie from real ones, one subcommand a file."""

import typer

from opensvh.cli.realism_films import films
from opensvh.cli.realism_gaps import gaps
from opensvh.cli.realism_joints import joints
from opensvh.cli.realism_sheet import sheet

realism = typer.Typer(
    help="Measure how real simulated films look.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

for _command in (films, joints, gaps, sheet):
    realism.command()(_command)
