"""Chats over HTTP: list them, read one, fetch its PDF."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from interact.api.access import DeskDep, permitted, viewer_of, visible_chat
from interact.api.bodies import ListQuery, chat_line, chat_whole
from interact.api.handover import settled
from interact.chats.record import Chat
from interact.errors import DocumentMissing
from interact.runs.desk import Desk
from interact.runs.render import results_of
from interact.store import chats, runs
from interact.store.keys import KeyRecord

router = APIRouter(prefix="/chats")
Reader = Annotated[KeyRecord, Depends(permitted("agent_jobs_read"))]


@router.get("")
def list_chats(desk: DeskDep, caller: Reader, query: Annotated[ListQuery, Query()]) -> dict[str, Any]:
    """List the chats that the key sees, newest first; `next` is the cursor of the page after this one."""
    wanted = chats.Wanted(**query.model_dump())
    with desk.store.reading() as session:
        page = chats.newest(session, viewer_of(caller), wanted)
    return {"chats": [chat_line(*entry) for entry in page.entries], "next": page.next_cursor}


@router.get("/{chat_id}")
def read_chat(chat_id: str, desk: DeskDep, caller: Reader) -> dict[str, Any]:
    """Return a chat with its messages, queries, results and report."""
    chat = visible_chat(desk, caller, chat_id)
    with desk.store.reading() as session:
        run, snapshot = runs.by_id(session, chat.run_id), runs.snapshot_of(session, chat.run_id)
    run = settled(desk, run)
    with desk.store.reading() as session:
        chat, attempt = chats.by_id(session, chat_id) or chat, chats.attempt(session, chat_id)
    line = chat_line(chat, run, snapshot.job.definition.name, snapshot.agent.definition.name)
    return chat_whole(line, attempt, results_of(desk, attempt) if attempt else {})


@router.get("/{chat_id}/report.pdf")
def read_pdf(chat_id: str, desk: DeskDep, caller: Reader) -> Response:
    """Return the PDF as it was made at run time."""
    return pdf_of(desk, visible_chat(desk, caller, chat_id))


def pdf_of(desk: Desk, chat: Chat) -> Response:
    """Return a chat's PDF under a name that says what it is; raises NotFound while there is none."""
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat.chat_id)
    if attempt is None or attempt.pdf_sha256 is None:
        raise DocumentMissing(chat.chat_id, chat.status)
    name = "-".join(["report", *chat.parameters.values(), chat.chat_id])
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in name)
    return Response(
        desk.files.get(attempt.pdf_sha256, ".pdf"),
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{plain}.pdf"'},
    )
