"""Everything that the page of a chat shows, from the store, in a number of queries that does not grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interact.api.comparison import TABS, tabs
from interact.api.deliveries import Post, SendAgain, post_of, send_again
from interact.api.handover import settled
from interact.api.run_words import RunWords, run_words, short
from interact.api.stages import Files, Stage, Steps, progress_of, steps_of
from interact.api.turns import Turn, turn_of
from interact.chats.record import Attempt, Chat, Run
from interact.chats.status import ChatStatus
from interact.errors import NotFound
from interact.jobs.questions import title_of
from interact.jobs.rights import Person
from interact.jobs.stored import Snapshot
from interact.reports.freshness import moment
from interact.runs.desk import Desk
from interact.runs.settle import OPEN
from interact.store import agents, chats, glances, runs
from interact.store.glances import Origin
from interact.store.sessions import Session

TURNS = 50
"""So many turns of a thread are shown: the newest, or those up to an older one that was opened."""
Places = list[tuple[str, str]]


@dataclass(frozen=True)
class Scene:
    """A chat as its page shows it: `turns` are its thread's, all else but the report is of the newest of them."""

    chat_id: str
    agent_id: str
    heading: str
    places: Places
    standing: ChatStatus
    attempt: int
    """The number of the attempt that is shown, of `attempts`; both 0 before the first."""
    attempts: int
    turns: tuple[Turn, ...]
    panel: Turn | None
    """The turn whose report stands beside the chat."""
    live_id: str
    """The chat, while something may still come; else ""."""
    stage: Stage
    steps: Steps
    told: RunWords
    took: str
    post: Post | None
    """What became of its run's notices; None where there are none to come."""
    send_again: SendAgain
    tabs: list[dict[str, str]]
    is_question: bool
    can_cancel: bool
    can_rerun: bool
    can_follow: bool


@dataclass(frozen=True)
class _Kept:
    """What the store holds of it; `thread` is in order, and `attempts` has one of each chat that has begun."""

    chat: Chat
    thread: tuple[Chat, ...]
    runs: dict[str, Run]
    attempts: dict[str, Attempt]
    prompts: dict[str, str]
    siblings: tuple[Chat, ...]
    snapshot: Snapshot
    origin: Origin
    is_active: bool
    post: Post | None
    send_again: SendAgain


def stage_now(desk: Desk, chat: Chat) -> Stage:
    """Return how far a chat is, which is asked again and again; its run is closed first when Airflow ended it."""
    with desk.store.reading() as session:
        run = runs.by_id(session, chat.run_id)
    run = settled(desk, run)
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat.chat_id) or chat
        return Stage.of(run, chat, glances.progress(session, chat))


def scene_of(desk: Desk, person: Person, chat: Chat, number: int | None = None, *, alone: bool = False) -> Scene:
    """Return what the page of a chat shows, in one of its attempts, by default the newest.

    `alone` leaves out the rest of its thread. Raises NotFound for an attempt that there is not.
    """
    with desk.store.reading() as session:
        run = runs.by_id(session, chat.run_id)
    settled(desk, run)
    with desk.store.reading() as session:
        kept = _kept(session, person, chat, number, alone=alone, now=desk.now())
    return _scene(desk, person, kept, number=number)


def _kept(session: Session, person: Person, read: Chat, number: int | None, *, alone: bool, now: datetime) -> _Kept:
    chat = chats.by_id(session, read.chat_id) or read
    head_id = chat.thread_id or chat.chat_id
    whole = (chat,) if alone else _window(chats.thread_of(session, head_id), chat)
    origins = glances.origins(session, {each.job_id for each in whole} | {chat.job_id})
    # Of a thread only what somebody asked themselves; all of it mostly.
    thread = tuple(each for each in whole if each.chat_id == chat.chat_id or origins[each.job_id].owner == person.name)
    shown = {each.chat_id: each.attempt for each in thread}
    shown[chat.chat_id] = number or chat.attempt
    attempts = glances.attempts(session, shown.items())
    if number and chat.chat_id not in attempts:
        raise NotFound("attempt", f"{chat.chat_id}, {number}")
    agent, snapshot = agents.by_id(session, chat.agent_id), runs.snapshot_of(session, chat.run_id)
    run = runs.by_id(session, chat.run_id)
    return _Kept(
        chat=chat,
        thread=thread,
        runs=glances.runs_of(session, thread),
        attempts=attempts,
        prompts=glances.prompts(session, [*shown, head_id]),
        siblings=glances.first_of_run(session, chat.run_id, TABS + 1),
        snapshot=snapshot,
        origin=origins[chat.job_id],
        is_active=agent is not None and agent.definition.active,
        post=post_of(session, person, run, snapshot.timezone, now=now),
        send_again=send_again(session, run) if origins[chat.job_id].is_job else SendAgain(),
    )


