"""API keys over HTTP, for an organisation's admins: list them, make one, take one out of use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from interact.api import examples, key_making
from interact.api.access import DeskDep, calling
from interact.api.key_bodies import KeyBody, KeyList, KeyMade, key_line
from interact.api.shapes import problems
from interact.errors import AccessRefused
from interact.jobs.rights import Caller
from interact.store import keys

router = APIRouter(prefix="/keys", tags=["keys"])


def administrating(caller: Annotated[Caller, Depends(calling(None))]) -> Caller:
    """Return a caller who is an admin of the organisation; raises AccessRefused."""
    if not caller.is_admin:
        raise AccessRefused("Only an admin of this organisation manages its keys. Ask one of them.")
    return caller


Admin = Annotated[Caller, Depends(administrating)]


@router.get("", responses=problems() | examples.KEYS)
def list_keys(desk: DeskDep, caller: Admin) -> KeyList:
    """List the organisation's keys, oldest first, without their secrets."""
    with desk.store.reading() as session:
        return KeyList(keys=[key_line(key) for key in keys.all_of(session, caller.organisation_id)])


@router.post("", status_code=201, responses=problems(404) | examples.KEY_MADE)
def make_key(desk: DeskDep, caller: Admin, body: KeyBody) -> KeyMade:
    """Make a key; its secret stands in this answer and nowhere else.

    A private job can be named by its owner alone.
    """
    return key_making.make_key(desk, caller, body)


@router.delete("/{key_id}", status_code=204, response_class=Response, responses=problems(404))
def delete_key(key_id: str, desk: DeskDep, caller: Admin) -> Response:
    """Take a key out of use, at once."""
    key_making.delete_key(desk, caller.organisation_id, key_id)
    return Response(status_code=204)
