"""What a report cites and is not there is said when it is emitted."""

import pytest

from builders.drafts import a_report, campaigns
from interact.chats.calculation import Calculation
from interact.chats.result import Cell
from interact.errors import ReportFailed
from interact.reports.citations import check_citations, faults_of
from interact.reports.document import Chart, Highlight, Markdown, Metric, Metrics, Table

ID, OTHER = "result_000000000001", "result_00000000000x"


def faults(*blocks, **more):
    return faults_of(a_report(*blocks, **more), {ID: campaigns()})


def test_a_report_that_cites_what_is_there_has_no_faults():
    tile = Metric(label="Spend", figure=Cell(result_id=ID, row=0, column="spend"))
    share = Calculation(name="share", op="share", cells=(tile.figure, Cell(result_id=ID, row=1, column="spend")))
    blocks = (
        Table(title="Campaigns", result_id=ID, columns=("campaign", "spend")),
        Metrics(items=(tile,)),
        Markdown(text=f"[[{ID}/2/spend]] of [[{ID}/rows]], [[calc:share]]"),
    )
    assert faults(*blocks, calculations=(share,)) == []


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (
            Table(title="Campaigns", result_id=ID, columns=("campaign", "cost")),
            f"Table 'Campaigns' cites column 'cost', which result '{ID}' does not have "
            "(it has 'campaign', 'spend', 'roas').",
        ),
        (
            Chart(title="ROAS", result_id=OTHER, mark="bar", x="campaign", y="roas", alt="Bars"),
            f"Chart 'ROAS' cites result '{OTHER}', which its chat does not have (there are '{ID}').",
        ),
        (
            Metrics(items=(Metric(label="Spend", figure=Cell(result_id=ID, row=3, column="spend")),)),
            f"Tile 'Spend' cites row 3 of result '{ID}', which is not there (its rows are 0 to 2).",
        ),
        (
            Markdown(text=f"[[{ID}/7/spend]]"),
            f"The text '[[{ID}/7/spend]]' cites row 7 of result '{ID}', which is not there (its rows are 0 to 2).",
        ),
        (
            Markdown(text="[[calc:share]]"),
            "The text '[[calc:share]]' shows a calculation that is not declared (there are none). "
            "Add it to `calculations`.",
        ),
        (
            Markdown(text=f"[[sum:{ID}/0/spend,{ID}/0/roas]]"),
            f"The text '[[sum:{ID}/0/spend,{ID}/0/roas]]' cannot be computed: its cells are in several units.",
        ),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(block, fault):
    assert faults(block) == [fault]


def test_a_calculation_that_cannot_be_made_and_a_second_of_its_name_are_faults():
    one = Calculation(name="both", op="sum", cells=(Cell(result_id=ID, row=0, column="roas"),))
    assert faults(calculations=(one, one)) == [
        "There are two calculations 'both'. Give each a name of its own.",
        "The calculation 'both' cannot be made: percentages and ratios are not added.",
    ]


def test_a_block_without_its_result_is_not_drawn_and_a_lost_row_is():
    lost = a_report(Metrics(items=(Metric(label="Spend", figure=Cell(result_id=ID, row=9, column="spend")),)))
    check_citations(lost, {ID: campaigns()})
    with pytest.raises(ReportFailed, match="cites result 'result_00000000000x', which its chat does not have"):
        check_citations(a_report(highlights=(Highlight(title="x", text="y", result_ids=(OTHER,)),)), {ID: campaigns()})
