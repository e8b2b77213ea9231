"""A door and a journal that write into the chat, before the agent sees it, what is queried, done and said."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from interact.agents.contract import Journal, Question
from interact.chats.message import Message
from interact.chats.record import QueryRecord
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.errors import InteractError, NotStartable
from interact.jobs.naming import new_id
from interact.reports.provenance.ground import Ground
from interact.reports.provenance.tracing import trace
from interact.runs import reasons
from interact.runs.desk import Desk
from interact.runs.tracing import ground_so_far
from interact.store import chats
from interact.warehouse.queries import Compiled, Warehouse
from interact.warehouse.semantic import SemanticModel


@dataclass
class Recorder(Warehouse, Journal):
    """The warehouse door and the journal of one attempt."""

    desk: Desk
    chat_id: str
    attempt: int
    door: Warehouse
    question: Question
    results: dict[str, Result] = field(default_factory=dict)
    """Every result that the attempt has, those of the tries that it goes on from among them."""
    untraced: list[str] = field(default_factory=list)
    """The numbers said in between that no result had shown by then: they are marked."""
    _ground: Ground | None = None

    @property
    def model(self) -> SemanticModel:  # type: ignore[override]
        """The semantic model behind the door."""
        return self.door.model

    @property
    def dialect(self) -> str:  # type: ignore[override]
        """Sqlglot's name for the database behind the door."""
        return self.door.dialect

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the known values of a dimension."""
        return self.door.members(dimension)

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run one query and keep it, also when it fails; raises NotStartable once the run was cancelled."""
        return self._recorded(lambda: self.door.run(compiled, title=title), compiled.sql, title)

    def query(self, sql: str, *, title: str) -> Result:
        """Run SQL that an agent wrote and keep it, also when it fails; raises NotStartable as `run`."""
        return self._recorded(lambda: self.door.query(sql, title=title), sql, title)

    def steps(self) -> tuple[str, ...]:
        """Return what the tries before this one kept, which it goes on from."""
        with self.desk.store.reading() as session:
            return chats.steps_before(session, self.chat_id, self.attempt)

    def earlier_results(self) -> Mapping[str, Result]:
        """Return the results of those tries."""
        return dict(self.results)

    def keep(self, step: str, *, usage: Mapping[str, int] | None = None, cost_usd: float | None = None) -> None:
        """Keep a step, and what was used so far; raises NotStartable once a newer try goes on."""
        with self.desk.store.writing() as session:
            if chats.is_superseded(session, self.chat_id, self.attempt):
                raise NotStartable(reasons.answer_ended(self.chat_id))  # A newer try has read the steps already.
            chats.add_step(session, self.chat_id, self.attempt, step, now=self.desk.now())
            if usage is not None:
                chats.set_spent(session, self.chat_id, self.attempt, usage, cost_usd)

    def say(self, text: str) -> None:
        """Put a message into the chat, its numbers traced to the results that there are by now."""
        if self._ground is None or len(self._ground.results) != len(self.results):
            self._ground = ground_so_far(self.question, dict(self.results), self.model)
        traced = trace(text, self._ground)
        self.untraced += traced.untraced
        said = Message(role="assistant", text=traced.text, created_at=self.desk.now())
        with self.desk.store.writing() as session:
            chats.add_message(session, self.chat_id, self.attempt, said)

    def claim(self, result: Result) -> None:
        """Keep a result that did not come through the door; one that an earlier try kept is there already."""
        with self.desk.store.reading() as session:
            is_kept = chats.query_in(session, self.chat_id, result.result_id) is not None
        if is_kept:
            self.results[result.result_id] = result
        else:
            self._keep_result(result, is_claimed=True)

    def require_wanted(self) -> None:
        """Stop an agent at work whose run was cancelled, as Airflow may not have been told, or whose task was ended."""
        with self.desk.store.reading() as session:
            chat = chats.by_id(session, self.chat_id)
        if chat and chat.status is ChatStatus.CANCELLED:
            raise NotStartable(reasons.chat_cancelled(self.chat_id))
        if chat and (chat.status is not ChatStatus.RUNNING or chat.attempt != self.attempt):
            raise NotStartable(reasons.answer_ended(self.chat_id))

    def _recorded(self, run: Callable[[], Result], sql: str, title: str) -> Result:
        self.require_wanted()
        began = time.monotonic()
        try:
            result = run()
        except InteractError as error:
            seconds = time.monotonic() - began
            failed = QueryRecord(
                result_id=new_id("result"),
                title=title,
                sql=sql,
                row_count=0,
                truncated=False,
                elapsed_seconds=seconds,
                rows_sha256=None,
                failure=str(error),
            )
            self._keep(failed)
            raise
        self._keep_result(result, is_claimed=False)
        return result

    def _keep_result(self, result: Result, *, is_claimed: bool) -> None:
        self.results[result.result_id] = result
        self._keep(
            QueryRecord(
                result_id=result.result_id,
                title=result.title,
                sql=result.sql,
                row_count=len(result.rows),
                truncated=result.truncated,
                elapsed_seconds=result.elapsed_seconds,
                rows_sha256=self.desk.files.put_result(result),
                failure=None,
                is_claimed=is_claimed,
            )
        )

    def _keep(self, query: QueryRecord) -> None:
        with self.desk.store.writing() as session:
            chats.add_query(session, self.chat_id, self.attempt, query)
