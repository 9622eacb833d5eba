"""The page in the archive."""

from typing import Any

import pytest

from opensvh.reporting.dicom.pdf_document import pdf_document


def test_the_page_comes_out_as_it_went_in(good: Any, make: Any) -> None:
    document = good["report"]
    assert document.EncapsulatedDocument[: document.EncapsulatedDocumentLength] == make.pdf
    assert len(document.EncapsulatedDocument) % 2 == 0
    assert document.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert document.DocumentTitle == "OpenSvH SvH report, research use only"


def test_it_names_its_films_as_sources(good: Any) -> None:
    assert len(good["report"].SourceInstanceSequence) == 3


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(ValueError, match="no PDF"):
        pdf_document(None, b"<html>")  # type: ignore[arg-type]
