"""A chat that a language model answers, in this process or in one that is killed at work.

`python -m builders.asked_models CHAT_ID DAG_ID DAG_RUN_ID SERVER_URL` answers one on the desk of INTERACT_HOME.
"""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from builders.llm import QUICK, FewRows, an_llm
from builders.model_servers import ModelServer
from builders.story import a_job
from interact.agents.llm.loop import Patience
from interact.chats.record import Attempt
from interact.jobs.stored import StoredAgent
from interact.runs.accept import Ask, accept
from interact.runs.ask import ask, open_attempt
from interact.runs.desk import Desk
from interact.store import chats
from interact.warehouse.queries import Warehouse

PATIENT = Patience(attempt_seconds=60, request_seconds=60, further_tries=0, look_seconds=0.1)


@dataclass(frozen=True)
class AskedChat:
    """One chat of a run."""

    desk: Desk
    chat_id: str
    run_id: str
    dag_id: str
    dag_run_id: str

    def answered(self, url: str, *, clear: int = 0, patience: Patience = QUICK) -> dict[str, int]:
        """Let the model at an address answer."""
        opened = open_attempt(
            self.desk, self.chat_id, dag_id=self.dag_id, dag_run_id=self.dag_run_id, clear_number=clear
        )
        agent = an_llm(ModelServer(url), patience=patience)
        return ask(self.desk, opened, open_warehouse=open_few, find_agent=lambda _: agent)

    @property
    def attempt(self) -> Attempt:
        """The newest attempt."""
        with self.desk.store.reading() as session:
            found = chats.attempt(session, self.chat_id)
        if found is None:
            raise LookupError(self.chat_id)
        return found


def a_chat(desk: Desk, **job: object) -> AskedChat:
    """Return a chat that waits for its answer."""
    accepted = accept(desk, Ask(a_job(desk, **job).job_id, {"market": "NL"}, "key:test"))
    run = accepted.run
    return AskedChat(desk, accepted.chats[0].chat_id, run.run_id, run.dag_id, run.dag_run_id)


def open_few(agent: StoredAgent, filters: dict[str, str]) -> AbstractContextManager[Warehouse]:
    """Open a warehouse of a few rows."""
    return nullcontext(FewRows())


def main(chat_id: str, dag_id: str, dag_run_id: str, url: str) -> None:
    """Answer a chat."""
    from interact import settings
    from interact.runs.desk import open_desk

    AskedChat(open_desk(settings.read()), chat_id, "", dag_id, dag_run_id).answered(url, patience=PATIENT)


if __name__ == "__main__":
    main(*sys.argv[1:])
