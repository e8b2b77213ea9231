"""An organisation changed by its admins, and what a new zone or calendar does to its jobs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.story import a_desk, a_job
from interact.errors import AccessRefused, EditConflict, FileRefused, NotFound
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.runs.desk import Desk
from interact.runs.organisations import (
    Move,
    change_organisation,
    fingerprint,
    moves,
    read_organisation,
    restore_organisation_version,
)
from interact.store import organisations, periods

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NORTH: dict[str, Any] = {"key": "norrland", "name": "Norrland", "timezone": "Europe/Amsterdam"}


def an_organisation(**changes: Any) -> Organisation:
    return Organisation.model_validate(NORTH | changes)


def anybody(organisation: StoredOrganisation) -> None:
    """Let everybody do it."""


def nobody(organisation: StoredOrganisation) -> None:
    raise AccessRefused(f"Not in {organisation.definition.key}.")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


@pytest.fixture
def job(desk: Desk) -> StoredJob:
    return a_job(desk, schedule="0 8 * * 1")


def stored(desk: Desk) -> StoredOrganisation:
    with desk.store.reading() as session:
        found = organisations.by_key(session, "norrland")
    assert found is not None
    return found


def changed(desk: Desk, seen: str | None = None, **plain: Any) -> StoredOrganisation:
    there = stored(desk)
    seen = seen or fingerprint(there.definition)
    return change_organisation(desk, there.organisation_id, NORTH | plain, seen=seen, by="ivy", permit=anybody)


def between(
    jobs: list[StoredJob], before: dict[str, Any], after: dict[str, Any], now: datetime = NOW
) -> tuple[Move, ...]:
    return moves(jobs, an_organisation(**before), an_organisation(**after), now=now)


def times(move: Move) -> tuple[str | None, ...]:
    return tuple(at.strftime("%d %b %H:%M") if at else None for at in move.next_at)


def test_a_change_is_stored_and_its_jobs_follow(desk: Desk, job: StoredJob) -> None:
    now = changed(desk, name="Norrland & Kaye", timezone="America/New_York", members={"ivy": "admin"})
    assert (now.definition.name, now.definition.members) == ("Norrland & Kaye", {"ivy": "admin"})
    with desk.store.reading() as session:
        period = periods.current(session, job.job_id)
    assert period is not None and period.plan.schedule is not None
    assert period.plan.schedule.timezone == "America/New_York"


def test_the_key_stays(desk: Desk, job: StoredJob) -> None:
    assert changed(desk, key="other", name="Other").definition.key == "norrland"


def test_a_change_to_what_is_not_there_any_more_is_refused_and_shows_what_is(desk: Desk, job: StoredJob) -> None:
    seen = fingerprint(stored(desk).definition)
    changed(desk, seen, name="First")
    with pytest.raises(EditConflict, match="Organisation 'norrland' was changed by somebody else") as conflict:
        changed(desk, seen, name="Second")
    assert (conflict.value.version, conflict.value.definition["name"]) == (None, "First")
    assert stored(desk).definition.name == "First"


def test_who_may_not_by_then_changes_nothing(desk: Desk, job: StoredJob) -> None:
    there = stored(desk)
    with pytest.raises(AccessRefused, match="Not in norrland"):
        change_organisation(
            desk,
            there.organisation_id,
            {**NORTH, "name": "Other"},
            seen=fingerprint(there.definition),
            by="ivy",
            permit=nobody,
        )
    assert stored(desk) == there


def test_an_organisation_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no organisation 'org_000000000000'"):
        change_organisation(desk, "org_000000000000", NORTH, seen="", by="ivy", permit=anybody)


@pytest.mark.parametrize(
    ("plain", "path", "told"),
    [
        ({"members": {"ada": "member"}}, ("members",), "names members and none of them as admin"),
        ({"timezone": "Mars"}, ("timezone",), "'Mars' is no IANA time zone"),
        ({"calendar": {"country": "XX"}}, ("calendar", "country"), "has no known public holidays"),
        ({"calendar": {"country": "NL", "region": "BY"}}, ("calendar", "region"), "is not known in 'NL'"),
        ({"branding": {"primary": "red"}}, ("branding", "primary"), "six hexadecimal digits"),
        ({"members": {"": "admin"}}, ("members", "", "[key]"), "is empty"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_key(plain: dict[str, Any], path: tuple[str, ...], told: str) -> None:
    with pytest.raises(FileRefused, match=told) as refused:
        read_organisation(NORTH | plain)
    assert refused.value.path == path


def test_a_fingerprint_is_of_the_definition_alone() -> None:
    assert fingerprint(an_organisation()) == fingerprint(an_organisation())
    assert fingerprint(an_organisation()) != fingerprint(an_organisation(name="Other"))


def test_a_new_zone_moves_the_jobs_that_have_none_of_their_own(desk: Desk) -> None:
    followed = a_job(desk, schedule="0 8 * * 1")
    own = a_job(desk, key="own", timezone="Asia/Tokyo", schedule="0 8 * * 1")
    without = a_job(desk, key="without")
    off = a_job(desk, key="off", schedule={"cron": "0 8 * * 1", "enabled": False})
    (move,) = between([followed, own, without, off], {}, {"timezone": "America/New_York"})
    assert (move.job, move.zones) == (followed, ("Europe/Amsterdam", "America/New_York"))
    assert times(move) == ("30 Nov 07:00", "23 Nov 13:00")  # It is Monday, and not yet 8 in New York.


def test_across_a_change_of_the_clocks_each_zone_has_its_own_offset(desk: Desk) -> None:
    # New York's clocks go forward on 14 March 2027, Amsterdam's two weeks later.
    job = a_job(desk, schedule="0 8 * * 0")
    saturday = datetime(2027, 3, 13, 12, 0, tzinfo=UTC)
    (move,) = between([job], {}, {"timezone": "America/New_York"}, saturday)
    assert times(move) == ("14 Mar 07:00", "14 Mar 12:00")
    (later,) = between([job], {}, {"timezone": "America/New_York"}, datetime(2027, 3, 27, 12, 0, tzinfo=UTC))
    assert times(later) == ("28 Mar 06:00", "28 Mar 12:00")


def test_a_zone_with_the_same_clock_moves_nothing_though_the_plan_is_another(desk: Desk) -> None:
    (move,) = between([a_job(desk, schedule="0 8 * * 1")], {}, {"timezone": "Europe/Berlin"})
    assert not move.is_moved


def test_the_start_of_business_moves_business_days_without_a_time_alone(desk: Desk) -> None:
    first = a_job(desk, key="first", schedule="@first-weekday")
    timed = a_job(desk, key="timed", schedule="@first-weekday 09:30")
    weekly = a_job(desk, key="weekly", schedule="0 8 * * 1")
    (move,) = between([first, timed, weekly], {}, {"start_of_business": "07:00"})
    assert (move.job, times(move)) == (first, ("01 Dec 07:00", "01 Dec 06:00"))


def test_a_calendar_moves_the_jobs_that_heed_it(desk: Desk) -> None:
    heeding = a_job(desk, key="heeding", name="B", schedule={"cron": "0 8 25 12 *", "on_holiday": "next"})
    first = a_job(desk, key="first", name="C", schedule="@first-weekday")
    weekly = a_job(desk, key="weekly", name="A", schedule="0 8 * * 1")
    found = between([first, weekly, heeding], {}, {"calendar": {"country": "NL"}})
    assert [(move.job.definition.name, move.is_moved) for move in found] == [("B", True), ("C", False)]
    assert times(found[0]) == ("25 Dec 07:00", "28 Dec 07:00")


def test_an_earlier_version_is_restored_as_a_new_one_and_members_stay(desk: Desk, job: StoredJob) -> None:
    changed(desk, context="We sell bikes.", members={"ada": "admin"})
    there = changed(desk, context="We sell boats.", members={"bob": "admin"})
    seen = fingerprint(there.definition)
    again = restore_organisation_version(desk, there.organisation_id, 2, seen=seen, by="bob", permit=anybody)
    assert (again.version, again.definition.context) == (4, "We sell bikes.")
    assert again.definition.members == {"bob": "admin"}
    with desk.store.reading() as session:
        newest = organisations.versions(session, there.organisation_id, limit=1)[0]
    assert newest.saved_by == "user:bob"


def test_a_version_that_there_is_not_is_not_found(desk: Desk, job: StoredJob) -> None:
    there = stored(desk)
    with pytest.raises(NotFound, match="no version"):
        restore_organisation_version(desk, there.organisation_id, 9, seen="", by="ivy", permit=anybody)
