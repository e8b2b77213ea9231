import pytest

from builders.drafts import CREATED, FOLDER
from interact.reports.branding import Branding
from interact.reports.manuscript import Manuscript
from interact.reports.pdf import Studio


@pytest.fixture(scope="session")
def studio():
    """One press and one artist for all tests that draw for real."""
    with Studio(FOLDER) as studio:
        yield studio


@pytest.fixture
def drawn(studio):
    """Draws a report with its results."""

    def draw(report, results, branding=None, **more):
        return studio.draw(Manuscript(report, results, branding or Branding(), CREATED, **more))

    return draw
