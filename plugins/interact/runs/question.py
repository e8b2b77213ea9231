"""Accept what somebody asks outside any job: a question, one that follows it, the preview of a draft.

Each is a run of its own with one chat, answered in Airflow as DAG `interact_ask`, and its asker's alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from interact.chats.record import NOBODY, Chat, Run
from interact.chats.status import ChatStatus
from interact.errors import DefinitionRefused, NotFound, NotStartable, ParameterRefused, StillAnswering, TooManyAsked
from interact.jobs.combinations import Combination, Known, combine
from interact.jobs.definition import Job
from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.parameters import Parameter
from interact.jobs.questions import ANSWER_MINUTES, title_of
from interact.jobs.rights import Action, Person
from interact.jobs.stored import Snapshot, StoredAgent, StoredJob, StoredOrganisation
from interact.jobs.telling import JobNotices
from interact.runs.accept import Accepted, keep, prompts
from interact.runs.desk import Desk
from interact.runs.editing import Plain, check_draft
from interact.runs.values import ReadColumn, known_values
from interact.store import agents, chats, jobs, organisations, questions, runs
from interact.store.questions import Purpose
from interact.store.requests import Once
from interact.store.sessions import Session
from interact.templates import PROMPT_LIMIT

_OPEN = (ChatStatus.QUEUED, ChatStatus.RUNNING)


@dataclass(frozen=True)
class Inquiry:
    """What somebody asks an agent, in which thread, and as a repetition of what."""

    agent_id: str
    prompt: str
    thread_id: str | None = None
    """A chat of theirs that this question follows."""
    rerun_of: str | None = None
    """The id of the run that this one repeats."""
    once: Once | None = None


def accept_question(desk: Desk, person: Person, inquiry: Inquiry) -> Accepted:
    """Store a question and its chat, and return them; Airflow has not been told yet.

    Its text is asked as it stands: braces mean nothing in it. Raises DefinitionRefused, NotFound, NotStartable,
    TooManyAsked, StillAnswering, KeyReused.
    """
    prompt = _words(inquiry.prompt)
    with desk.store.reading() as session:
        asking = _asking(desk, session, person, inquiry.agent_id)
        head = _head(session, person, inquiry)
    definition = Job(
        key="question",
        organisation=asking.organisation.definition.key,
        agent=asking.agent.definition.key,
        name=title_of(prompt),
        prompt=prompt,
        owner=person.name,
        visibility="private",
        time_limit_minutes=ANSWER_MINUTES,
    )
    snapshot = asking.snapshot(definition, "asides" if head else "questions")
    intent = asking.intent(snapshot, {}, prompt, thread_id=head.chat_id if head else None, rerun_of=inquiry.rerun_of)
    return asking.accept(intent, inquiry.once)


def accept_preview(
    desk: Desk,
    person: Person,
    plain: Plain,
    read_column: ReadColumn | None = None,
    *,
    rerun_of: str | None = None,
    once: Once | None = None,
) -> Accepted:
    """Store a run of a job that is not saved, with one combination, and return it; Airflow has not been told yet.

    `plain` is the definition with keys and values as in a file; each parameter takes the first of its values, those of
    the schedule before the default ones. Raises what `make_job` does but for KeyTaken, and NotStartable, TooManyAsked,
    ParameterRefused, KeyReused, WarehouseUnavailable.
    """
    draft = check_draft(desk, person.organisation_id, person.name, plain)
    with desk.store.reading() as session:
        agent = agents.by_key(session, person.organisation_id, draft.agent)
        asking = _asking(desk, session, person, agent.agent_id if agent else draft.agent)
    own = draft.model_copy(
        update={"owner": person.name, "visibility": "private", "channels": (), "notices": JobNotices()}
    )
    snapshot = asking.snapshot(own, "asides")
    combination = _first(own.parameters, known_values(desk, snapshot, read_column))
    (prompt,) = prompts(snapshot, (combination,))
    return asking.accept(asking.intent(snapshot, combination, prompt, rerun_of=rerun_of), once)


def accept_again(
    desk: Desk, person: Person, run: Run, read_column: ReadColumn | None = None, *, once: Once | None = None
) -> Accepted:
    """Ask again what a run of `interact_ask` asked, of the agent as it is now; raises what the first time could."""
    with desk.store.reading() as session:
        purpose, snapshot = questions.purpose_of(session, run.job_id), runs.snapshot_of(session, run.run_id)
        (chat,) = chats.of_run(session, run.run_id)
        prompt = chats.prompt_of(session, chat.chat_id)
    if purpose == "asides" and chat.thread_id is None:
        plain = snapshot.job.definition.model_dump(mode="json", exclude_defaults=True)
        return accept_preview(desk, person, plain, read_column, rerun_of=run.run_id, once=once)
    again = Inquiry(chat.agent_id, prompt, thread_id=chat.thread_id, rerun_of=run.run_id, once=once)
    return accept_question(desk, person, again)


@dataclass(frozen=True)
class _Asking:
    """Somebody before an agent that can be asked."""

    desk: Desk
    person: Person
    agent: StoredAgent
    organisation: StoredOrganisation

    def snapshot(self, definition: Job, purpose: Purpose) -> Snapshot:
        """Return what a run is frozen with: a definition that is nobody's saved job."""
        with self.desk.store.reading() as session:
            job_id = questions.find(session, self.agent, self.person.name, purpose)
        if job_id is None:
            with self.desk.store.writing() as session:
                job_id = questions.place(session, self.agent, self.person.name, purpose, now=self.desk.now())
        job = StoredJob(
            job_id=job_id,
            organisation_id=self.organisation.organisation_id,
            agent_id=self.agent.agent_id,
            dag_id=QUESTIONS_DAG,
            version=0,
            definition=definition,
        )
        return Snapshot(job, self.agent, self.organisation)

    def intent(
        self,
        snapshot: Snapshot,
        combination: Combination,
        prompt: str,
        *,
        thread_id: str | None = None,
        rerun_of: str | None = None,
    ) -> runs.Acceptance:
        """Return the run of one chat, to be stored."""
        run_id = new_id("run")
        return runs.Acceptance(
            run_id=run_id,
            dag_run_id=run_id,
            initiator=self.person.initiator,
            snapshot=snapshot,
            combinations=(combination,),
            prompts=(prompt,),
            run_after=self.desk.now(),
            rerun_of=rerun_of,
            thread_id=thread_id,
            audience=NOBODY,
        )

    def accept(self, intent: runs.Acceptance, once: Once | None) -> Accepted:
        """Store it, unless too many wait, or the question that it follows is still being answered."""

        def require(session: Session, waiting: int) -> None:
            if waiting >= self.desk.settings.max_waiting_runs:
                raise TooManyAsked(self.agent.definition.name, waiting)
            if intent.thread_id:
                last = chats.thread_of(session, intent.thread_id)[-1]
                if last.status in _OPEN:
                    raise StillAnswering(last.chat_id)

        return keep(self.desk, intent, require, once=once)


