"""Class probabilities of readings as tables beside their expectations: column -> [film sets, classes]."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opensvh.evaluation.truth import ReadFilm

Array = NDArray[np.float64]


def probability_tables(reads: Iterable[ReadFilm], film_sets: pd.Index) -> dict[str, Array]:
    """Rows of NaN where a site was not read; a column that was never read with probabilities is left out."""
    rows = {str(name): row for row, name in enumerate(film_sets)}
    tables: dict[str, Array] = {}
    for read in reads:
        for site in read.reading.sites if read.reading else ():
            column = site.site.ra2_column(read.truth.side, site.kind)
            if column is not None and site.probabilities and read.truth.patient in rows:
                empty = np.full((len(rows), len(site.probabilities)), np.nan)
                tables.setdefault(column, empty)[rows[read.truth.patient]] = site.probabilities
    return tables
