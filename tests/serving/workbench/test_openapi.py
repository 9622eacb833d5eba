"""The API against its own description: schemathesis sends what the description allows, and what it does not."""

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .conftest import Page, Served

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = ("/api/logout", "/score")
"""Signing out ends the session that all the others need; what `/score` answers is tested with the model."""


@pytest.mark.slow
def test_every_address_keeps_to_its_description(trial: Served) -> None:
    mia = trial.page("mia")
    mia.ok("POST", "/api/studies", json={"name": "T", "readers": ["anna", "ben"]})
    schema = schemathesis.openapi.from_dict(mia.ok("GET", "/openapi.json"))
    schema.config.update(base_url=trial.url)
    operations = [each.ok() for each in schema.get_all_operations()]
    tried = [each for each in operations if each.path not in LEFT_OUT]
    for page in (mia, trial.page("anna")):
        for operation in tried:
            _try(operation, page)
    assert len(tried) > 40
    assert mia.ok("GET", "/api/audit/verdict")["problems"] == []


def test_the_page_was_built_against_this_description(served: Served) -> None:
    told = served.page("mia").ok("GET", "/openapi.json")
    known = json.loads((Path(__file__).parents[3] / "web" / "openapi.json").read_text(encoding="utf-8"))
    del told["info"]["version"], known["info"]["version"]  # the software's, which says nothing of the addresses
    assert told == known, "web/README.md says how the page's types are made anew"


def _try(operation: APIOperation, page: Page) -> None:  # type: ignore[type-arg]
    headers = {
        "X-CSRF-Token": page.client.headers["X-CSRF-Token"],
        "Cookie": f"opensvh_session={page.client.cookies['opensvh_session']}",
    }
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def check(case: Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            check()
        except Unsatisfiable:  # an address without parameters can only be asked rightly
            assert mode is GenerationMode.NEGATIVE
