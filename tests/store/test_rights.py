"""What is made is for its owner and group; what people made themselves is never opened further."""

import os
import stat
from pathlib import Path

import pytest

from interact.store.rights import close_to_others, make_file, make_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_folder_itself_is_closed_and_those_above_it_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        make_folder(tmp_path / "above" / "home")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "above"), mode(tmp_path / "above" / "home")) == (0o755, 0o750)


def test_a_folder_goes_on_handing_its_group_down(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    make_folder(tmp_path / "home")
    assert mode(tmp_path / "home") == 0o2750


def test_a_file_in_the_place_of_a_folder_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(FileExistsError, match="home"):
        make_folder(tmp_path / "home")


@pytest.mark.parametrize(("there", "then"), [(0o600, 0o600), (0o644, 0o640), (0o666, 0o660), (0o777, 0o770)])
def test_a_file_that_exists_is_closed_and_never_opened(tmp_path: Path, there: int, then: int) -> None:
    file = tmp_path / "interact.db"
    file.write_text("kept")
    file.chmod(there)
    make_file(file)
    assert (mode(file), file.read_text()) == (then, "kept")


def test_what_is_not_there_needs_no_closing(tmp_path: Path) -> None:
    close_to_others(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
