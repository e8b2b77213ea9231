"""The product's source as the rules see it: modules, what they import, and their functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "interact"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file under its dotted name; `shown` is how a sentence names it."""

    name: str
    text: str
    shown: str

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except SystemError:  # CPython 3.11, gh-106905: what is collected meanwhile may have parsed a text too.
            return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The first name below the package: a room, or a module at the top; empty for the package itself."""
        return self.name.removeprefix(PACKAGE).lstrip(".").split(".")[0]

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every name that is imported, inside functions too, with its line; `from a import b` gives `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((f"{node.module or ''}.{alias.name}", node.lineno) for alias in node.names)

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, place: ast.AST | int) -> str:
        """Where something stands, as `file:line`."""
        return f"{self.shown}:{getattr(place, 'lineno', place)}"


def product() -> list[Module]:
    """Every module of `plugins/interact`."""
    return [read(path, base=ROOT / "plugins") for path in sorted((ROOT / "plugins" / PACKAGE).rglob("*.py"))]


def shipped() -> list[Module]:
    """The product with the DAG files and the demo's data: all that runs at a user's place."""
    return product() + [
        read(path, base=ROOT) for name in ("dags", "include") for path in sorted((ROOT / name).rglob("*.py"))
    ]


def read(path: Path, *, base: Path) -> Module:
    """Return the module in a file."""
    name = ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))


def written(name: str, text: str) -> Module:
    """Return a module that a test makes up, to see whether a rule notices it."""
    return Module(name, text, name)


def names_in(text: str) -> set[str]:
    """The settings, as INTERACT_NAME, that a text mentions."""
    return set(re.findall(r"\bINTERACT_[A-Z][A-Z_]*[A-Z]\b", text))


def listed(sentences: list[str]) -> str:
    """One sentence a line, as a failing test shows them."""
    return "\n" + "\n".join(sentences)
