"""Answers that are files: kept under their SHA-256, sent under a name that says what they are."""

from __future__ import annotations

from fastapi.responses import HTMLResponse, Response

from interact.api import headers
from interact.chats.record import Run
from interact.errors import DocumentMissing
from interact.runs.desk import Desk


def pdf_answer(desk: Desk, sha256: str, *name: str) -> Response:
    """Return a kept PDF."""
    return named(desk.files.get(sha256, ".pdf"), "application/pdf", f"{plain(*name)}.pdf")


def html_answer(desk: Desk, sha256: str) -> HTMLResponse:
    """Return a kept page, which may run no script."""
    return page_answer(desk.files.get(sha256, ".html"))


def page_answer(page: bytes | str) -> HTMLResponse:
    """Return a page of ours, which may run no script."""
    return HTMLResponse(page, headers={"Content-Security-Policy": headers.REPORT})


def rollup_pdf_of(desk: Desk, run: Run) -> Response:
    """Return the PDF that compares a run's chats; raises DocumentMissing."""
    if run.rollup_pdf_sha256 is None:
        raise DocumentMissing(run.run_id, run.verdict)
    return pdf_answer(desk, run.rollup_pdf_sha256, "rollup", run.run_id)


def rollup_html_of(desk: Desk, run: Run) -> Response:
    """Return the page that compares a run's chats, as it was drawn when the run ended; raises DocumentMissing."""
    if run.rollup_html_sha256 is None:
        raise DocumentMissing(run.run_id, run.verdict)
    return html_answer(desk, run.rollup_html_sha256)


def named(content: bytes, media_type: str, name: str) -> Response:
    """Return content to be saved under a name."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def plain(*parts: str) -> str:
    """Return a file's name of letters, digits, hyphens and underscores."""
    name = "-".join(parts)
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in name)
