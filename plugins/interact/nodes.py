"""YAML as it stands in a file: plain values, each with its line, and nothing that YAML would guess or hide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from interact.errors import FileRefused

_DEPTH = 20
_NODES = 20_000
_TAG = "tag:yaml.org,2002:"
_PLAIN = {f"{_TAG}{kind}" for kind in ("str", "bool", "int", "float", "null")}
_NUMBERS = {f"{_TAG}int", f"{_TAG}float"}
_NO_DECIMAL = re.compile(r"[-+]?(?:0[0-9xb]|[0-9.]*[:_]).*")
_DIGITS = 40
"""The longest number that is taken for one."""
_PROSE = ("prompt", "semantic_model", "instructions", "context")
_BREAKS = " \t\n"
_TAB = r"found character '\t' that cannot start any token"
_READ_AS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing"}


def read_nodes(text: str, file: str) -> list[yaml.MappingNode]:
    """Return the documents of a file, empty ones left out; raises FileRefused for what is no YAML or no mapping."""
    try:
        roots = [root for root in yaml.compose_all(text, Loader=yaml.SafeLoader) if not _is_empty(root)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        problem = str(error.problem).replace(_TAB, "found character U+0009, a tab. Indent lines by spaces")
        raise FileRefused(file, line, f"This is no YAML: {problem}.{_needs_quotes(error)}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileRefused(file, line, "This is no YAML: it holds a control character. Take it out.") from None
    except RecursionError:
        raise FileRefused(file, None, f"This is nested deeper than {_DEPTH} levels.") from None
    return [_mapping_in(root, file) for root in roots]


def node_of(content: Mapping[str, Any]) -> yaml.MappingNode:
    """Return plain content that was never written as a file as what one would hold; raises FileRefused when too deep.

    Its nodes bear no lines.
    """
    try:
        root = yaml.representer.SafeRepresenter(sort_keys=False).represent_data(dict(content))
    except RecursionError:
        raise FileRefused("", None, f"This is nested deeper than {_DEPTH} levels.") from None
    return _mapping_in(root, "")


def require_text(root: yaml.Node, file: str) -> None:
    """Raise FileRefused for a character that is no text: a control character or half of a surrogate pair.

    Tabs and line breaks may surround any value, and stand inside those of the keys `prompt`, `semantic_model`,
    `instructions` and `context`, and in a parameter's `query`.
    """
    for node, in_prose, path in _scalars(root):
        text = node.value.strip(_BREAKS)
        found = next((sign for sign in text if _is_no_text(sign) and not (in_prose and sign in _BREAKS)), None)
        if found:
            raise FileRefused(
                file,
                line_of(node),
                f"The text {shown(node)} holds the character U+{ord(found):04X}, which is none to read. "
                "Take it out; tabs and line breaks may stand in a prompt, instructions, a context or a query only.",
                path=path,
            )


def _scalars(root: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, bool, tuple[str, ...]]]:
    """Yield each key and value once, however often anchors repeat it, whether it may have several lines, and its path.

    The path of a key ends in "[key]".
    """
    waiting: list[tuple[yaml.Node, bool, tuple[str, ...]]] = [(root, False, ())]
    seen = set()
    while waiting:
        node, in_prose, path = waiting.pop()
        if (id(node), in_prose) in seen:
            continue
        seen.add((id(node), in_prose))
        if isinstance(node, yaml.ScalarNode):
            yield node, in_prose, path
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(entry, in_prose, path) for entry in reversed(node.value)]
        else:
            for key, value in reversed(node.value):
                at_prose = key.value in _PROSE if node is root else _is_query(key, value)
                inside = (*path, key.value if isinstance(key.value, str) else "")
                waiting += [(value, in_prose or at_prose, inside), (key, False, (*inside, "[key]"))]


def _is_query(key: yaml.Node, value: yaml.Node) -> bool:
    return key.value == "query" and isinstance(value, yaml.ScalarNode)


def _is_no_text(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs")


class Plain:
    """Turns nodes into values; one for each document, since it counts how much the document's anchors unfold to."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._left = _NODES

    def value(self, node: yaml.Node, depth: int = 0) -> object:
        """Return a node's value; raises FileRefused for a key that stands twice, or a value that is no plain one."""
        self._left -= 1
        if depth > _DEPTH or self._left < 0:
            raise FileRefused(
                self._file, line_of(node), f"This unfolds to more than {_DEPTH} levels or {_NODES:,} values."
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, depth + 1) for entry in node.value]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, object]:
        lines: dict[str, int] = {}
        values: dict[str, object] = {}
        for key, value in node.value:
            if key.tag != f"{_TAG}str":
                mend = (
                    "Write it in quotes" if isinstance(key, yaml.ScalarNode) else "Text that begins with { needs quotes"
                )
                fact = f"The key {shown(key)} is no text. {mend}."
                raise FileRefused(self._file, line_of(key), fact)
            if key.value in lines:
                fact = f"The key {key.value!r} stands twice, first in line {lines[key.value]}. Take one of them out."
                raise FileRefused(self._file, line_of(key), fact)
            lines[key.value] = line_of(key)
            values[key.value] = self.value(value, depth + 1)
        return values

    def _scalar(self, node: yaml.Node) -> object:
        # YAML 1.1 takes 2:00 for 120, a number to the base 60, and 010 for 8.
        if node.tag == f"{_TAG}timestamp" or (node.tag in _NUMBERS and _NO_DECIMAL.fullmatch(node.value)):
            return node.value
        if node.tag in _NUMBERS and len(node.value) > _DIGITS:
            fact = f"{shown(node)} is too long: a number has at most {_DIGITS} digits, and text of digits needs quotes."
            raise FileRefused(self._file, line_of(node), fact)
        if node.tag in _PLAIN:
            try:
                return yaml.constructor.SafeConstructor().construct_object(node)
            except (ValueError, LookupError):
                pass
        raise FileRefused(self._file, line_of(node), f"{shown(node)} is no plain value{hint(node)}.")


