"""`interact validate` checks files by themselves: no store, no settings, one sentence for what is wrong."""

from collections.abc import Callable
from pathlib import Path

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"


def test_files_in_order_are_counted_without_a_store(interact: Command, home: Path) -> None:
    assert interact("validate", str(DEMO)) == (0, "In order: 1 organisation, 1 agent, 2 jobs.\n", "")
    assert not (home / "home").exists()


def test_what_a_file_refers_to_has_to_stand_in_the_files(interact: Command, home: Path) -> None:
    job = (DEMO / "definitions.yaml").read_text(encoding="utf-8").rpartition("---\n")[2]
    (home / "job.yaml").write_text(job, encoding="utf-8")
    code, out, err = interact("validate", str(home / "job.yaml"))
    assert (code, out) == (1, "")
    assert err == (
        f"{home}/job.yaml, line 3: The job 'campaign-check' belongs to organisation 'norrland', which does not exist "
        "(there are none). Name one of them, or define it too.\n"
    )
    (home / "semantic_model.yaml").write_text((DEMO / "semantic_model.yaml").read_text(encoding="utf-8"))
    rest = (DEMO / "definitions.yaml").read_text(encoding="utf-8").rpartition("---\n")[0]
    (home / "rest.yaml").write_text(rest, encoding="utf-8")
    assert interact("validate", str(home / "job.yaml"), str(home / "rest.yaml"))[0] == 0


def test_a_key_that_nobody_knows_is_named_with_its_line(interact: Command, home: Path) -> None:
    (home / "jobs.yaml").write_text("kind: job\nkey: x\npromt: Why?\n")
    code, out, err = interact("validate", str(home / "jobs.yaml"))
    assert (code, out) == (1, "")
    assert err.startswith(f"{home}/jobs.yaml, line 3: 'promt' is no key of a job (did you mean 'prompt'?); it takes")
