"""Runs that have ended, as their tasks leave them in the store, and channels that hear of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from builders.saved import a_channel, a_job, accept, an_agent, an_organisation
from builders.story import MODEL
from interact import settings
from interact.chats.record import Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.stored import StoredJob
from interact.notices.sending import Answer, Outcome
from interact.reports.document import Highlight, Period, Report
from interact.runs.desk import Desk
from interact.store import agents, channels, chats, incidents, jobs, ledger, organisations, runs
from interact.store.files import Files
from interact.store.ledger import Delivery
from interact.store.sessions import Store
from interact.warehouse.semantic import read_model

MONDAY = datetime(2026, 11, 23, 7, 3, tzinfo=UTC)
GOOD, BAD, STOPPED = ChatStatus.COMPLETED, ChatStatus.FAILED, ChatStatus.CANCELLED
REASON = "Channel 'TikTok' is unknown; there are 'search', 'social'."
Told = list[tuple[str, str, str, str]]
"""Of each delivery the channel's key, the recipient, the state and the first words of why it is held."""


@dataclass(frozen=True)
class ClockDesk(Desk):
    """A desk whose present is told."""

    clock: list[datetime] = field(default_factory=lambda: [MONDAY], repr=False)

    def now(self) -> datetime:
        """Return the instant that was told last."""
        return self.clock[-1]


@dataclass(frozen=True)
class House:
    """A store with an organisation and its agent."""

    desk: ClockDesk

    def later(self, **how: float) -> None:
        """Let time go by."""
        self.desk.clock.append(self.desk.now() + timedelta(**how))

    def channels(self, *made: Mapping[str, Any]) -> None:
        """Save channels."""
        with self.desk.store.writing() as session:
            for each in made:
                channels.save(session, a_channel(**each), now=self.desk.now())

    def limits(self, **notices: Any) -> None:
        """Save what holds for all notices of the organisation."""
        with self.desk.store.writing() as session:
            organisations.save(session, an_organisation(notices=notices), now=self.desk.now())

    def job(self, **changes: Any) -> StoredJob:
        """Save a job with the parameter market."""
        with self.desk.store.writing() as session:
            return jobs.save(session, a_job(**changes), now=self.desk.now())[0]

    def ended(self, job: StoredJob, *statuses: ChatStatus, **changes: Any) -> str:
        """Return the id of a run of NL, BE and DE, as far as there are statuses, that ends as `end` says."""
        acceptance = ("audience", "initiator", "rerun_of", "due_at")
        given = {name: changes.pop(name) for name in acceptance if name in changes}
        with self.desk.store.writing() as session:
            run, _ = accept(session, job, ("NL", "BE", "DE")[: len(statuses)], now=self.desk.now(), **given)
        return self.end(run.run_id, *statuses, **changes)

    def end(
        self,
        run_id: str,
        *statuses: ChatStatus,
        highlights: tuple[str, ...] = (),
        outage: str | None = None,
        clear_number: int = 0,
        verdict: RunVerdict | None = None,
    ) -> str:
        """Let a run begin, again after a Clear, and end with its chats so; return its id."""
        now = self.desk.now()
        kinds = set(statuses)
        judged = RunVerdict.COMPLETED if kinds == {GOOD} else RunVerdict.PARTIAL if GOOD in kinds else RunVerdict.FAILED
        with self.desk.store.writing() as session:
            runs.mark_started(session, run_id, at=now, clear_number=clear_number)
            for chat, status in zip(chats.of_run(session, run_id), statuses, strict=True):
                number = chats.begin_attempt(session, chat.chat_id, now=now)
                report = a_report(highlights).model_dump_json() if status is GOOD else None
                reason = None if status is GOOD else REASON
                outcome = chats.Outcome(status, reason, report, outage=outage if status is BAD else None)
                chats.finish_attempt(session, chat.chat_id, number, outcome, now=now)
                if status is GOOD:
                    put = self.desk.files.put
                    drawn = chats.Rendered(put(b"<!doctype html>", ".html"), put(b"%PDF-1.7 of a test", ".pdf"))
                    chats.set_rendered(session, chat.chat_id, number, drawn)
            runs.mark_ended(session, run_id, verdict=verdict or judged, reason=None, at=now)
        return run_id

    def outages_end(self) -> None:
        """Let all be there again that was away."""
        with self.desk.store.writing() as session:
            for each in incidents.still_open(session):
                incidents.end(session, each.incident_id, at=self.desk.now())

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        with self.desk.store.reading() as session:
            return runs.by_id(session, run_id)

    def deliveries(self, notice_ids: list[str]) -> list[Delivery]:
        """Return the deliveries of notices."""
        with self.desk.store.reading() as session:
            return ledger.deliveries(session, notice_ids)

    def told(self, notice_ids: list[str]) -> Told:
        """Return who is told, in the order of channels."""
        found = self.deliveries(notice_ids)
        return [(each.channel_key, each.recipient, str(each.state), each.told) for each in found]

    def said(self, run_id: str, notice_ids: list[str]) -> dict[str, str]:
        """Return notices of a run's end by what they are about, as `completed` or `failed:market=NL`."""
        with self.desk.store.reading() as session:
            found = ledger.notices_by_id(session, notice_ids)
        return {each.occasion.removeprefix(f"{run_id}:"): notice_id for notice_id, each in found.items()}

    def delivered(self, notice_ids: list[str], outcome: Outcome = Outcome.DELIVERED) -> None:
        """Let servers answer each pending delivery so."""
        now = self.desk.now()
        with self.desk.store.writing() as session:
            for each in ledger.deliveries(session, notice_ids):
                if ledger.claim(session, [each.delivery_id], claim="test", now=now):
                    answer = Answer(outcome, "250 Ok")
                    ledger.settle(session, each.delivery_id, answer, claim="test", again_at=None, now=now)


