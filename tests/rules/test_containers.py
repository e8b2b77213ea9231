"""The image installs by bin/bootstrap, copies what is there, and does not run as root."""

from __future__ import annotations

from rules.house import ROOT


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, continued lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_image_installs_by_the_script_that_make_setup_calls() -> None:
    runs = [argument for name, argument in instructions() if name == "RUN"]
    assert [argument for argument in runs if "bin/bootstrap" in argument]
    assert not [argument for argument in runs if "pip install" in argument or "apt-get install" in argument]


def test_all_that_the_image_copies_is_there_and_sent_to_docker() -> None:
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in [word for name, argument in instructions() if name == "COPY" for word in argument.split()[:-1]]:
        assert (ROOT / source).exists(), f"The Dockerfile copies {source!r}, which does not exist."
        assert source.startswith(tuple(sent)), f".dockerignore keeps {source!r} from the Dockerfile, which copies it."


def test_the_image_does_not_run_as_root() -> None:
    users = [argument for name, argument in instructions() if name == "USER"]
    assert users, "The Dockerfile names no USER; the image would run as root."
    assert users[-1].split(":")[0] not in {"0", "root"}
