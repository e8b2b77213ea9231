"""Let a service answer: hand the question over, read how it goes until it has ended, and keep what it says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid4, uuid5

from interact.agents.contract import Answer, Journal, Question
from interact.agents.remote.answered import Claims, answer_of, cut_short, limit_reached
from interact.agents.remote.exchange import EarlierTurn, RunRequest
from interact.agents.remote.service import Away, RunUnknown, Service, ServiceFailed
from interact.errors import InteractError, NotStartable, StoreUnavailable
from interact.warehouse.queries import Warehouse
from interact.warehouse.semantic import SemanticModel

FIRST_SECONDS, LONGEST_SECONDS, GROWTH = 0.5, 5.0, 1.5
"""How long to wait between two looks: more each time."""
LONGEST_ASKED_SECONDS = 120
"""A service that asks for more is asked again after this."""
_Got = TypeVar("_Got")
FAILURES = 6
"""So many calls in a row may fail; then the task's own retry takes over."""


@dataclass(frozen=True)
class RemoteAgent:
    """A service that answers. A run that was begun is found again by its id, or by the key of the question."""

    service: Service
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Return the service's answer; raises AgentRefused when it has none, ModelUnavailable while it is away."""
        journal.require_wanted()
        errand = _Errand(self, question, request_of(question, warehouse.model), journal)
        run_id = errand.known() or errand.begun()
        try:
            return errand.awaited(run_id)
        except RunUnknown:
            # It has forgotten the run; asked with the same key it begins another one, at most once.
            return errand.awaited(errand.begun())


def request_of(question: Question, model: SemanticModel) -> RunRequest:
    """Return what the service is told."""
    return RunRequest(
        prompt=question.prompt,
        on_date=question.on_date,
        parameters=dict(question.parameters),
        filters=dict(question.filters),
        title=question.title,
        instructions=question.instructions,
        context=question.context,
        earlier=tuple(EarlierTurn(prompt=turn.prompt, answer=turn.answer) for turn in question.earlier),
        limits=question.limits,
        may_write_sql=question.may_write_sql,
        model=without_people(model),
    )


def without_people(model: SemanticModel) -> dict[str, Any]:
    """Return a model as plain content, without the columns that tell who a person is."""
    plain = model.model_dump(mode="json", exclude_none=True)
    return {**plain, "dimensions": [each for each in plain["dimensions"] if not each["pii"]]}


@dataclass
class _Errand:
    """One try at one answer."""

    agent: RemoteAgent
    question: Question
    request: RunRequest
    journal: Journal
    given_up: int = 0
    """How many runs at the service earlier tries have cancelled."""

    def known(self) -> str | None:
        """Return the id of the run that an earlier try began; None when it began none, or gave it up."""
        run_id: str | None = None
        for step in self.journal.steps():
            kept = json.loads(step)
            run_id = kept.get("run")
            self.given_up += "given_up" in kept
        return run_id

    def begun(self) -> str:
        """Hand the question over and return the run's id, which is kept."""
        self.journal.require_wanted()
        accepted = self._patiently(partial(self.agent.service.start, self.request, key=self._key))
        self.journal.keep(json.dumps({"run": accepted.id}))
        return accepted.id

    def awaited(self, run_id: str) -> Answer:
        """Return what a run answers once it has ended; one that is not wanted any more is cancelled."""
        with ExitStack() as held:
            held.push(lambda _, error, __: self._leave(run_id, error))
            return self._watched(run_id)

    def _watched(self, run_id: str) -> Answer:
        self.journal.require_wanted()
        claims, last, said, pause = Claims(self.journal, self._key), -1, 0, FIRST_SECONDS
        while True:
            state, asked = self._patiently(partial(self.agent.service.state, run_id, after=last))
            claims.take(state.results)
            for message in (each for each in state.messages if each.seq > last):
                self.journal.say(claims.named(message.text))
                last, said = message.seq, said + 1
            if state.status == "completed":
                return answer_of(state, claims)
            if state.status in ("failed", "cancelled"):
                self.journal.keep(json.dumps({"ended": run_id}), usage=state.usage, cost_usd=state.cost_usd)
                raise ServiceFailed(self.agent.service, state)
            if stopped := limit_reached(state, self.question.limits, messages=said):
                self._give_up(run_id)
                return cut_short(state, claims, stopped)
            self._wait(max(pause, min(asked, LONGEST_ASKED_SECONDS)))
            pause = min(pause * GROWTH, LONGEST_SECONDS)

    @cached_property
    def _key(self) -> str:
        """The same for each try, and another one once a run was given up: that one is not to be found again."""
        named = f"interact:{self.question.key}:{self.given_up}"
        return str(uuid5(NAMESPACE_URL, named) if self.question.key else uuid4())

    def _patiently(self, call: Callable[[], _Got]) -> _Got:
        """Return what a call gives, tried again while the service is away."""
        failures = 0
        while True:
            try:
                return call()
            except Away as away:
                failures += 1
                if failures == FAILURES:
                    raise
                pause = max(min(away.wait_seconds, LONGEST_ASKED_SECONDS), min(failures, LONGEST_SECONDS))
            self._wait(pause)

    def _wait(self, seconds: float) -> None:
        """Wait, and notice within a second that nobody wants the answer any more."""
        while seconds > 0:
            self.journal.require_wanted()
            self.agent.sleep(min(seconds, 1))
            seconds -= 1
        self.journal.require_wanted()

    def _leave(self, run_id: str, error: BaseException | None) -> None:
        """Cancel a run that no further try will look for: not after a crash, nor where a retry helps."""
        passing = isinstance(error, InteractError) and (
            error.retry_helps or isinstance(error, RunUnknown | ServiceFailed)
        )
        if error is not None and not passing:
            self._give_up(run_id)

    def _give_up(self, run_id: str) -> None:
        try:
            with suppress(StoreUnavailable):
                self.journal.keep(json.dumps({"given_up": run_id}))
        except NotStartable:
            return  # A newer try waits for this very run.
        self.agent.service.cancel(run_id)
