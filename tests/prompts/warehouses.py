"""The warehouses of the prompt suite, made as DuckDB files below a folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from prompts import helpdesk, paid_media, shop, subscriptions

MODELS = Path(__file__).resolve().parent / "models"
TABLES = {
    "paid_media": paid_media.tables,
    "shop": shop.tables,
    "subscriptions": subscriptions.tables,
    "helpdesk": helpdesk.tables,
}


def model_path(model: str) -> Path:
    """Return the YAML file of a model."""
    return MODELS / f"{model}.yaml"


def make(model: str, folder: Path) -> Path:
    """Make a model's warehouse below a folder, and return its file."""
    import duckdb

    path = folder / f"{model}.duckdb"
    with duckdb.connect(str(path)) as database:
        for name, (ddl, rows) in TABLES[model]().items():
            database.execute(ddl)
            sheet = written(folder / f"{model}-{name}.csv", rows)
            database.execute(f"COPY {name} FROM '{sheet}' (HEADER false, NULLSTR '')")
            sheet.unlink()
    return path


def written(path: Path, rows: Iterable[tuple[object, ...]]) -> Path:
    """Write rows as CSV, and return the file: row by row DuckDB would take minutes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
