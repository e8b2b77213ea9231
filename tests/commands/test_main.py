"""The command finds its verb, says what went wrong in one sentence, and starts fast."""

import subprocess
import sys
import types

import pytest

from interact.commands import main as command
from interact.commands.main import VERBS, main
from interact.errors import InteractError


def a_verb(monkeypatch: pytest.MonkeyPatch, does: object) -> None:
    """Put a verb in the place of `migrate`."""
    module = types.ModuleType("interact.commands.migrate", "A verb.")
    module.add_arguments = lambda parser: parser.add_argument("--loud", action="store_true")
    module.run = does
    monkeypatch.setitem(sys.modules, "interact.commands.migrate", module)


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_has_a_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"usage: interact {verb}" in capsys.readouterr().out


def test_the_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"{verb} " in told and what in told for verb, what in VERBS.items())


@pytest.mark.parametrize("words", [[], ["unknown"], ["migrate", "--unknown"], ["apply"], ["keys"], ["keys", "create"]])
def test_words_that_are_not_understood_end_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "usage: interact" in capsys.readouterr().err


def test_a_verb_gets_its_arguments_and_gives_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    a_verb(monkeypatch, lambda arguments: 5 if arguments.loud else 0)
    assert (main(["migrate", "--loud"]), main(["migrate"])) == (5, 0)


def test_a_refusal_is_one_sentence_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(_: object) -> int:
        raise InteractError("It does not fit. Mend it.")

    a_verb(monkeypatch, refuses)
    assert main(["migrate"]) == 1
    assert capsys.readouterr() == ("", "It does not fit. Mend it.\n")


def test_ctrl_c_is_no_failure_to_be_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_interrupted(_: object) -> int:
        raise KeyboardInterrupt

    a_verb(monkeypatch, is_interrupted)
    assert main(["migrate"]) == 130


def test_the_words_of_the_shell_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["interact", "--version"])
    with pytest.raises(SystemExit, match="0"):
        main()
    assert capsys.readouterr().out.startswith("interact 0.")


def test_the_command_itself_imports_no_store_and_no_airflow() -> None:
    look = "import sys, interact.commands.main; print(*{m.partition('.')[0] for m in sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True, timeout=60, cwd=root()
    )
    assert not {"sqlalchemy", "alembic", "airflow", "pydantic", "yaml"} & set(found.stdout.split())


def root() -> str:
    return str(command.__file__).rpartition("/interact/")[0]
