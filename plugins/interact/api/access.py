"""Who is asking: a key on the REST API, Airflow's own session on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, Header, Request

from interact.chats.record import Chat
from interact.errors import AccessRefused, KeyRefused, NotFound
from interact.jobs.stored import StoredJob
from interact.runs.desk import Desk
from interact.store import chats, jobs, keys
from interact.store.keys import KeyRecord


def desk_of(request: Request) -> Desk:
    """Return the desk that the app was made with."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]


def permitted(permission: str) -> Callable[..., KeyRecord]:
    """Return the dependency of a route that takes keys with this permission."""

    def caller(
        desk: DeskDep,
        x_api_key: Annotated[str, Header()] = "",
        x_organization_id: Annotated[str, Header()] = "",
    ) -> KeyRecord:
        now = desk.now()
        with desk.store.reading() as session:
            key = keys.authenticate(session, x_api_key, now=now) if x_api_key else None
        if key is None:
            raise KeyRefused
        if keys.is_use_due(key, now=now):
            with desk.store.writing() as session:
                keys.note_use(session, key.key_id, now=now)
        if x_organization_id != key.organisation_id:
            raise AccessRefused(
                "The header X-Organization-Id does not name this key's organisation. "
                "Send the id that `interact keys create` printed with the key."
            )
        if permission not in key.permissions:
            raise AccessRefused(f"This key lacks the permission {permission!r}. Use a key that has it.")
        return key

    return caller


def visible_job(desk: Desk, caller: KeyRecord, job_id: str) -> StoredJob:
    """Return a job that this caller sees; raises NotFound, also for one that exists out of sight."""
    with desk.store.reading() as session:
        job = jobs.by_id(session, job_id)
    if job is None or not _sees(caller, job):
        raise NotFound("job", job_id)
    return job


def visible_jobs(desk: Desk, caller: KeyRecord) -> list[StoredJob]:
    """Return the jobs that this caller sees, by key."""
    with desk.store.reading() as session:
        found = [job for job in jobs.all_jobs(session) if _sees(caller, job)]
    return sorted(found, key=lambda job: job.definition.key)


def visible_chat(desk: Desk, caller: KeyRecord, chat_id: str) -> Chat:
    """Return a chat whose job this caller sees; raises NotFound."""
    with desk.store.reading() as session:
        chat = chats.visible(session, viewer_of(caller), chat_id)
    if chat is None:
        raise NotFound("chat", chat_id)
    return chat


def viewer_of(key: KeyRecord) -> chats.Viewer:
    """Return what a key sees, in the words of the lists."""
    return chats.Viewer(key.organisation_id, job_ids=key.job_ids, private_job_ids=key.private_job_ids)


def _sees(key: KeyRecord, job: StoredJob) -> bool:
    """Return whether a job is visible: its organisation's, and a private one only when it was named as such."""
    if job.organisation_id != key.organisation_id:
        return False
    if job.definition.is_private:
        return job.job_id in key.private_job_ids
    return key.job_ids is None or job.job_id in key.job_ids


def require_readable(desk: Desk, user: GetUserDep, dag_id: str) -> None:
    """Raise NotFound unless this signed-in person may read the DAG's runs; a private job's are its owner's alone.

    Whether a job is private, and whose it is, is judged as it stands now, or stood when it was deleted.
    """
    with desk.store.reading() as session:
        standing = jobs.standing(session, dag_id)
    if not _may_read(user, dag_id) or (standing and standing.is_private and standing.owner != user.get_name()):
        raise NotFound("run of DAG", dag_id)


def _may_read(user: GetUserDep, dag_id: str) -> bool:
    return get_auth_manager().is_authorized_dag(
        method="GET", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id), user=user
    )
