"""Holds the FHIR bundles of a run to schemas that others wrote: `python validation/fhir_results.py RESULTS`.

`fhir.json` (R4) and `fhir-r5.json` below RESULTS are read by the models of `fhir.resources`: its R4B, in which all that
is written here is as in R4, and its R5. With `--schema fhir.schema.json` (HL7's JSON schema of R4, in
http://hl7.org/fhir/R4/fhir.schema.json.zip; needs `jsonschema`) every R4 resource is held to that too. Prints what each
objects to; exit code 1 where anything is wrong, or there is nothing to check.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.R4B.bundle import Bundle as BundleR4
from pydantic import ValidationError

MODELS = {"fhir.json": BundleR4, "fhir-r5.json": BundleR5}


def problems_by_model(path: Path) -> Iterator[str]:
    """What the release's model of a bundle objects to."""
    try:
        MODELS[path.name].model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as failure:
        yield from (f"{error['loc']}: {error['msg']}" for error in failure.errors())


def problems_by_schema(bundle: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """What HL7's schema objects to: the bundle, then each resource by its own definition, which names faults better."""
    import jsonschema

    validator = jsonschema.validators.validator_for(schema)
    shared = {"$schema": schema["$schema"], "definitions": schema["definitions"]}
    hollow = {**shared, "definitions": {**schema["definitions"], "ResourceList": True}, "$ref": "#/definitions/Bundle"}
    yield from (f"Bundle {list(error.path)}: {error.message}" for error in validator(hollow).iter_errors(bundle))
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        for error in validator({**shared, "$ref": f"#/definitions/{kind}"}).iter_errors(entry["resource"]):
            yield f"{kind} {list(error.path)}: {error.message}"


def main() -> None:
    """Check every bundle below a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--schema", type=Path, help="HL7's fhir.schema.json of R4")
    arguments = parser.parse_args()
    schema = json.loads(arguments.schema.read_text(encoding="utf-8")) if arguments.schema else None
    paths = sorted(path for name in MODELS for path in arguments.results.rglob(name))
    wrong = 0
    for path in paths:
        found = list(problems_by_model(path))
        bundle = json.loads(path.read_text(encoding="utf-8"))
        if schema is not None and path.name == "fhir.json":
            found += problems_by_schema(bundle, schema)
        wrong += len(found)
        print(f"{path}: {len(bundle['entry'])} resources, {len(found)} problems")
        print("".join(f"  {problem}\n" for problem in found[:20]), end="")
    raise SystemExit(0 if paths and not wrong else 1)


if __name__ == "__main__":
    main()
