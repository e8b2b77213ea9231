"""API keys made and taken out of use, over HTTP and on a page alike."""

from __future__ import annotations

from interact.api.access import reachable_job
from interact.api.key_bodies import KeyBody, KeyMade, key_made
from interact.errors import NotFound, ParameterRefused
from interact.jobs.rights import Caller
from interact.runs.desk import Desk
from interact.store import keys


def make_key(desk: Desk, caller: Caller, body: KeyBody) -> KeyMade:
    """Make a key of the caller's organisation and return it with its secret, which nobody can read again.

    Raises ParameterRefused for an end that has passed, NotFound for a job that the caller does not see.
    """
    now = desk.now()
    if body.expires_at is not None and body.expires_at <= now:
        raise ParameterRefused("expiresAt", "has passed already; name a later instant, or none")
    for job_id in body.job_ids or ():
        reachable_job(desk, caller, job_id)
    wanted = keys.NewKey(
        name=body.name,
        permissions=frozenset(body.permissions),
        expires_at=body.expires_at,
        job_ids=None if body.job_ids is None else frozenset(body.job_ids),
    )
    with desk.store.writing() as session:
        secret, key_id = keys.create(session, caller.organisation_id, wanted, now=now)
        made = next(key for key in keys.all_of(session, caller.organisation_id) if key.key_id == key_id)
    return key_made(made, secret)


def delete_key(desk: Desk, organisation_id: str, key_id: str) -> None:
    """Take a key of an organisation out of use, at once; raises NotFound."""
    with desk.store.writing() as session:
        ours = {key.key_id for key in keys.all_of(session, organisation_id)}
        if key_id not in ours or not keys.delete(session, key_id):
            raise NotFound("key", key_id)
