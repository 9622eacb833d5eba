"""Pictures that a classifier was surest of, with where it looked.

They show real films: such sheets are for looking only, never committed or published.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evidence:
    """A picture that was recognised with most confidence, and which places said so.

    `weights` [12, 12]: by how much the logit of being real falls when the place is blurred away.
    """

    picture: NDArray[np.float32]
    real: bool
    probability: float
    weights: NDArray[np.float64]


def evidence_sheet(shown: Sequence[Evidence]) -> bytes:
    """A PNG: real pictures above, simulated below; red places speak for real, blue ones for simulated."""
    rows = [[each for each in shown if each.real is kind] for kind in (True, False)]
    columns = max(len(row) for row in rows)
    figure = Figure(figsize=(2.1 * columns, 9.2), layout="constrained", dpi=90)
    axes = figure.subplots(4, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for kind, row in enumerate(rows):
        for column, each in enumerate(row):
            name = "real" if each.real else "simulated"
            axes[2 * kind, column].imshow(each.picture, cmap="gray", vmin=0, vmax=1)
            axes[2 * kind, column].set_title(f"{name}, p(real) {each.probability:.2f}", fontsize=8)
            largest = max(float(np.abs(each.weights).max()), 1e-6)
            size = each.picture.shape
            axes[2 * kind + 1, column].imshow(each.picture, cmap="gray", vmin=0, vmax=1)
            axes[2 * kind + 1, column].imshow(
                each.weights, cmap="RdBu_r", vmin=-largest, vmax=largest, alpha=0.55,
                extent=(-0.5, size[1] - 0.5, size[0] - 0.5, -0.5), interpolation="bilinear",
            )  # fmt: skip
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