def _needs_quotes(error: yaml.MarkedYAMLError) -> str:
    """Return what to do about an expression such as `*/5 * * * *` or `@daily` that stands there without quotes."""
    sign = "*" if error.context == "while scanning an alias" else "@" if "'@'" in str(error.problem) else ""
    return f" Text that begins with {sign} needs quotes." if sign else ""


def hint(node: yaml.Node) -> str:
    """Return what to do about a value that YAML takes for something other than the text that it looks like."""
    kind = node.tag.removeprefix(_TAG)
    if node.start_mark is None:
        return ""  # Nothing was read as YAML.
    if not isinstance(node, yaml.ScalarNode) or kind not in _READ_AS or not node.value:
        return ""
    return f'; YAML reads {node.value} as {_READ_AS[kind]}. To mean the text, write it in quotes: "{node.value}"'


def shown(node: yaml.Node) -> str:
    """Return a node as a message quotes it."""
    if isinstance(node, yaml.ScalarNode):
        short = repr(node.value) if len(node.value) <= 60 else f"{node.value[:57]!r}…"
        return short if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def line_of(node: yaml.Node) -> int:
    """Return the 1-based line in which a node begins."""
    return int(node.start_mark.line) + 1 if node.start_mark else 1


def follow(root: yaml.Node, path: Sequence[str | int]) -> tuple[yaml.Node, int, list[str]]:
    """Return the node that a path leads to, or the last on the way, its line, and the names passed.

    The line is that of a scalar itself, and of the key before a list or mapping.
    """
    node, line, names = root, line_of(root), []
    for part in path:
        step = next((pair for name, pair in _inside(node) if name == part), None)
        if step is None:
            break
        key, node = step
        line = line_of(node if isinstance(node, yaml.ScalarNode) else key)
        names += [part] if isinstance(part, str) else []
    return node, line, names


def _inside(node: yaml.Node) -> Iterator[tuple[str | int, tuple[yaml.Node, yaml.Node]]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, (key, value)) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((position, (entry, entry)) for position, entry in enumerate(node.value))


def _mapping_in(root: yaml.Node, file: str) -> yaml.MappingNode:
    if isinstance(root, yaml.MappingNode):
        return root
    raise FileRefused(file, line_of(root), "A document consists of keys and values, as `kind: job`.")


def _is_empty(root: yaml.Node | None) -> bool:
    return root is None or (isinstance(root, yaml.ScalarNode) and not root.value)
