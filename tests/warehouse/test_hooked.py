"""The door through a driver: what it does when the driver does not obey, and what it tells."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from builders.warehoused import MODEL
from interact.chats.result import Column
from interact.errors import QueryFailed, QueryStopped, WarehouseUnavailable
from interact.warehouse.hooked import Driver, HookedDoor
from interact.warehouse.queries import Compiled, Limits

COUNT = "SELECT COUNT(*) AS n FROM orders"


class StubbornDriver:
    """A connection whose queries take as long as they like; it counts what is done to it."""

    description = (("n",),)

    def __init__(self) -> None:
        self.done: list[str] = []
        self.released = threading.Event()
        self.fault: Exception | None = None
        self.waits = False

    def connect(self) -> StubbornDriver:
        self.done.append("connect")
        return self

    cursor = lambda self: self  # noqa: E731

    def execute(self, sql: str) -> None:
        self.done.append(sql)
        if self.fault:
            raise self.fault
        if self.waits:
            self.released.wait(20)

    def fetchmany(self, count: int) -> list[tuple[int]]:
        return [(7,)] if self.done[-1] != "fetchmany" and not self.done.append("fetchmany") else []

    def cancel(self) -> None:
        self.done.append("cancel")

    def rollback(self) -> None:
        self.done.append("rollback")

    def close(self) -> None: ...


@pytest.fixture
def driver() -> StubbornDriver:
    return StubbornDriver()


def a_door(driver: Any, **limits: Any) -> HookedDoor:
    through = Driver("cellar", "snowflake", driver.connect)
    return HookedDoor(through, MODEL, {"country": "NL"}, limits=Limits(**limits), new_id=lambda: "result_aaaaaaaaaaaa")


def test_a_query_goes_out_below_the_models_view_of_its_tables(driver: StubbornDriver) -> None:
    assert a_door(driver).query("SELECT COUNT(*) AS n FROM orders AS o", title="t").rows == ((7,),)
    assert driver.done == [
        "connect",
        "WITH seen_orders AS (SELECT amount, channel, customer_id, day, id, note FROM orders WHERE customer_id IN "
        "(SELECT id FROM crm.customers WHERE country = 'NL')) SELECT COUNT(*) AS n FROM seen_orders AS o",
        "fetchmany",
        "rollback",
    ]


def test_a_driver_that_does_not_come_back_is_left_behind(driver: StubbornDriver) -> None:
    door = a_door(driver, seconds=0.3)
    door.query(COUNT, title="t")
    driver.waits = True
    began = time.monotonic()
    with pytest.raises(QueryStopped, match=r"it ran for more than 0.3 seconds"):
        door.query(COUNT, title="t")
    assert time.monotonic() - began < 3
    assert "cancel" in driver.done
    driver.waits = False
    assert door.query(COUNT, title="t").rows == ((7,),)
    assert driver.done.count("connect") == 2
    driver.released.set()


def test_a_database_that_writes_names_in_capitals_is_understood(driver: StubbornDriver) -> None:
    driver.description = (("N",),)
    result = a_door(driver).run(Compiled(COUNT, (Column(name="n", label="Orders"),)), title="t")
    assert (result.rows, result.values("n")) == (((7,),), (7,))


def test_a_connection_that_does_not_open_is_said_without_its_words(driver: StubbornDriver) -> None:
    def connect() -> None:
        raise RuntimeError("login reader:hunter2@db.example.com failed")

    door = HookedDoor(Driver("cellar", "snowflake", connect), MODEL, {}, new_id=lambda: "result_aaaaaaaaaaaa")
    with pytest.raises(WarehouseUnavailable, match=r"'cellar' cannot be opened \(RuntimeError\). Mend") as raised:
        door.query(COUNT, title="t")
    assert "hunter2" not in str(raised.value)


def test_what_a_driver_says_is_passed_on_without_what_it_quotes(driver: StubbornDriver) -> None:
    driver.fault = ValueError("Numeric value 'anna@example.com' is not recognized in \"COUNT\"\nat line 3")
    with pytest.raises(QueryFailed, match=r'run the query: Numeric value … is not recognized in "COUNT"\.$'):
        a_door(driver).query(COUNT, title="t")


def test_closing_ends_the_thread(driver: StubbornDriver) -> None:
    before = threading.active_count()
    with a_door(driver) as door:
        door.query(COUNT, title="t")
        assert threading.active_count() == before + 1
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before
