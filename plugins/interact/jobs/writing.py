"""Definitions as YAML for people: what `files` reads, in block style, without keys that are at their default."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from interact.jobs.definition import SHAPES, Agent, Definition, Job, Organisation
from interact.jobs.parameters import Parameter

_WIDTH = 110
_SHORT = 80
_STR = "tag:yaml.org,2002:str"
_BREAKS = "\n\x85\u2028\u2029"


def write_documents(definitions: Iterable[Definition]) -> str:
    """Return YAML documents that are read back as these definitions."""
    return "---\n".join(write_mapping(plain(definition)) for definition in definitions)


def write_mapping(content: dict[str, Any]) -> str:
    """Return plain content as one YAML document."""
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)


def plain(definition: Definition) -> dict[str, Any]:
    """Return a definition's document as people write it: short forms, and nothing that goes without saying."""
    kind = next(kind for kind, shape in SHAPES.items() if isinstance(definition, shape))
    content = definition.model_dump(mode="json", exclude_defaults=True)
    if isinstance(definition, Agent):
        content.pop("kind", None)  # In a file, `kind` says that it is an agent.
    if isinstance(definition, Organisation):
        for key in ("add", "remove"):
            if key in content.get("calendar", {}):
                content["calendar"][key] = [_Bare(day) for day in content["calendar"][key]]
    if isinstance(definition, Job):
        if list(content.get("schedule") or ()) == ["cron"]:
            content["schedule"] = content["schedule"]["cron"]
        for name, parameter in definition.parameters.items():
            content["parameters"][name] = _parameter(parameter)
    return {"kind": kind, **content}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    content = parameter.model_dump(mode="json", exclude_defaults=True)
    written = _Bare if parameter.type in ("number", "date") else str
    for key in ("values", "default", "schedule"):
        if key in content:
            content[key] = [value if value == "*" else written(value) for value in content[key]]
    for key in ("default", "schedule"):
        if len(content.get(key, ())) == 1:
            content[key] = content[key][0]
    return content


class _Bare(str):
    """A number or a date, which stands in a file without quotes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        """Indent the entries of a list below their key."""
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write what occurs twice twice, rather than once with an anchor."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write prose as a block: folded when it is one long line, as it stands when it has several."""
    style = None
    if not any(sign in text for sign in _BREAKS):
        style = ">" if len(text) > _SHORT else None
    elif not any(sign in text for sign in _BREAKS[1:]):
        style = "|"
    return dumper.represent_scalar(_STR, text, style=style)


def _bare(dumper: yaml.SafeDumper, text: _Bare) -> yaml.ScalarNode:
    tag = dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(text))


def _entries(dumper: yaml.SafeDumper, entries: list[Any]) -> yaml.SequenceNode:
    """Write a short list of single values in one line."""
    in_line = all(isinstance(each, str) and "\n" not in each for each in entries) and len(str(entries)) <= _WIDTH - 20
    return dumper.represent_sequence("tag:yaml.org,2002:seq", entries, flow_style=in_line)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Bare, _bare)
_Dumper.add_representer(list, _entries)
