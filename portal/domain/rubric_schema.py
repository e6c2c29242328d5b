"""The JSON Schema of rubric files, for editors: made from the models that read them, so the two cannot differ."""

import json
from typing import Any

from portal.domain.ladder import FamilyFile, Org


def rubric_schema() -> dict[str, Any]:
    """One schema for both kinds of file: an organisation file or a family file, by `kind`."""
    definitions: dict[str, Any] = {}
    for model in (Org, FamilyFile):
        schema = model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        definitions[model.__name__] = schema
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evenbar rubric file",
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in (Org, FamilyFile)],
        "$defs": dict(sorted(definitions.items())),
    }


def rubric_schema_text() -> str:
    """The schema as the file `rubrics/schema.json` holds it."""
    return json.dumps(rubric_schema(), ensure_ascii=False, indent=2) + "\n"
