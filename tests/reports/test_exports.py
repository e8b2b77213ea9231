import csv
import io

import pytest

from builders.drafts import a_column, a_result
from interact.reports.exports import as_csv


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_all_rows_come_as_they_are():
    result = a_result(a_column("campaign"), a_column("spend", "currency"), rows=[('A "b", c\nd', -1.5), ("Ł", None)])
    assert read(as_csv(result)) == [["Campaign", "Spend"], ['A "b", c\nd', "-1.5"], ["Ł", ""]]


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_words_that_work_as_a_formula_are_made_inert(sign):
    assert read(as_csv(a_result(a_column("campaign"), rows=[(sign,)])))[1] == ["'" + sign]
