"""An agent's semantic model as people write it: YAML, refused with its line, and written without what goes unsaid."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from interact.errors import DefinitionRefused, FileRefused
from interact.jobs.definition import Agent
from interact.jobs.writing import write_mapping
from interact.warehouse.semantic import SemanticModel, model_in


def read_model_text(text: str) -> dict[str, Any]:
    """Return the model that a text holds, as plain content; raises DefinitionRefused: the line, and what is wrong."""
    try:
        return model_in(text).model.model_dump(mode="json")
    except FileRefused as error:
        where = f"Line {error.line}: " if error.line else ""
        raise DefinitionRefused(f"{where}{error.fact}") from None


def model_of(definition: Agent) -> SemanticModel | None:
    """Return an agent's model; None for one that this version cannot read."""
    try:
        return SemanticModel.model_validate(definition.semantic_model)
    except ValidationError:
        return None


def model_text(definition: Agent) -> str:
    """Return an agent's model as YAML, without what goes without saying."""
    model = model_of(definition)
    if model is not None:
        return write_mapping(model.model_dump(mode="json", exclude_defaults=True))
    kept = definition.semantic_model
    return kept if isinstance(kept, str) else write_mapping(kept)