def a_house(store: Store, folder: Path) -> House:
    """Return a house on a store, with a desk that keeps files in a folder."""
    desk = ClockDesk(store, Files(folder / "files"), settings.read({"INTERACT_HOME": str(folder)}))
    model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=MONDAY)
        agents.save(session, an_agent(semantic_model=model), now=MONDAY)
    return House(desk)


def a_report(highlights: tuple[str, ...] = ()) -> Report:
    """A report of a sentence, with these highlights."""
    return Report(
        title="Spend",
        period=Period(start=date(2026, 11, 16), end=date(2026, 11, 22)),
        summary="Spend held.",
        highlights=tuple(Highlight(title=title, text="It did.", tone="warning") for title in highlights),
    )


MAIL: dict[str, Any] = {"recipients": ["team@example.com", "ada@example.com"]}
OPS: dict[str, Any] = {"key": "ops", "type": "slack", "connection": "slack_bot", "recipients": ["#ops"]}
ALARM: dict[str, Any] = {**OPS, "key": "alarm", "recipients": ["#alarm"], "level": "error", "topics": ["failed_run"]}
TEAM: Told = [("mail", "ada@example.com", "pending", ""), ("mail", "team@example.com", "pending", "")]


def with_channels(store: Store, folder: Path) -> House:
    """A house with a channel by mail, one of Slack, and one that hears failures only."""
    made = a_house(store, folder)
    made.channels(MAIL, OPS, ALARM)
    return made


def notice(house: House, notice_id: str) -> ledger.KeptNotice:
    """What is kept of a notice."""
    with house.desk.store.reading() as session:
        return ledger.notices_by_id(session, [notice_id])[notice_id]


def route(value: str, channel: str = "mail", *recipients: str) -> dict[str, Any]:
    """The chats of one market to a channel, or to some of its recipients."""
    return {"parameter": "market", "value": value, "channel": channel, "recipients": recipients}
