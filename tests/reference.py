"""Write the reference files in docs from the code: `make reference`. Tests hold them to it."""

import json
from pathlib import Path

from builders.remote_reference import remote_openapi
from interact.api.app import rest_app
from interact.commands import ask
from interact.commands.export import schema_text

DOCS = Path(__file__).resolve().parents[1] / "docs"


def openapi() -> str:
    """Return the reference of the REST API as its file holds it."""
    return json.dumps(rest_app(None).openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (DOCS / "openapi.json").write_text(openapi(), encoding="utf-8")
    (DOCS / "remote-agent.openapi.json").write_text(remote_openapi(), encoding="utf-8")
    (DOCS / "definitions.schema.json").write_text(schema_text(), encoding="utf-8")
    (DOCS / "ask.schema.json").write_text(ask.schema_text(), encoding="utf-8")
