"""Who looks at a page: somebody signed in to Airflow, and what of each organisation they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from fastapi import Depends, Request

from interact.api.access import DeskDep, permit, person_in, signed_in
from interact.chats.record import Chat, Run
from interact.errors import AccessRefused, NotFound, NotSignedIn
from interact.jobs.channels import unaddressable
from interact.jobs.rights import Action, Person
from interact.jobs.stored import StoredAgent, StoredChannel, StoredJob, StoredOrganisation
from interact.runs.desk import Desk
from interact.store import agents, channels, chats, jobs, organisations, runs
from interact.store.sessions import Session


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in; `people` are they in each organisation that they belong to, by its id."""

    user: BaseUser = field(repr=False)
    organisations: tuple[StoredOrganisation, ...]
    people: Mapping[str, Person]

    @property
    def name(self) -> str:
        """Their name, as Airflow knows it."""
        return str(self.user.get_name())

    @property
    def address(self) -> str:
        """The email address that Airflow has of them, or that their name is; "" when neither is one."""
        known = (str(getattr(self.user, "email", "") or ""), self.name)
        return next((each for each in known if each and not unaddressable("email", (each,))), "")

    @property
    def administers(self) -> tuple[StoredOrganisation, ...]:
        """The organisations that they manage."""
        return tuple(each for each in self.organisations if self.people[each.organisation_id].is_admin)


def known(user: Annotated[BaseUser | None, Depends(signed_in)]) -> BaseUser:
    """Return who is signed in, whatever they may see; raises NotSignedIn."""
    if user is None:
        raise NotSignedIn
    return user


KnownDep = Annotated[BaseUser, Depends(known)]


def visiting(request: Request, desk: DeskDep, user: KnownDep) -> Visitor:
    """Return who looks at a page; raises NotSignedIn."""
    with desk.store.reading() as session:
        found = organisations.all_of(session)
    people = {each.organisation_id: person_in(user, each) for each in found}
    theirs = {organisation_id: person for organisation_id, person in people.items() if person.role}
    visitor = Visitor(user, tuple(each for each in found if each.organisation_id in theirs), theirs)
    request.state.visitor = visitor
    return visitor


VisitorDep = Annotated[Visitor, Depends(visiting)]


def require_member(visitor: Visitor) -> None:
    """Raise AccessRefused for somebody who belongs to no organisation."""
    if not visitor.organisations:
        raise AccessRefused(
            f"{visitor.name!r} does not belong to any organisation here. Ask an admin to name you as a member."
        )


def seen_organisation(visitor: Visitor, organisation_id: str) -> StoredOrganisation:
    """Return an organisation that they belong to; raises NotFound."""
    found = next((each for each in visitor.organisations if each.organisation_id == organisation_id), None)
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


def administered(visitor: Visitor, organisation_id: str) -> StoredOrganisation:
    """Return an organisation that they manage; raises NotFound, and AccessRefused where they are only a member."""
    organisation = seen_organisation(visitor, organisation_id)
    if not visitor.people[organisation_id].is_admin:
        raise AccessRefused(
            f"Only an admin of {organisation.definition.name!r} changes this. Ask one of them: Settings, Organisation "
            "names them."
        )
    return organisation


def seen_agent(desk: Desk, visitor: Visitor, agent_id: str) -> tuple[StoredAgent, Person]:
    """Return an agent, and who they are in its organisation; raises NotFound."""
    with desk.store.reading() as session:
        agent = agents.by_id(session, agent_id)
    person = visitor.people.get(agent.organisation_id) if agent else None
    if agent is None or person is None:
        raise NotFound("agent", agent_id)
    return agent, person


def seen_channel(desk: Desk, visitor: Visitor, channel_id: str) -> StoredChannel:
    """Return a channel of an organisation that they belong to; raises NotFound."""
    with desk.store.reading() as session:
        channel = channels.by_id(session, channel_id)
    if channel is None or channel.organisation_id not in visitor.people:
        raise NotFound("channel", channel_id)
    return channel


def seen_job(desk: Desk, visitor: Visitor, job_id: str, action: Action = Action.READ) -> tuple[StoredJob, Person]:
    """Return a job that they may do that with, and who they are in its organisation.

    Raises NotFound for one that they do not see, else AccessRefused.
    """
    with desk.store.reading() as session:
        job = jobs.by_id(session, job_id)
    person = visitor.people.get(job.organisation_id) if job else None
    if job is None or person is None:
        raise NotFound("job", job_id)
    permit(person, action)(job)
    return job, person


def seen_run(desk: Desk, visitor: Visitor, run_id: str, action: Action = Action.READ) -> tuple[Run, Person]:
    """Return a run with whose job, a deleted one too, they may do that, and who they are there; raises NotFound."""
    with desk.store.reading() as session:
        run = runs.known(session, run_id)
        person = _who_may(session, visitor, run.job_id, action) if run else None
    if run is None or person is None:
        raise NotFound("run", run_id)
    return run, person


def seen_chat(desk: Desk, visitor: Visitor, chat_id: str, action: Action = Action.READ) -> tuple[Chat, Person]:
    """Return a chat with whose job, a deleted one too, they may do that, and who they are there; raises NotFound."""
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
        person = _who_may(session, visitor, chat.job_id, action) if chat else None
    if chat is None or person is None:
        raise NotFound("chat", chat_id)
    return chat, person


def _who_may(session: Session, visitor: Visitor, job_id: str, action: Action) -> Person | None:
    """Return who they are in a job's organisation; None where they may not do that with it, as it stands or stood."""
    job = jobs.standing(session, job_id)
    person = visitor.people.get(job.organisation_id) if job else None
    return person if job and person and person.may(action, job) else None


def require_readable(desk: Desk, visitor: Visitor, dag_id: str, run: Run | None) -> None:
    """Raise NotFound unless they may read what a DAG's runs left; `run` is the one they ask for, where we know it.

    A job's are for the members of its organisation, a private one's for its owner; whether it is private, and whose it
    is, is judged as it stands now, or stood when it was deleted. Another DAG's are for whom Airflow lets see it.
    """
    with desk.store.reading() as session:
        job_id = run.job_id if run else jobs.id_by_dag(session, dag_id)
        job = jobs.standing(session, job_id) if job_id else None
    if job is None:
        readable = get_auth_manager().is_authorized_dag(
            method="GET", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id), user=visitor.user
        )
    else:
        person = visitor.people.get(job.organisation_id)
        readable = person is not None and person.may(Action.READ, job)
    if not readable:
        raise NotFound("run of DAG", dag_id)
