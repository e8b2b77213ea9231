"""The types that an Airflow connection to who answers may have."""

from __future__ import annotations

MODELS = ("pydanticai", "pydanticai_azure", "pydanticai_bedrock", "pydanticai_vertex")
SERVICES = ("http", "https")
