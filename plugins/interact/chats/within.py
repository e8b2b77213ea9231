"""How long prose may be, the marks of code not counted: what is marked is read again without being refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from interact.chats.figures import MARKED


@dataclass(frozen=True)
class Within:
    """A limit to the length of prose; the marks that code puts around numbers do not count."""

    most: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "maxLength": self.most}

    def _check(self, text: str) -> str:
        length = len(MARKED.sub(r"\1", text))
        if length > self.most:
            raise ValueError(f"it has {length:,} characters; at most {self.most:,} are allowed")
        return text
