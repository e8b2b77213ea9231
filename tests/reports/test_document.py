"""A report's words can be read and written anew, and marks do not make them too long."""

import pytest
from pydantic import ValidationError

from builders.drafts import a_report, campaigns
from interact.reports.document import Callout, Highlight, Markdown, Report, Table


def test_each_text_is_written_anew_under_the_titles_that_it_stands_under():
    table = Table(title="Top", result_id=campaigns().result_id, columns=("spend",), note="Note")
    report = a_report(Markdown(text="Words"), table, highlights=(Highlight(title="High", text="Why"),))
    seen = {}

    def write(text, about):
        seen[text] = about
        return f"<{text}>"

    written = report.rewritten(write)
    assert seen["Words"] == "Weekly briefing\nCampaigns"
    assert seen["Note"] == "Weekly briefing\nCampaigns\nTop"
    assert seen["Why"] == "Weekly briefing\nHigh"
    assert written.texts() == tuple(f"<{text}>" for text in report.texts())
    assert written.sections[0].blocks[1].columns == ("spend",)


def test_marks_do_not_count_to_the_length_of_a_text():
    full = Callout(title="x", text="9" * 1200)
    marked = full.model_copy(update={"text": f"[[?9]]{'9' * 1199}"})
    assert Callout.model_validate_json(marked.model_dump_json()) == marked
    with pytest.raises(ValidationError, match="it has 1,201 characters; at most 1,200 are allowed"):
        Callout(title="x", text="9" * 1201)


def test_the_schema_tells_a_model_how_long_a_text_may_be():
    assert Report.model_json_schema()["properties"]["summary"]["maxLength"] == 1200
