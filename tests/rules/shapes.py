"""How large and how plain a file and a function may be, and what it may be called."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from rules.house import Function, Module

FILE_LINES = 400
FUNCTION_LINES = 50
PARAMETERS = 6

UNKNOWN_ROOMS = frozenset(
    {"base", "common", "core", "helper", "helpers", "lib", "manager", "misc", "shared", "util", "utils"}
)


def oversized(module: Module) -> Iterator[str]:
    """Yield a sentence for a file or a function that is too long, or takes too much."""
    lines = module.text.count("\n")
    if lines > FILE_LINES:
        yield f"{module.shown}: {lines} lines, at most {FILE_LINES} allowed. It holds two things: give each a file."
    for function in module.functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{module.at(function)}: {function.name}() has {length} lines, at most {FUNCTION_LINES} allowed."
        count = len(parameters(function))
        if count > PARAMETERS:
            yield f"{module.at(function)}: {function.name}() takes {count} parameters, at most {PARAMETERS} allowed."


def unannotated(module: Module) -> Iterator[str]:
    """Yield a sentence for each parameter or return without a type."""
    for function in module.functions():
        if function.returns is None:
            yield f"{module.at(function)}: {function.name}() does not say what it returns."
        for parameter in parameters(function):
            if parameter.annotation is None:
                yield f"{module.at(function)}: {function.name}() does not say what {parameter.arg!r} is."


def badly_named(module: Module) -> Iterator[str]:
    """Yield a sentence for a name that says nothing, or that hides a standard module."""
    *rooms, own = module.name.split(".")
    for name in (*rooms, own):
        if name in UNKNOWN_ROOMS:
            yield f"{module.shown}: {name!r} says that its room is unknown; name it after the one thing in it."
    if own in sys.stdlib_module_names:
        yield f"{module.shown}: {own!r} is a standard module, which this one could replace; name it otherwise."
    if rooms and own == rooms[-1] and own != "analyst":
        yield f"{module.shown}: the module repeats its room's name {own!r}; name it after the one thing in it."


def parameters(function: Function) -> list[ast.arg]:
    """The parameters that a caller passes: all but `self` and `cls`."""
    taken = function.args
    found = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
    found += [extra for extra in (taken.vararg, taken.kwarg) if extra]
    return found[1:] if found and found[0].arg in {"self", "cls"} else found
