"""Small multiples as one self-contained SVG image: the frame that several pages hang their plots in."""

import base64
import io
import math

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def plot_axes(panels: int, columns: int, panel: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """A figure of as many panels of `panel` inches, row by row."""
    columns = min(columns, panels)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(columns * panel[0], rows * panel[1]), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=7)
    for spare in axes[panels:]:
        spare.set_axis_off()
    return figure, axes[:panels]


def plot_image(figure: Figure, alternative: str) -> str:
    """An `img` element with the figure inside; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "opensvh"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{alternative}" src="data:image/svg+xml;base64,{encoded}">'
