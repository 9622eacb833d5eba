"""`sites.parquet`: every score of a run as one long table with types, for statistics in pandas, R or a database.

The columns are those of `sites.csv`; what made them is in the schema's metadata.
"""

import io
import json
from collections.abc import Sequence
from datetime import date as Day
from pathlib import Path
from typing import Any

from opensvh.domain.anatomy import SITE_TABLE_VERSION, Kind, Limb, Side
from opensvh.domain.reading import Status, StudyReading
from opensvh.io.whole_file import write_whole
from opensvh.reporting.notice import NOTICE, model_names
from opensvh.reporting.tables import SITES_COLUMNS, site_records

EXTRA_COLUMNS = ("model", "software")
_WORDS = {"limb": Limb, "side": Side, "kind": Kind, "status": Status}


def write_parquet(path: Path, studies: Sequence[StudyReading]) -> None:
    """Write the table of a run's studies; a run without any has the columns and no row."""
    import pyarrow
    from pyarrow import parquet

    records: list[dict[str, object]] = [
        {
            **record,
            "date": None if study.date is None else Day.fromisoformat(study.date),
            "model": model_names(study.models),
            "software": study.software,
        }
        for study in studies
        for record in site_records(study)
    ]
    table = pyarrow.Table.from_pylist(records, schema=_schema(studies))
    content = io.BytesIO()
    parquet.write_table(table, content, compression="zstd")
    write_whole(path, content.getvalue())


def _schema(studies: Sequence[StudyReading]) -> Any:
    """Types of the columns in their order; words of fixed sets as dictionaries."""
    import pyarrow

    word = pyarrow.dictionary(pyarrow.int8(), pyarrow.string())
    types = {
        **dict.fromkeys(("x", "y", "expected", "confidence"), pyarrow.float64()),
        **dict.fromkeys(("score", "maximum"), pyarrow.int8()),
        **dict.fromkeys(_WORDS, word),
        "date": pyarrow.date32(),
    }
    always = {"patient", "film", "site", "maximum", *EXTRA_COLUMNS, *_WORDS}
    fields = [
        pyarrow.field(name, types.get(name, pyarrow.string()), nullable=name not in always)
        for name in (*SITES_COLUMNS, *EXTRA_COLUMNS)
    ]
    return pyarrow.schema(fields, metadata=_metadata(studies))


def _metadata(studies: Sequence[StudyReading]) -> dict[str, str]:
    models = {model for study in studies for model in study.models}
    described = [
        {"name": model.name, "version": model.version, "sha256": model.sha256}
        for model in sorted(models, key=lambda each: (each.name, each.version, each.sha256))
    ]
    return {
        "opensvh.notice": NOTICE,
        "opensvh.models": json.dumps(described),
        "opensvh.software": json.dumps(sorted({study.software for study in studies})),
        "opensvh.site_table_version": SITE_TABLE_VERSION,
        "opensvh.units": json.dumps({"x": "pixels of the film's file", "y": "pixels of the film's file"}),
    }
