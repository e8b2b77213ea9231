"""Everything that can be refused or go wrong, as one tree.

    InteractError                    HTTP  retry helps
    ├── DefinitionRefused             422  no    a definition, a file or a parameter that cannot be accepted
    │   ├── FileRefused               422  no    a YAML file; names the file and the line
    │   ├── ParameterRefused          422  no    a parameter's value; names the allowed values
    │   ├── ScheduleRefused           422  no    an expression, a zone, a country or a region; says what to write
    │   └── TooManyCombinations       422  no    a fan-out over the limit
    ├── NotFound                      404  no    unknown, or not visible to who asks
    │   └── DocumentMissing       404  no    a chat without a report, or whose report is not drawn yet
    ├── KeyRefused                    401  no    no key, or a wrong one: the two look alike
    ├── AccessRefused                 403  no    the wrong organisation, or a permission that the key lacks
    ├── NotStartable                  409  no    agent inactive, DAG paused or broken, or too many runs waiting
    │   └── TooManyWaiting        409  no    as many runs of the job wait as may wait
    ├── AgentRefused                  422  no    the agent cannot answer this question, and says why
    ├── AgentFaulted              500  yes   an agent that stopped at a fault of its own
    ├── QueryRefused                  422  no    the guard does not let this SQL through
    ├── QueryFailed                   422  no    the warehouse could not run it
    │   └── QueryStopped              422  no    it ran into a limit of time, memory, rows or bytes
    ├── ReportFailed                  500  yes   a report that could not be drawn
    ├── WarehouseUnavailable          503  yes   no warehouse at the place that is configured
    ├── StoreUnavailable              503  yes   the store cannot be read or written
    └── SettingRefused                500  no    a setting that cannot be used

Each class builds its own sentence from values: subject, fact, what is allowed, what to do. Secrets never enter one.
"""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import Repr


class InteractError(Exception):
    """Any refusal or failure of this product; `str()` of it is a whole sentence for people."""

    status = 500
    retry_helps = False
    title = "Failed"


class DefinitionRefused(InteractError):
    """A definition that cannot be accepted as it stands."""

    status = 422
    title = "Definition refused"


class FileRefused(DefinitionRefused):
    """A definition file that cannot be accepted; `line` is 1-based."""

    def __init__(self, file: str, line: int | None, fact: str) -> None:
        self.file, self.line = file, line
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {fact}")


class ParameterRefused(DefinitionRefused):
    """A value, or the lack of one, for a parameter; carries the parameter's name and the allowed values."""

    title = "Parameter refused"

    def __init__(self, parameter: str, fact: str, *, allowed: Iterable[object] = ()) -> None:
        self.parameter, self.allowed = parameter, tuple(allowed)
        hint = f" Allowed: {listed(self.allowed)}." if self.allowed else ""
        super().__init__(f"Parameter {parameter!r} {fact}.{hint}")


class ScheduleRefused(DefinitionRefused):
    """An expression, a time zone, a country or a region that no schedule can be made of; `fact` is a predicate."""

    title = "Schedule refused"

    def __init__(self, kind: str, value: object, fact: str) -> None:
        # Anything may come in here, a megabyte too: only its beginning and its end are shown.
        shown = Repr()
        shown.maxstring, shown.maxother = 100, 60
        super().__init__(f"{kind} {shown.repr(value)} {fact}")


class TooManyCombinations(DefinitionRefused):
    """A fan-out over the limit, refused before anything starts."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            f"These parameters make {count:,} combinations; a run takes at most {limit:,}. Name fewer values."
        )


class NotFound(InteractError):
    """Something that is unknown, or that who asks may not see: the two look alike."""

    status = 404
    title = "Not found"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"There is no {kind} {name!r} that you can see. Check the id (not the key) and the organisation."
        )


class DocumentMissing(NotFound):
    """A PDF or a page of a report that is not there."""

    def __init__(self, chat_id: str, status: str) -> None:
        InteractError.__init__(
            self,
            f"Chat {chat_id!r} is {status} and has no report. It may not be drawn yet, or the question asks for none; "
            "the chat itself says more.",
        )


class KeyRefused(InteractError):
    """No key, or a wrong one."""

    status = 401
    title = "Key refused"

    def __init__(self) -> None:
        super().__init__("The header X-API-Key names no key in use. Make one with `interact keys create`.")


class AccessRefused(InteractError):
    """A key or a person that may not do this."""

    status = 403
    title = "Access refused"


class NotStartable(InteractError):
    """A job that cannot start now, with the reason."""

    status = 409
    title = "Not startable"


class TooManyWaiting(NotStartable):
    """A job whose queue is full."""

    def __init__(self, job_key: str, waiting: int) -> None:
        super().__init__(
            f"Job {job_key!r} has {waiting} runs waiting, which is as many as may wait. "
            "Wait until one has ended, then trigger it again."
        )


class AgentRefused(InteractError):
    """A question that the agent cannot answer; the sentence says what it did not understand and what it knows."""

    status = 422
    title = "Not answered"


class AgentFaulted(InteractError):
    """An agent that stopped at a fault of its own; names the kind of the fault, never what it was about."""

    retry_helps = True
    title = "Agent stopped at a fault"

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The agent stopped at a fault of its own ({kind}); the task's log says where. "
            "Run it again, or tell those who run this installation."
        )


class QueryRefused(InteractError):
    """SQL that the guard does not let through."""

    status = 422
    title = "Query refused"


class QueryFailed(InteractError):
    """SQL that the warehouse could not run."""

    status = 422
    title = "Query failed"


class QueryStopped(QueryFailed):
    """A query that was stopped at a limit of time, memory, rows or bytes."""

    title = "Query stopped"


class ReportFailed(InteractError):
    """A report that could not be drawn as HTML or PDF."""

    retry_helps = True
    title = "Report failed"


class WarehouseUnavailable(InteractError):
    """No warehouse where one is configured."""

    status = 503
    retry_helps = True
    title = "Warehouse unavailable"


class StoreUnavailable(InteractError):
    """The store cannot be read or written."""

    status = 503
    retry_helps = True
    title = "Store unavailable"


class SettingRefused(InteractError):
    """A setting that cannot be used."""

    title = "Setting refused"


def listed(values: Iterable[object], *, limit: int = 12) -> str:
    """Return values as one readable list, quoted, at most `limit` of them and a count of the rest."""
    shown = [repr(value) for value in values]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more if shown else "none"
