import pytest

from interact.errors import ReportFailed
from interact.reports.pictures import inline

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def test_a_picture_bears_its_words_as_its_first_child():
    html = inline(SVG.format('<text class="mark">a &lt; b</text>'), title="<b> & more")
    assert html == ('<svg viewBox="0 0 9 9" role="img"><title>&lt;b&gt; &amp; more</title><text>a &lt; b</text></svg>')


def test_frames_without_a_colour_are_left_out():
    html = inline(SVG.format('<g><path d="M0,0h9"/><path d="M0,0v9" stroke="#111111"/></g>'), title="x")
    assert html.count("<path") == 1


@pytest.mark.parametrize("element", ["<script/>", "<image/>", "<use/>", "<foreignObject/>", "<style/>", "<a/>"])
def test_an_element_that_our_charts_never_have_is_refused(element):
    with pytest.raises(ReportFailed, match="which our charts never have"):
        inline(SVG.format(element), title="x")