def _window(thread: tuple[Chat, ...], chat: Chat) -> tuple[Chat, ...]:
    """Return the part of a thread that is shown with a chat."""
    ids = [each.chat_id for each in thread]
    if chat.chat_id not in ids[:-TURNS]:
        return thread[-TURNS:] or (chat,)
    end = ids.index(chat.chat_id) + 1
    return thread[max(0, end - TURNS) : end]


def _scene(desk: Desk, person: Person, kept: _Kept, *, number: int | None) -> Scene:
    last = kept.thread[-1]
    chat = last if number is None else kept.chat
    run, timezone, stage = kept.runs[chat.run_id], kept.snapshot.timezone, _stage(kept, chat)
    turns = tuple(_turn(desk, kept, each) for each in kept.thread)
    is_live = chat.chat_id == last.chat_id and number in (None, chat.attempt) and stage.is_live
    ended = chat.ended_at - chat.started_at if chat.ended_at and chat.started_at else None
    return Scene(
        chat_id=chat.chat_id,
        agent_id=chat.agent_id,
        heading=_heading(kept),
        places=_places(kept, run),
        standing=chat.status,
        attempt=number or chat.attempt,
        attempts=chat.attempt,
        turns=turns,
        panel=_panel(turns, kept.chat.chat_id),
        live_id=chat.chat_id if is_live else "",
        stage=stage,
        steps=steps_of(run, chat, stage, timezone),
        told=run_words(run, timezone),
        took=f"took {short(ended)}" if ended is not None else "",
        post=kept.post,
        send_again=kept.send_again,
        tabs=tabs(kept.siblings, chat),
        is_question=_is_question(kept),
        can_cancel=run.verdict in OPEN and not stage.is_over,
        can_rerun=stage.is_over and not kept.origin.is_deleted,
        can_follow=stage.is_over and _takes_more(kept, person),
    )


def _is_question(kept: _Kept) -> bool:
    """Return whether somebody asked it; a preview is neither that nor a job's."""
    return not kept.origin.is_job and not (kept.origin.is_aside and kept.chat.thread_id is None)


def _takes_more(kept: _Kept, person: Person) -> bool:
    is_own = _is_question(kept) and kept.origin.owner == person.name
    return is_own and kept.is_active


def _heading(kept: _Kept) -> str:
    """Return the name of a chat's job, or in short the question that began its thread."""
    began = kept.prompts.get(kept.chat.thread_id) if kept.chat.thread_id else None
    return title_of(began) if began else kept.snapshot.job.definition.name


def _stage(kept: _Kept, chat: Chat) -> Stage:
    return Stage.of(kept.runs[chat.run_id], chat, progress_of(kept.attempts.get(chat.chat_id)))


def _turn(desk: Desk, kept: _Kept, chat: Chat) -> Turn:
    asked, own = kept.prompts[chat.chat_id], kept.snapshot if chat.run_id == kept.chat.run_id else None
    return turn_of(desk, kept.runs[chat.run_id], chat, kept.attempts.get(chat.chat_id), asked, snapshot=own)


def _panel(turns: tuple[Turn, ...], chat_id: str) -> Turn | None:
    """Return whose report stands beside: that of the chat that was opened, else of the newest turn that has one."""
    own = next((turn for turn in turns if turn.chat_id == chat_id and turn.files is not Files.NONE), None)
    return own or next((turn for turn in reversed(turns) if turn.files is not Files.NONE), None)


def _places(kept: _Kept, run: Run) -> Places:
    """Return the way to a chat: the agent's chats, or its job and run."""
    way = way_to(kept.snapshot, kept.origin)
    if not kept.origin.is_job:
        return [*way, ("Chats", f"/agents/{kept.chat.agent_id}")]
    return [*way, (moment(run.due_at or run.run_after, kept.snapshot.timezone), f"/runs/{run.run_id}")]


def way_to(snapshot: Snapshot, origin: Origin) -> Places:
    """Return the way to a run: its agent, and its job unless that was deleted."""
    agent, job = snapshot.agent, snapshot.job
    way = [("Agents", "/agents"), (agent.definition.name, f"/agents/{agent.agent_id}")]
    if origin.is_job and not origin.is_deleted:
        way += [("Jobs", f"/agents/{agent.agent_id}/jobs"), (job.definition.name, f"/jobs/{job.job_id}")]
    return way
