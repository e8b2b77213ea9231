"""Reports to draw, from the smallest up."""

from datetime import UTC, date, datetime
from pathlib import Path

from interact.chats.result import Column, Result
from interact.reports.document import Block, Period, Report, Section

FOLDER = Path(__file__).parents[2] / "include" / "templates" / "reports"
CREATED = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
WEEK = Period(start=date(2026, 11, 9), end=date(2026, 11, 15))


def a_column(name, kind="text", **more):
    """A column named and labelled alike; money is in euro."""
    unit = {"unit": "EUR"} if kind == "currency" else {}
    return Column(**({"name": name, "label": name.capitalize(), "format": kind} | unit | more))


def a_result(*columns, rows, number=1, **more):
    """A result with the id `result_00000000000N`."""
    fields = {"result_id": f"result_{number:012d}", "title": "Campaigns", "sql": "SELECT 1"}
    return Result(**(fields | {"columns": columns, "rows": tuple(rows)} | more))


def campaigns(number=1):
    """Three campaigns; the last one without conversions."""
    columns = (a_column("campaign"), a_column("spend", "currency"), a_column("roas", "ratio", good="up"))
    return a_result(
        *columns, rows=(("Brand", 1200.5, 6.5), ("Generic", 800.25, 1.75), ("Stores", 90.0, None)), number=number
    )


def a_report(*blocks: Block, **more) -> Report:
    """A report of one section with these blocks, or without any."""
    sections = (Section(title="Campaigns", blocks=blocks),) if blocks else ()
    return Report(
        **({"title": "Weekly briefing", "period": WEEK, "summary": "All is well.", "sections": sections} | more)
    )


def by_id(*results):
    """Results under their ids."""
    return {result.result_id: result for result in results}
