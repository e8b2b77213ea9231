"""What stands in the repository: documented settings, locks with hashes, one version, nothing of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.house import ROOT, listed, names_in, product

LARGEST_FILE = 1_500_000
# Folders of one machine or one person: a home, a temporary folder, a mount of a build service.
MACHINE_PATH = re.compile(r"(?<![\w.}$/-])/(?:home|Users|root|tmp|work|workspace|builds|mnt)/[\w.-]+")


def test_the_settings_in_the_code_are_those_in_the_readme() -> None:
    used = set().union(*(names_in(module.text) for module in product()))
    documented = names_in(
        "".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("|"))
    )
    assert used - documented == set(), "README's table of settings lacks these, which the code reads."
    assert documented - used == set(), "README's table of settings names these, which no code reads."


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    found = list(loose_requirements((ROOT / name).read_text()))
    assert not found, f"{name} has requirements without == or hash; run `make lock`: {', '.join(found)}"


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_that_is_asked_for_is_locked(name: str) -> None:
    asked = {requirement_name(line) for line in (ROOT / f"{name}.in").read_text().splitlines() if line[:1].isalpha()}
    locked = {requirement_name(line) for line in (ROOT / f"{name}.txt").read_text().splitlines() if line[:1].isalpha()}
    assert asked - locked == set(), f"{name}.txt lacks these; run `make lock`."


def test_the_package_and_the_project_have_one_version() -> None:
    import interact

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == interact.__version__


def test_no_path_of_one_machine_is_in_the_repository() -> None:
    found = [sentence for path in tracked() for sentence in machine_paths(path)]
    assert not found, listed(found)


def test_every_file_is_small() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes"
        for path in tracked()
        if path.stat().st_size > LARGEST_FILE
    ]
    assert not found, f"Files over {LARGEST_FILE:,} bytes make every clone slow:{listed(found)}"


def test_a_loose_requirement_is_noticed() -> None:
    text = "a==1 \\\n    --hash=sha256:00\nb>=2 \\\n    --hash=sha256:00\nc==3\n"
    assert list(loose_requirements(text)) == ["b", "c"]


@pytest.mark.parametrize("text", ["see /ho" + "me/ann/project", "path = '/ro" + "ot/.cache'", "`/wo" + "rk/main/x`"])
def test_a_path_of_one_machine_is_noticed(text: str, tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(f"first\n{text}\n")
    assert [sentence.split(":")[1] for sentence in machine_paths(file)] == ["2"]


@pytest.mark.parametrize(
    "text", ["/api/jobs", "https://example.com/home/page", "$HOME/.cache", "tests/home/x", "/usr/bin/chromium"]
)
def test_other_paths_pass(text: str, tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text(text)
    assert list(machine_paths(file)) == []


def loose_requirements(text: str) -> Iterator[str]:
    """Yield the names of requirements that are not pinned, or have no hash."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^(#.*)?\n", "", text).strip()):
        if "==" not in entry.split("\n")[0] or "--hash=sha256:" not in entry:
            yield requirement_name(entry)


def requirement_name(line: str) -> str:
    """Return the normalised name at the beginning of a requirement."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line)[0]).lower()


def machine_paths(path: Path) -> Iterator[str]:
    """Yield a sentence for each line of a text file that names a folder of one machine."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, start=1):
        if found := MACHINE_PATH.search(line):
            shown = path.as_posix().removeprefix(f"{ROOT}/")
            yield f"{shown}:{number}: {found[0]} is a path of one machine; make it relative or an argument."


def tracked() -> list[Path]:
    """Return the files that git tracks, or would track."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]
