"""Put organisations, agents, channels and jobs from YAML files into the store: all of them, or none."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from interact import settings
from interact.commands.wake import wake_airflow
from interact.errors import FileRefused, WarehouseUnavailable
from interact.jobs.definition import Agent
from interact.jobs.files import Document, read_documents
from interact.runs.definitions import Applied, apply
from interact.runs.foresee import left_out
from interact.settings import Settings
from interact.store.sessions import open_store
from interact.warehouse.semantic import model_file_of, read_model, read_model_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take files and folders."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a YAML file, or a folder of them")
    parser.add_argument("--check", action="store_true", help="try each agent's figures on its warehouse, too, and warn")


def run(arguments: argparse.Namespace) -> int:
    """Apply the files and say, one a line, what became of each definition."""
    ours = settings.read()
    documents = read_files(arguments.files)
    for entry in _apply(ours, documents):
        print(f"{entry.outcome:<10} {entry.kind:<13} {entry.key}  {entry.id}")
    for other in left_out(open_store(ours.database_url), documents):
        print(f"not in the files, kept: {other.kind} {other.key}  {other.id}")
    for warning in _warnings(documents) if arguments.check else ():
        print(f"warning: {warning}")
    return 0


def apply_files(ours: Settings, paths: Sequence[Path]) -> list[Applied]:
    """Apply files and folders and return what became of each definition; raises FileRefused, StoreUnavailable."""
    return _apply(ours, read_files(paths))


def read_files(paths: Iterable[Path]) -> list[Document]:
    """Return the definitions in files and folders, in order; raises FileRefused.

    A folder stands for its `*.yaml` and `*.yml`, less those that an agent names as its semantic model.
    """
    documents: list[Document] = []
    unread: list[tuple[Path, FileRefused]] = []
    for path in paths:
        for file in _files_in(path):
            try:
                documents += read_documents(_text(file), str(file))
            except FileRefused as error:
                if not path.is_dir():
                    raise
                unread.append((file, error))
    models = {_model_path(d, d.definition) for d in documents if isinstance(d.definition, Agent)}
    for file, refusal in unread:
        if file.resolve() not in models:
            raise refusal
    return documents


def _warnings(documents: Iterable[Document]) -> Iterator[str]:
    """Yield what does not work of the agents' semantic models on their warehouses, or that it was not tried."""
    from interact.commands.model import door_of
    from interact.warehouse.trial import check_model

    for document in documents:
        if not isinstance(document.definition, Agent):
            continue
        agent, path = document.definition, _model_path(document, document.definition)
        found = read_model_file(path) if path else model_file_of(agent.semantic_model)
        try:
            with door_of(agent.warehouse, found.model) as door:
                trial = check_model(found, door)
            yield from (*trial.notes, *map(str, trial.faults))
        except WarehouseUnavailable as error:
            yield f"The figures of agent {agent.key!r} were not tried. {error}"
        yield from _of_models(agent)


def _of_models(agent: Agent) -> Iterator[str]:
    """Yield which of a language agent's models does not say one word when asked, and why."""
    if agent.type != "llm":
        return
    from interact.agents.unanswered import ModelRefused, ModelUnavailable
    from interact.connections.models import check_model

    for connection in filter(None, (agent.connection, *agent.fallbacks)):
        try:
            check_model(connection)
        except (ModelRefused, ModelUnavailable) as error:
            yield f"Agent {agent.key!r}: {error}"


def _apply(ours: Settings, documents: Sequence[Document]) -> list[Applied]:
    store = open_store(ours.database_url)
    applied = apply(store, documents, now=datetime.now(UTC), read_model=read_model)
    if any(entry.kind == "job" and entry.outcome != "unchanged" for entry in applied):
        wake_airflow()
    return applied


def _files_in(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml"))
    if not found:
        raise FileRefused(str(path), None, "This folder holds no YAML file. Name one that does.")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FileRefused(
            str(file), None, f"This file cannot be read ({error.strerror}). Check its name and rights."
        ) from None
    except UnicodeDecodeError:
        raise FileRefused(str(file), None, "This file is not written in UTF-8. Save it so.") from None


def _model_path(document: Document, agent: Agent) -> Path | None:
    named = agent.semantic_model
    return (Path(document.file).parent / named).resolve() if isinstance(named, str) else None
