"""Who is asking: a key, or somebody who is signed in to Airflow; what they may do says `interact.jobs.rights`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, Header, HTTPException, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from interact.api import airflow_runs
from interact.api.limits import KeyRates
from interact.chats.record import Chat, Run
from interact.errors import AccessRefused, KeyRefused, NotFound, StoreUnavailable
from interact.jobs.rights import Action, Caller, Person, owned, role_in
from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.runs.desk import Desk
from interact.store import chats, jobs, keys, organisations, runs
from interact.store.keys import KeyRecord

log = logging.getLogger(__name__)
_KEY = APIKeyHeader(name="X-API-Key", scheme_name="key", auto_error=False, description="`int_` and 48 characters.")
_SESSION = HTTPBearer(
    scheme_name="session", auto_error=False, description="A token of Airflow's own `POST /auth/token`."
)
_SAFE = ("GET", "HEAD", "OPTIONS")
_DOES = {Action.EDIT: "changes", Action.HAND_OVER: "hands over", Action.DELETE: "deletes"}


def desk_of(request: Request) -> Desk:
    """Return the desk that the app was made with."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_SESSION)]
ApiKey = Annotated[str | None, Depends(_KEY)]


async def signed_in(request: Request, secret: ApiKey, bearer: Bearer) -> BaseUser | None:
    """Return who is signed in to Airflow; None for a request that bears a key, or nothing that Airflow knows.

    A write that bears only a browser's cookie has to come from our own pages. Raises AirflowUnavailable, AccessRefused.
    """
    if secret:
        return None
    try:
        with airflow_runs.answering():  # It looks whether a session was ended.
            user = await get_user(request, None, bearer)
    except HTTPException:
        return None
    if bearer is None and request.method not in _SAFE and not _is_from_here(request):
        raise AccessRefused(
            "This request changes something and comes from another site. Send it from Interact's own pages, or with an "
            "Authorization or X-API-Key header."
        )
    return user


def _is_from_here(request: Request) -> bool:
    try:
        origin = urlsplit(request.headers.get("origin", "")).netloc
    except ValueError:
        return False
    here = {request.headers.get("host"), urlsplit(desk_of(request).settings.base_url).netloc}
    return bool(origin) and origin in here


def calling(permission: str | None) -> Callable[..., Caller]:
    """Return the dependency of a route: keys with this permission, none when it is None, and members of the house."""

    def caller(
        request: Request,
        desk: DeskDep,
        secret: ApiKey,
        user: Annotated[BaseUser | None, Depends(signed_in)],
        x_organization_id: Annotated[str, Header(description="The organisation's id, `org_…`.")] = "",
    ) -> Caller:
        if user is not None:
            return _person(desk, user, x_organization_id)
        key = _key(desk, secret or "", x_organization_id)
        rates: KeyRates = request.app.state.rates
        rates.count(key.key_id)
        if permission is None:
            raise AccessRefused("A key starts jobs and reads; this call takes somebody who is signed in to Airflow.")
        if permission not in key.permissions:
            raise AccessRefused(f"This key lacks the permission {permission!r}. Use a key that has it.")
        return key

    return caller


def _key(desk: Desk, secret: str, organisation_id: str) -> KeyRecord:
    now = desk.now()
    with desk.store.reading() as session:
        key = keys.authenticate(session, secret, now=now) if secret else None
    if key is None:
        raise KeyRefused
    if keys.is_use_due(key, now=now):
        _note_use(desk, key)
    if organisation_id != key.organisation_id:
        raise AccessRefused(
            "The header X-Organization-Id does not name this key's organisation. "
            "Send the id that `interact keys create` printed with the key."
        )
    return key


def _note_use(desk: Desk, key: KeyRecord) -> None:
    try:
        with desk.store.writing() as session:
            keys.note_use(session, key.key_id, now=desk.now())
    except StoreUnavailable as error:
        log.warning("The use of key %s is not noted: %s", key.key_id, error)  # Reading works all the same.


