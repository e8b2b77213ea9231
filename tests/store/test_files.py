"""Files: whole or not at all, and never something else than what was put there."""

import errno
import hashlib
import multiprocessing
import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from interact.chats.result import Column, Result
from interact.errors import StoreUnavailable
from interact.store.files import Files

PDF = b"%PDF-1.7 not really"
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(params=["local", "object storage"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """Files in a folder here, and in one of an object storage."""
    return Files(tmp_path / "files" if request.param == "local" else UPath(f"memory://{uuid4().hex}/files"))


def test_what_is_put_is_got_by_its_digest(files: Files) -> None:
    assert files.put(PDF, ".pdf") == SHA256
    assert files.get(SHA256, ".pdf") == PDF
    assert files.put(PDF, ".pdf") == SHA256
    assert files.put(b"", ".html") == hashlib.sha256(b"").hexdigest()


def test_what_is_missing_is_named(files: Files) -> None:
    with pytest.raises(
        StoreUnavailable,
        match=rf"^The kept file '{SHA256[:12]}….pdf' is missing. Restore it, or check INTERACT_FILES_URL",
    ):
        files.get(SHA256, ".pdf")


def test_a_result_comes_back_as_it_was(files: Files) -> None:
    result = Result(
        result_id="result_1",
        title="Spend",
        sql="SELECT 1",
        columns=(Column(name="a", label="A", format="currency", unit="EUR"), Column(name="b", label="B")),
        rows=((1.0, "x"), (2, None), (True, "Zürich\0")),
        truncated=True,
        elapsed_seconds=0.5,
    )
    assert files.get_result(files.put_result(result)) == result


def test_a_result_of_another_version_is_a_clear_refusal(files: Files) -> None:
    sha256 = files.put(b'{"of": "another version"}', ".json")
    with pytest.raises(StoreUnavailable, match=r"written by another version of this program\. Run the job again"):
        files.get_result(sha256)


def a_result(*rows: tuple[object]) -> Result:
    return Result(result_id="r", title="t", sql="s", columns=(Column(name="a", label="A"),), rows=rows)


CELLS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(CELLS | st.text())))
def test_any_cell_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object]]) -> None:
    files = Files(tmp_path_factory.getbasetemp() / "cells")
    result = a_result(*rows)
    assert files.get_result(files.put_result(result)) == result


def test_what_json_cannot_write_is_not_available(files: Files) -> None:
    kept = files.put_result(a_result((float("inf"),), (float("nan"),)))
    assert files.get_result(kept).rows == ((None,), (None,))


def test_a_damaged_file_is_never_handed_out_and_putting_it_again_heals_it(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.put(PDF, ".pdf")
    (tmp_path / SHA256[:2] / f"{SHA256}.pdf").write_bytes(PDF[:-1])
    with pytest.raises(StoreUnavailable, match=r"is damaged\. Restore it from a backup"):
        files.get(SHA256, ".pdf")
    files.put(PDF, ".pdf")
    assert files.get(SHA256, ".pdf") == PDF


def test_a_folder_that_cannot_be_made_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(StoreUnavailable, match=r"^A \.pdf file cannot be kept: .*INTERACT_FILES_URL"):
        Files(tmp_path / "taken").put(PDF, ".pdf")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, "the disk is full. Make room"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EACCES, "the user that runs this may not"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EIO, "Input/output error. Check INTERACT_FILES_URL"),
    ],
)
def test_a_write_that_fails_leaves_nothing_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    def fails(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StoreUnavailable, match=told):
        Files(tmp_path).put(PDF, ".pdf")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_refusal_names_no_folder_and_the_log_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = Files(tmp_path / "files")
    with pytest.raises(StoreUnavailable, match="missing") as refused:
        files.get(SHA256, ".pdf")
    assert "/" not in str(refused.value)
    assert str(tmp_path / "files") in caplog.text


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_for_its_owner_and_group_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        Files(tmp_path / "files").put(PDF, ".pdf")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "files", *(tmp_path / "files").rglob("*"))}
    assert modes == {"files": 0o750, SHA256[:2]: 0o750, f"{SHA256}.pdf": 0o640}


def put_too_much(root: Path, found: "multiprocessing.Queue[str]") -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        found.put(Files(root).put(b"x" * 100_000, ".pdf"))
    except StoreUnavailable as error:
        found.put(str(error))


def test_a_real_limit_on_writing_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=put_too_much, args=(tmp_path, found))
    child.start()
    said = found.get(timeout=30)
    child.join()
    assert "larger than this process may write" in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
