"""What wakes a job's DAG by itself: time, data, or both."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk import Asset, AssetAll, AssetAny, AssetOrTimeSchedule
from airflow.sdk.definitions.asset import BaseAsset

from interact.operators.asset_uri import as_kept
from interact.schedules.plan import Plan

if TYPE_CHECKING:
    from interact.timetables.job import JobTimetable

    Waking = JobTimetable | AssetOrTimeSchedule | BaseAsset | None
    """What a DAG takes as its `schedule`."""


def waking_of(plan: Plan | None, held_from: datetime | None) -> Waking:
    """Return when Airflow starts a run of the plan that holds from that instant; None when only people and calls do.

    A job that waits for its data is woken by time and by any of its assets; its first task finds out which of its times
    that is, and whether all that it waits for is loaded.
    """
    if plan is None or held_from is None:
        return None
    from interact.timetables.job import JobTimetable

    timetable = JobTimetable(plan, held_from) if plan.schedule else None
    if not plan.assets:
        return timetable
    assets = _condition(plan)
    if timetable is None:
        return assets
    # Airflow declares its own authoring classes here, and takes a plugin's timetable, as its documentation says.
    return AssetOrTimeSchedule(timetable=timetable, assets=assets)  # type: ignore[arg-type]


def _condition(plan: Plan) -> BaseAsset:
    # By reference: a job may name an asset that no DAG makes yet.
    assets = [Asset.ref(uri=as_kept(name)) if "://" in name else Asset.ref(name=name) for name in plan.assets]
    return AssetAny(*assets) if plan.wait or plan.when == "any" else AssetAll(*assets)