def _person(desk: Desk, user: BaseUser, organisation_id: str) -> Person:
    """Return somebody in the organisation that they name, or in the only one that they belong to."""
    with desk.store.reading() as session:
        found = organisations.all_of(session)
    people = [person_in(user, each) for each in found if organisation_id in ("", each.organisation_id)]
    theirs = [person for person in people if person.role]
    if len(theirs) == 1:
        return theirs[0]
    if organisation_id or not theirs:
        raise AccessRefused(
            f"{user.get_name()!r} does not belong to this organisation. Ask one of its admins to name you as a member."
        )
    ids = ", ".join(sorted(person.organisation_id for person in theirs))
    raise AccessRefused(
        f"{user.get_name()!r} belongs to {len(theirs)} organisations. Name one of them in X-Organization-Id: {ids}."
    )


def person_in(user: BaseUser, organisation: StoredOrganisation) -> Person:
    """Return somebody who is signed in as one organisation knows them."""
    role = role_in(organisation.definition, user.get_name(), is_airflow_admin=changes_connections(user))
    return Person(user.get_name(), organisation.organisation_id, role)


def changes_connections(user: BaseUser) -> bool:
    """Return whether Airflow lets somebody change connections, which is to know every secret there is."""
    with airflow_runs.answering():
        return get_auth_manager().is_authorized_connection(method="PUT", user=user)


def reachable_job(desk: Desk, caller: Caller, job_id: str, action: Action = Action.READ) -> StoredJob:
    """Return a job that this caller may do that with.

    Raises NotFound for one that they do not see, whether or not it exists, else AccessRefused.
    """
    with desk.store.reading() as session:
        job = jobs.by_id(session, job_id)
    if job is None:
        raise NotFound("job", job_id)
    permit(caller, action)(job)
    return job


def permit(caller: Caller, action: Action) -> Callable[[StoredJob], None]:
    """Return what raises NotFound for a job that this caller does not see, AccessRefused where they may not do that."""

    def require(job: StoredJob) -> None:
        if caller.may(action, owned(job)):
            return
        if not caller.may(Action.READ, owned(job)):
            raise NotFound("job", job.job_id)
        raise AccessRefused(
            f"Job {job.definition.key!r} belongs to {job.definition.owner!r}: only its owner or an admin "
            f"{_DOES.get(action, 'starts')} it."
        )

    return require


def visible_jobs(desk: Desk, caller: Caller) -> list[tuple[str, str]]:
    """Return key and id of each job that this caller sees, by key."""
    with desk.store.reading() as session:
        found = jobs.standings(session, caller.organisation_id)
    return [(key, job.job_id) for key, job in found.items() if caller.may(Action.READ, job)]


def visible_chat(desk: Desk, caller: Caller, chat_id: str) -> Chat:
    """Return a chat whose job this caller sees; raises NotFound."""
    with desk.store.reading() as session:
        chat = chats.visible(session, viewer_of(caller), chat_id)
    if chat is None:
        raise NotFound("chat", chat_id)
    return chat


def reachable_run(desk: Desk, caller: Caller, run_id: str, action: Action = Action.READ) -> Run:
    """Return a run with whose job, a deleted one too, this caller may do that; raises NotFound."""
    with desk.store.reading() as session:
        run = runs.known(session, run_id)
        job = jobs.standing(session, run.job_id) if run else None
    if run is None or job is None or not caller.may(action, job):
        raise NotFound("run", run_id)
    return run


def viewer_of(caller: Caller) -> chats.Viewer:
    """Return what a caller sees, in the words of the lists."""
    if isinstance(caller, Person):
        return chats.Viewer(caller.organisation_id, owner=caller.name)
    return chats.Viewer(caller.organisation_id, job_ids=caller.job_ids, private_job_ids=caller.private_job_ids)
