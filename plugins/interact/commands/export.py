"""Write an organisation's definitions as YAML files that `interact apply` reads back as unchanged."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from interact import settings
from interact.commands.named import organisation_named
from interact.errors import FileRefused
from interact.jobs.definition import Agent, Definition
from interact.jobs.schema import definition_schema
from interact.jobs.stored import StoredAgent
from interact.jobs.writing import write_documents, write_mapping
from interact.store import agents, channels, jobs
from interact.store.sessions import Session, open_store
from interact.warehouse.semantic import SemanticModel

Kept = tuple[Definition, str | None]
"""A definition, and the file that keeps it when it is a job that files keep."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take an organisation and where to, or ask for the schema."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--organisation", metavar="KEY", help="the organisation's key, as in its file")
    what.add_argument("--schema", action="store_true", help="print the JSON Schema of a definition, for editors")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="write files into this folder; without it all is printed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print or write what was asked for."""
    if arguments.schema:
        print(schema_text(), end="")
        return 0
    with open_store(settings.read().database_url).reading() as session:
        found = _definitions(session, arguments.organisation)
    if arguments.output is None:
        print(write_documents(definition for definition, _ in found), end="")
        return 0
    texts = _files(arguments.organisation, found)
    _write(arguments.output, texts)
    for name in texts:
        print(arguments.output / name)
    return 0


def schema_text() -> str:
    """Return the JSON Schema of a definition document, as docs/definitions.schema.json holds it."""
    return json.dumps(definition_schema(), indent=2, ensure_ascii=False) + "\n"


def _definitions(session: Session, key: str) -> list[Kept]:
    organisation = organisation_named(session, key)
    mine = organisation.organisation_id
    ours = sorted(
        (job for job in jobs.all_jobs(session) if job.organisation_id == mine), key=lambda job: job.definition.key
    )
    return [
        (organisation.definition, None),
        *((_with_model(agent), None) for agent in agents.all_of(session, mine)),
        *((channel.definition, None) for channel in channels.all_of(session, mine)),
        *((job.definition, job.kept_in) for job in ours),
    ]


def _with_model(agent: StoredAgent) -> Agent:
    """Return an agent with its model as people write it: without what goes without saying."""
    model = SemanticModel.model_validate(agent.definition.semantic_model)
    short = model.model_dump(mode="json", exclude_defaults=True)
    return agent.definition.model_copy(update={"semantic_model": short})


def _files(organisation_key: str, found: Iterable[Kept]) -> dict[str, str]:
    """Return the text of each file by its name: jobs in the file that keeps them, semantic models each in its own."""
    own = f"{organisation_key}.yaml"
    grouped: dict[str, list[Definition]] = {own: []}
    models: dict[str, str] = {}
    for definition, kept_in in found:
        name = kept_in if kept_in and _may_keep(kept_in) else own
        grouped.setdefault(name, []).append(_apart(definition, models))
    return {name: write_documents(definitions) for name, definitions in grouped.items()} | models


def _apart(definition: Definition, models: dict[str, str]) -> Definition:
    """Return a definition whose semantic model, if it holds one, is put among the models instead."""
    if not isinstance(definition, Agent) or isinstance(definition.semantic_model, str):
        return definition
    name = f"{definition.key}.semantic_model.yaml"
    models[name] = write_mapping(definition.semantic_model)
    return definition.model_copy(update={"semantic_model": name})


def _may_keep(name: str) -> bool:
    """Whether a file of that name is read with its folder, and is not taken for a semantic model's."""
    return Path(name).suffix in (".yaml", ".yml") and not name.endswith(".semantic_model.yaml")


def _write(folder: Path, texts: dict[str, str]) -> None:
    there = [folder / name for name in texts if (folder / name).exists()]
    if there:
        raise FileRefused(
            str(there[0]), None, "This file is there already, and nothing was written. Name another folder."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileRefused(
            str(folder), None, f"This folder cannot be written ({error.strerror}). Check its name and rights."
        ) from None
