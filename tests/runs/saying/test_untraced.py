"""A notice says when numbers of an answer could not be traced."""

from pathlib import Path

from sqlalchemy import update

from builders.spoken import Spoken, spoken, weekly
from interact.runs.saying.say import say
from interact.store.tables import AttemptRow


def told(spoken_: Spoken, run_id: str, count: int) -> list[tuple[str, str, str]]:
    """Return what a notice of a run remarks once so many numbers of each answer could not be traced."""
    with spoken_.desk.store.writing() as session:
        session.execute(update(AttemptRow).values(untraced=count))
    notice = say(spoken_.desk, run_id)
    return [(each.title, each.text, each.tone) for each in notice.highlights if "traced" in each.title]


def test_numbers_that_could_not_be_traced_are_remarked(tmp_path: Path) -> None:
    site = spoken(tmp_path)
    run_id = site.run(weekly())
    assert told(site, run_id, 0) == []
    assert told(site, run_id, 1) == [
        ("One number could not be traced to a query", "It is marked with [?].", "warning"),
    ]
    assert told(site, run_id, 3) == [
        ("3 numbers could not be traced to a query", "They are marked with [?].", "warning"),
    ]


def test_a_fan_out_names_the_chats_that_they_stand_in(tmp_path: Path) -> None:
    site = spoken(tmp_path)
    run_id = site.run(weekly(), weekly())
    assert told(site, run_id, 2) == [
        (
            "4 numbers could not be traced to a query",
            "They are marked with [?]. They stand in NL and BE.",
            "warning",
        ),
    ]
