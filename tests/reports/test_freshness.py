from datetime import UTC, datetime, timedelta

import pytest

from interact.chats.record import AssetLoad
from interact.reports.freshness import LONGEST_NAME, NEVER, freshness, moment, name

LOADED = datetime(2026, 11, 22, 6, 42, tzinfo=UTC)
AMSTERDAM = "Europe/Amsterdam"


def a_load(asset="orders", *, loaded_at=LOADED, dag_id="orders_load", late=False):
    return AssetLoad(asset, loaded_at, dag_id, late)


def test_a_job_without_assets_has_no_freshness():
    assert freshness((), AMSTERDAM) is None


def test_data_is_as_old_as_its_oldest_load():
    found = freshness((a_load(loaded_at=LOADED + timedelta(days=1)), a_load("spend")), AMSTERDAM)
    assert found.as_of == "22 Nov 2026, 07:42 CET"
    assert [load.loaded for load in found.loads] == ["23 Nov 2026, 07:42 CET", "22 Nov 2026, 07:42 CET"]
    assert found.caution == ""


def test_data_that_was_never_loaded_has_no_age_and_alone_is_no_caution():
    found = freshness((a_load(), a_load("spend", loaded_at=None, dag_id=None)), AMSTERDAM)
    assert (found.as_of, found.loads[1].loaded, found.caution) == ("", NEVER, "")


def test_an_asset_that_had_not_arrived_is_told_with_its_newest_load_and_its_dag():
    assert freshness((a_load(late=True),), AMSTERDAM).caution == (
        "orders had not been loaded in time: its newest load is of 22 Nov 2026, 07:42 CET. DAG orders_load makes it. "
        "Figures from it may lack what came last."
    )
    assert freshness((a_load(late=True, loaded_at=None, dag_id=None),), AMSTERDAM).caution == (
        "orders had not been loaded in time: no load known. Figures from it may lack what came last."
    )


def test_of_many_that_had_not_arrived_three_are_named():
    found = freshness([a_load(f"asset-{number}", late=True) for number in range(20)], AMSTERDAM)
    assert found.caution.startswith("asset-0, asset-1, asset-2 and 17 more had not been loaded in time.")
    assert len(found.loads) == 20


@pytest.mark.parametrize(("hour", "told"), [(0, "02:30 CEST"), (1, "02:30 CET")])
def test_the_two_passes_of_an_hour_are_told_apart(hour, told):
    assert moment(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), AMSTERDAM) == f"25 Oct 2026, {told}"


def test_a_very_long_name_loses_its_middle():
    whole = "s3://bucket/" + "x" * 1500 + "/orders"
    assert len(name(whole)) == LONGEST_NAME - 1
    assert name(whole).startswith("s3://bucket/") and name(whole).endswith("/orders") and "…" in name(whole)
    assert name("x" * LONGEST_NAME) == "x" * LONGEST_NAME
