"""Jinja2 in a sandbox: pages and reports from our own folder, prompts from people.

Whatever a model, a person or a warehouse wrote is a value here, never the source of a template; the one exception is a
job's prompt, whose only names are its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from interact.errors import DefinitionRefused, listed

if TYPE_CHECKING:
    from jinja2 import Environment

PROMPT_LIMIT = 20_000


@lru_cache(maxsize=4)
def pages(folder: Path) -> Environment:
    """Return the environment of templates in a folder: escaping on, undefined names are errors."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def check_prompt(prompt: str, names: frozenset[str]) -> None:
    """Raise DefinitionRefused when a prompt is no template or uses a placeholder that is no parameter."""
    from jinja2 import TemplateSyntaxError, meta
    from jinja2.sandbox import SandboxedEnvironment

    if len(prompt) > PROMPT_LIMIT:
        raise DefinitionRefused(f"The prompt has {len(prompt):,} characters; at most {PROMPT_LIMIT:,} are allowed.")
    try:
        used = meta.find_undeclared_variables(SandboxedEnvironment().parse(prompt))
    except TemplateSyntaxError as error:
        raise DefinitionRefused(
            f"The prompt cannot be read as a template, line {error.lineno}: {error.message}."
        ) from None
    unknown = sorted(used - names)
    if unknown:
        raise DefinitionRefused(
            f"The prompt uses the placeholder {listed(unknown)}, which is no parameter of this job "
            f"(there are {listed(sorted(names))}). Declare it under `parameters` or take it out of the prompt."
        )


def render_prompt(prompt: str, values: Mapping[str, str]) -> str:
    """Return the prompt with its placeholders filled; raises DefinitionRefused for one that has no value."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(prompt).render(dict(values))
    except TemplateError as error:
        raise DefinitionRefused(f"The prompt cannot be filled in: {error}.") from None
