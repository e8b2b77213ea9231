"""Jinja2: pages and reports from our own folder, in a sandbox; and the placeholders of prompts, which people write.

Whatever a model, a person or a warehouse wrote is a value here, never the source of a template. A job's prompt borrows
the notation for its placeholders and nothing else: it is read, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from interact.errors import DefinitionRefused, listed

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

PROMPT_LIMIT = 20_000
_CHANGES = ("upper", "lower", "title")
_ALLOWED = (
    "A prompt may hold placeholders such as {{ market }}, also as {{ market | upper }}, `lower` or `title`, and "
    "comments; text in double braces stands between {% raw %} and {% endraw %}."
)

_SINGLE = re.compile(r"(?<!\{)\{\s*([a-z][a-z0-9_]*)\s*\}(?!\})")


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


def check_prompt(prompt: str, names: frozenset[str]) -> frozenset[str]:
    """Return the placeholders that a prompt uses.

    Raises DefinitionRefused when it holds anything but text and placeholders named like parameters.
    """
    used = frozenset(piece.name for piece in _pieces(prompt) if isinstance(piece, _Placeholder))
    single = _SINGLE.search(prompt)
    if single:
        raise DefinitionRefused(
            f"The prompt holds {single[0]!r}, which is no placeholder. Write two braces: '{{{{ {single[1]} }}}}'."
        )
    unknown = sorted(used - names)
    if unknown:
        raise DefinitionRefused(
            f"The prompt uses the placeholder {listed(unknown)}, which is no parameter of this job "
            f"(there are {listed(sorted(names))}). Declare it under `parameters` or take it out of the prompt."
        )
    return used


def render_prompt(prompt: str, values: Mapping[str, str]) -> str:
    """Return the prompt with its placeholders filled; raises DefinitionRefused, which never quotes a value.

    A template is only read here, never compiled or run: what a prompt may hold is put together piece by piece.
    """
    check_prompt(prompt, frozenset(values))
    limit = PROMPT_LIMIT + sum(len(value) for value in values.values())
    filled, length = [], 0
    for piece in _pieces(prompt):
        filled.append(piece if isinstance(piece, str) else piece.filled(values))
        length += len(filled[-1])
        if length > limit:
            raise DefinitionRefused(
                f"The prompt has more than {limit:,} characters once its placeholders are filled in. "
                "Use each placeholder fewer times."
            )
    return "".join(filled)


@dataclass(frozen=True)
class _Placeholder:
    name: str
    change: str | None = None

    def filled(self, values: Mapping[str, str]) -> str:
        """Return what stands in its place."""
        from jinja2.filters import FILTERS

        value = values[self.name]
        return str(FILTERS[self.change](value)) if self.change else value


def _pieces(prompt: str) -> Iterator[str | _Placeholder]:
    from jinja2 import nodes

    for statement in _parsed(prompt).body:
        if not isinstance(statement, nodes.Output):
            raise _not_plain(statement)
        for node in statement.nodes:
            yield node.data if isinstance(node, nodes.TemplateData) else _placeholder(node)


def _parsed(prompt: str) -> nodes.Template:
    from jinja2 import Environment, TemplateSyntaxError

    if len(prompt) > PROMPT_LIMIT:
        raise DefinitionRefused(f"The prompt has {len(prompt):,} characters; at most {PROMPT_LIMIT:,} are allowed.")
    try:
        return Environment(autoescape=False).parse(prompt)  # a prompt is no HTML
    except TemplateSyntaxError as error:
        fact = str(error.message).rstrip(".")
        raise DefinitionRefused(
            f"The prompt cannot be read as a template, line {error.lineno}: {fact}. {_ALLOWED}"
        ) from None
    except (RecursionError, MemoryError, ValueError):
        # Brackets within brackets, or a number of thousands of digits, which Python does not read.
        raise DefinitionRefused(f"The prompt cannot be read as a template. {_ALLOWED}") from None


def _placeholder(node: nodes.Node) -> _Placeholder:
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return _Placeholder(node.name)
    if isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Name):
        bare = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
        if bare and node.name in _CHANGES:
            return _Placeholder(node.node.name, node.name)
    raise _not_plain(node)


def _not_plain(node: nodes.Node) -> DefinitionRefused:
    return DefinitionRefused(f"The prompt holds more than placeholders, line {node.lineno}. {_ALLOWED}")
