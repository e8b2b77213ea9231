"""What the product's code does not do: catch everything, print, assert, promise for later, speak like a machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rules.house import Module

# Around one job, one chat and one channel, and in the watch around one run and one job's times: there a fault must not
# take its neighbours with it.
CATCHES_ALL = frozenset(
    {
        "interact.factory.publish",
        "interact.runs.ask",
        "interact.runs.announce",
        "interact.runs.couriers",
        "interact.runs.fences",
        "interact.warehouse.hooked",  # Around a driver, which raises what it likes.
    }
)
PRINTS = "interact.commands"
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_WORDS = re.compile(r"\b(an error occurred|error occurred|please|invalid)\b", re.IGNORECASE)


def bad_manners(module: Module) -> Iterator[str]:
    """Yield a sentence for each statement that product code does not hold."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and catches_all(node) and module.name not in CATCHES_ALL:
            allowed = ", ".join(sorted(CATCHES_ALL))
            yield f"{module.at(node)}: catches every exception, which only {allowed} do. Name those you expect."
        if isinstance(node, ast.Assert):
            yield f"{module.at(node)}: asserts, which python -O leaves out. Raise one of interact.errors."
        if prints(node) and not module.name.startswith(PRINTS):
            yield f"{module.at(node)}: prints, which only the command line does. Use the log."
        if isinstance(node, ast.Raise) and (word := machine_word(node)):
            yield f"{module.at(node)}: the message says {word!r}. Say subject, fact, what is allowed, what to do."
    for number, line in enumerate(module.text.splitlines(), start=1):
        if LATER.search(line):
            yield f"{module.at(number)}: leaves something for later. Do it, or take the line out."


def prints(node: ast.AST) -> bool:
    """Whether this is a call of `print`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` names no exception, Exception or BaseException."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}) for kind in kinds
    )


def machine_word(node: ast.Raise) -> str | None:
    """Return the first word of a raised message that people should not have to read."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    found = MACHINE_WORDS.search(" ".join(texts))
    return found[0] if found else None
