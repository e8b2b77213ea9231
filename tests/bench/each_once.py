"""Did each accepted trigger lead to one run with one chat, answered once? Judged from both databases."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answered:
    """What one trigger was told: the id of its run and of its chat."""

    run_id: str
    chat_id: str


@dataclass(frozen=True)
class Chat:
    """A chat in the store."""

    chat_id: str
    run_id: str
    status: str
    attempt: int


def violations(answers: Iterable[Answered], chats: Iterable[Chat], dag_runs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a sentence for each thing that is wrong; `dag_runs` are ids and states of all of Airflow's runs."""
    told, kept, runs = Counter(answers), list(chats), list(dag_runs)
    found = [f"run {answer.run_id} was told to {count} triggers" for answer, count in told.items() if count > 1]
    of_run = Counter(chat.run_id for chat in kept)
    states = Counter(runs)
    for answer in told:
        if of_run[answer.run_id] != 1:
            found.append(f"run {answer.run_id} has {of_run[answer.run_id]} chats")
        if states[answer.run_id, "success"] != 1:
            found.append(f"run {answer.run_id} has not succeeded in Airflow")
        chat = next((chat for chat in kept if chat.chat_id == answer.chat_id), None)
        if chat is None or chat.run_id != answer.run_id:
            found.append(f"chat {answer.chat_id} is lost")
        elif (chat.status, chat.attempt) != ("completed", 1):
            found.append(f"chat {answer.chat_id} is {chat.status} at attempt {chat.attempt}")
    strangers = {run_id for run_id, _ in runs} ^ set(of_run)
    return found + [f"run {run_id} is in one database only" for run_id in sorted(strangers)]
