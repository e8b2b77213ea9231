"""Rooms import in one direction, and libraries stay in the rooms that own them."""

from __future__ import annotations

import pytest

from rules.house import listed, product, written
from rules.layers import circle, clock_readings, strangers


def test_every_import_is_one_that_the_table_allows() -> None:
    found = [sentence for module in product() for sentence in strangers(module)]
    assert not found, listed(found)


def test_no_word_looks_at_the_clock() -> None:
    found = [sentence for module in product() for sentence in clock_readings(module)]
    assert not found, listed(found)


def test_no_modules_import_one_another_in_a_circle() -> None:
    found = circle(product())
    assert found is None, found


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "interact.operators.ask",
            "from interact.store import chats",
            "'operators' imports 'store.chats', it may import",
        ),
        (
            "interact.jobs.naming",
            "def f():\n    import interact.runs.ask",
            "'jobs' imports 'runs.ask', it may import chats, nodes, notices, schedules",
        ),
        ("interact.agents.llm", "from interact.reports import pdf", "'agents' imports 'reports.pdf', it may import"),
        (
            "interact.chats.chat",
            "from interact import settings",
            "'chats' imports 'settings', it may import nothing but errors",
        ),
        (
            "interact.runs.begin",
            "from interact.commands.demo import x",
            "'commands', an entry; nothing imports an entry",
        ),
        ("interact.plugin", "import interact.commands.demo", "'commands', an entry; nothing imports an entry"),
        ("interact.gadgets.gear", "from interact.chats import chat", "the room 'gadgets' is not in the table"),
        (
            "interact.runs.begin",
            "def f():\n    from airflow.sdk import dag",
            "'runs' imports 'airflow', which belongs to",
        ),
        ("interact.agents.contract", "import airflow", "'agents' imports 'airflow', which belongs to agents.llm, "),
        (
            "interact.runs.begin",
            "import sqlalchemy as sa",
            "'runs' imports 'sqlalchemy', which belongs to api.airflow_connections, api.airflow_runs, store",
        ),
        (
            "interact.operators.ask",
            "from airflow.models import DagRun",
            "Airflow's own database, which is closed to it",
        ),
        ("interact.chats.chat", "import os", "a word asks neither the clock nor the machine"),
        ("interact.chats.chat", "import numpy", "words use the standard library and"),
        ("interact", "import pydantic", "the package itself imports 'pydantic'; it stays empty"),
    ],
)
def test_the_table_notices(name: str, text: str, sentence: str) -> None:
    found = list(strangers(written(name, text)))
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("interact.agents.llm", "def f():\n    from airflow.sdk import Connection"),
        ("interact.agents.llm", "from interact.reports.document import Report"),
        ("interact.store.jobs", "from interact.jobs.definition import Job\nfrom interact import settings"),
        ("interact.commands.demo", "from interact.store import jobs\nfrom airflow.sdk import dag"),
        ("interact.chats.chat", "from pydantic import BaseModel\nfrom datetime import date\nimport interact.errors"),
    ],
)
def test_the_table_lets_pass_what_is_in_order(name: str, text: str) -> None:
    assert list(strangers(written(name, text))) == []


def test_a_look_at_the_clock_is_noticed() -> None:
    text = "from datetime import datetime\ndef f():\n    return datetime.now()"
    assert list(clock_readings(written("interact.jobs.due", text))) == [
        "interact.jobs.due:3: 'jobs' looks at the clock; take the moment as an argument."
    ]
    assert list(clock_readings(written("interact.runs.due", text))) == []


def test_a_circle_is_noticed_even_when_a_function_hides_it() -> None:
    modules = [
        written("interact.a.one", "from interact.a.two import f"),
        written("interact.a.two", "def f():\n    from interact.a import one"),
    ]
    assert circle(modules) in {
        "These modules import one another in a circle: interact.a.one → interact.a.two → interact.a.one.",
        "These modules import one another in a circle: interact.a.two → interact.a.one → interact.a.two.",
    }
