"""A task that lets a service answer, to be killed: `python -m builders.asking_a_service HOME CHAT_ID URL`."""

import sys
from pathlib import Path

from builders.remote_services import service_at
from builders.story import a_desk, open_fake
from interact.agents.remote.asking import RemoteAgent
from interact.chats.record import Attempt
from interact.runs.ask import ask, open_attempt
from interact.runs.desk import Desk
from interact.store import chats, runs


def answered_by_service(desk: Desk, chat_id: str, url: str) -> Attempt:
    """Open the chat's next attempt, as its task does, let a service answer it, and return it."""
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
        run = runs.by_id(session, chat.run_id) if chat else None
    assert run is not None
    attempt = open_attempt(desk, chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
    ask(desk, attempt, open_warehouse=open_fake, find_agent=lambda _: RemoteAgent(service_at(url)))
    with desk.store.reading() as session:
        found = chats.attempt(session, chat_id)
    assert found is not None
    return found


if __name__ == "__main__":
    home, chat_id, url = sys.argv[1:]
    answered_by_service(a_desk(Path(home)), chat_id, url)