def _asking(desk: Desk, session: Session, person: Person, agent_id: str) -> _Asking:
    """Return somebody before an agent of their organisation; raises NotFound, and NotStartable for an inactive one."""
    agent = agents.by_id(session, agent_id)
    organisation = organisations.by_id(session, agent.organisation_id) if agent else None
    is_theirs = person.role is not None and agent is not None and agent.organisation_id == person.organisation_id
    if agent is None or organisation is None or not is_theirs:
        raise NotFound("agent", agent_id)
    if not agent.definition.active:
        raise NotStartable(
            f"Agent {agent.definition.name!r} is not active, so that nobody can ask it. An admin switches it on in its "
            "settings."
        )
    return _Asking(desk, person, agent, organisation)


def _head(session: Session, person: Person, inquiry: Inquiry) -> Chat | None:
    """Return the chat that begins the thread of a further question; None for a question that stands alone."""
    if inquiry.thread_id is None:
        return None
    found = chats.by_id(session, inquiry.thread_id)
    head = chats.by_id(session, found.thread_id) if found and found.thread_id else found
    owned = jobs.standing(session, head.job_id) if head else None
    if head is None or owned is None or not person.may(Action.READ, owned):
        raise NotFound("chat", inquiry.thread_id)
    if questions.purpose_of(session, head.job_id) != "questions":
        raise NotStartable(
            f"Chat {head.chat_id!r} is a job's or a preview's, and takes no further question. Ask on the agent's page."
        )
    if head.agent_id != inquiry.agent_id:
        raise NotStartable(f"Chat {head.chat_id!r} is another agent's. Ask that one, or begin a new chat.")
    return head


def _words(prompt: str) -> str:
    """Return a question as it is kept, with line breaks of one kind; raises DefinitionRefused for what is none."""
    text = prompt.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise DefinitionRefused("The question is empty. Write what you want to know.")
    if len(text) > PROMPT_LIMIT:
        raise DefinitionRefused(
            f"The question has {len(text):,} characters; at most {PROMPT_LIMIT:,} are allowed. Ask for less at once."
        )
    stranger = next((sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t"), None)
    if stranger:
        raise DefinitionRefused(
            f"The question holds the character U+{ord(stranger):04X}, which is none to read. Take it out."
        )
    return text


def _first(parameters: Mapping[str, Parameter], known: Known) -> Combination:
    """Return the first value of each parameter, which the preview is asked with; raises ParameterRefused for none."""
    chosen: Combination = {}
    for name, parameter in parameters.items():
        taken = parameter.taken(by_itself=True) or parameter.values or known.get(name, ())
        if not taken:
            raise ParameterRefused(name, "has no value that the preview could take. Give it a `default`")
        first, *_ = combine({name: parameter}, {name: taken[:1]}, known=known)
        chosen |= first
    return chosen
