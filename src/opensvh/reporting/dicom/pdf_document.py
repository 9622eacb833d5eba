"""The page of a study as an Encapsulated PDF (PS3.3 A.45.1): any archive stores it, most viewers open it."""

import hashlib

from pydicom.dataset import Dataset

from opensvh.reporting.dicom.codes import coded
from opensvh.reporting.dicom.run import (
    MAKER,
    RESEARCH,
    Result,
    ResultRun,
    referenced,
    stamp,
    stamp_content_date,
)

_TITLE = ("DCM", "126000", "Imaging Measurement Report")
_MARK = b"%PDF-"


def pdf_document(run: ResultRun, pdf: bytes) -> Dataset:
    """The document; raises ValueError for bytes that are no PDF. Another page of the same study is another object."""
    if not pdf.startswith(_MARK):
        raise ValueError("these bytes are no PDF")
    dataset = Dataset()
    digest = hashlib.sha256(pdf).hexdigest()
    stamp(dataset, run, Result.REPORT, run.lead, run.uid("object", Result.REPORT, digest))
    stamp_content_date(dataset, run)
    dataset.AcquisitionDateTime = ""
    dataset.ConversionType = "WSD"
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = f"{MAKER} {Result.REPORT.title}, {RESEARCH}"
    dataset.ConceptNameCodeSequence = [coded(*_TITLE)]
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.SourceInstanceSequence = [referenced(source) for source in run.sources]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
    return dataset
