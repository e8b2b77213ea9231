"""When a completed run is told: always, or only when it has highlights, is another one, or a query says so."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from interact.chats.result import Value
from interact.errors import InteractError, StoreUnavailable
from interact.jobs.stored import Snapshot
from interact.runs.desk import Desk
from interact.runs.saying.say import changed, has_highlights
from interact.runs.values import ReadColumn

log = logging.getLogger(__name__)
NO_HIGHLIGHT = "Not sent because no report has a highlight (the job sends only then)."
NO_CHANGE = (
    "Not sent because figures and highlights are those of the last completed run (the job sends only when they change)."
)
CHECK_SAYS_NO = "Not sent because the job's check said no (the job sends only when it says yes)."
NOBODY_ASKS = "The warehouse cannot be asked here."
_NO = ("", "0", "f", "false", "n", "no")
_TOLD_LIMIT = 300


@dataclass
class Condition:
    """What a job says about when its completed runs are told; its check is asked once, and only if it matters."""

    desk: Desk
    run_id: str
    snapshot: Snapshot
    read_column: ReadColumn | None
    _checked: list[bool] = field(default_factory=list)
    caution: str = ""
    """That the check could not be asked, and why; "" while it could."""

    def unmet(self, chat_ids: Collection[str] | None = None) -> str | None:
        """Return why the run, or some of its chats, is not told; None when it is.

        A check that cannot be asked holds nothing back: `caution` says so.
        """
        match self.snapshot.job.definition.notices.when:
            case "highlights" if not has_highlights(self.desk, self.run_id, chat_ids=chat_ids):
                return NO_HIGHLIGHT
            case "change" if not changed(self.desk, self.run_id, chat_ids=chat_ids):
                return NO_CHANGE
            case "check" if not self._says_yes():
                return CHECK_SAYS_NO
            case _:
                return None

    def _says_yes(self) -> bool:
        if not self._checked:
            self._checked.append(self._asked())
        return self._checked[0]

    def _asked(self) -> bool:
        if self.read_column is None:
            return self._goes_all_the_same(NOBODY_ASKS)
        try:
            found = self.read_column(self.snapshot.agent, self.snapshot.job.definition.notices.check, 1)
        except StoreUnavailable:
            raise
        except InteractError as error:
            log.warning("The check of job %s could not be asked: %s", self.snapshot.job.job_id, error.title)
            return self._goes_all_the_same(str(error))
        return bool(found) and is_yes(found[0])

    def _goes_all_the_same(self, why: str) -> bool:
        self.caution = f"The job's check could not be asked, so this is sent all the same: {why:.{_TOLD_LIMIT}}"
        return True


def is_yes(value: Value) -> bool:
    """Return whether what a check found means yes: true, not 0 and not empty, nor a text that says so."""
    return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)
