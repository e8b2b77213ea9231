"""Everything that can be refused or go wrong, as one tree.

    InteractError                    HTTP  retry helps
    ├── DefinitionRefused             422  no    a definition, a file or a parameter that cannot be accepted
    │   ├── FileRefused               422  no    a YAML file; names the file and the line
    │   ├── ParameterRefused          422  no    a parameter's value; names the allowed values
    │   ├── ScheduleRefused           422  no    an expression, a zone, a country or a region; says what to write
    │   └── TooManyCombinations       422  no    a fan-out over the limit
    ├── NotFound                      404  no    unknown, or not visible to who asks
    │   ├── NoSuchPage            404  no    an address below /interact that leads nowhere
    │   └── DocumentMissing       404  no    a chat without a report, or whose report is not drawn yet
    ├── KeyRefused                    401  no    no key, or a wrong one: the two look alike
    ├── NotSignedIn                   401  no    a page that is asked for without a session of Airflow
    ├── AccessRefused                 403  no    the wrong organisation, or a permission that the key lacks
    ├── BodyTooLarge                  413  no    a request with more in it than is taken
    ├── KeyReused                     422  no    an Idempotency-Key that came before with another question
    ├── KeyTaken                      409  no    a definition whose key another one has
    ├── KeptInFile                    409  no    a job that is changed in its file
    ├── EditConflict                  409  no    a change to a version that is not the newest any more
    ├── RunEnded                      409  no    a run that has ended cannot be cancelled
    ├── TooManyRequests               429  yes   a key that sends more than its share
    ├── NotStartable                  409  no    agent inactive, DAG paused or broken, or too many runs waiting
    │   ├── TooManyWaiting        409  no    as many runs of the job wait as may wait
    │   │   └── TooManyAsked      409  no    as many of somebody's questions to an agent wait as may wait
    │   ├── StillAnswering        409  no    a further question while the one before it is being answered
    │   └── NothingAsked          409  no    the DAG of questions, started by hand in Airflow
    ├── AgentRefused                  422  no    the agent cannot answer this question, and says why
    │   └── ModelRefused              422  no    (in agents.unanswered) its model: the key, the name, the account
    ├── AgentFaulted              500  yes   an agent that stopped at a fault of its own
    ├── QueryRefused                  422  no    the guard does not let this SQL through
    ├── QueryFailed                   422  no    the warehouse could not run it
    │   └── QueryStopped              422  no    it ran into a limit of time, memory, rows or bytes
    ├── ReportFailed                  500  yes   a report that could not be drawn
    ├── ModelUnavailable              503  yes   (in agents.unanswered) a model or service that does not answer now
    ├── WarehouseUnavailable          503  yes   no warehouse at the place that is configured
    ├── AirflowUnavailable            503  yes   Airflow's own database does not answer
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
    retry_after_seconds: int | None = None
    """How long to wait before asking again; None when waiting does not help."""
    title = "Failed"


class DefinitionRefused(InteractError):
    """A definition that cannot be accepted as it stands."""

    status = 422
    title = "Definition refused"


class FileRefused(DefinitionRefused):
    """A definition file that cannot be accepted; `line` is 1-based, `file` empty for what came in a call.

    `path` leads to what is wrong, as ("parameters", "market", "values"); one that ends in "[key]" means the name before
    it, an empty one the whole definition. `fact` is the sentence without the file and the line.
    """

    def __init__(self, file: str, line: int | None, fact: str, *, path: tuple[str, ...] = ()) -> None:
        self.file, self.line, self.fact, self.path = file, line, fact, path
        where = file if line is None or not file else f"{file}, line {line}"
        super().__init__(f"{where}: {fact}" if where else fact)


class ParameterRefused(DefinitionRefused):
    """A value, or the lack of one, for a parameter; carries the parameter's name and the allowed values."""

    title = "Parameter refused"

    def __init__(self, parameter: str, fact: str, *, allowed: Iterable[object] = ()) -> None:
        self.parameter, self.allowed = parameter, tuple(allowed)
        hint = f" Allowed: {listed(self.allowed)}." if self.allowed else ""
        super().__init__(f"Parameter {parameter!r:.80} {fact}.{hint}")


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


class NoSuchPage(NotFound):
    """An address below /interact that leads nowhere."""

    def __init__(self) -> None:
        InteractError.__init__(self, "There is no such page. The list of agents leads to all of them.")


class DocumentMissing(NotFound):
    """A PDF or a page of a report that is not there; `name` is the id of its chat or run."""

    def __init__(self, name: str, status: str) -> None:
        kind = name.partition("_")[0].capitalize()
        InteractError.__init__(
            self,
            f"{kind} {name!r} is {status} and has no report. It may not be drawn yet, or the question asks for none; "
            f"the {kind.lower()} itself says more.",
        )


class KeyRefused(InteractError):
    """No key, or a wrong one."""

    status = 401
    title = "Key refused"

    def __init__(self) -> None:
        super().__init__(
            "This request bears neither a key in use, in the header X-API-Key, nor a session of Airflow. "
            "Make a key with `interact keys create`, or sign in."
        )


class NotSignedIn(InteractError):
    """A page that is asked for without a session of Airflow."""

    status = 401
    title = "Not signed in"

    def __init__(self) -> None:
        super().__init__("Nobody is signed in to Airflow here. Sign in, and this page opens.")


class AccessRefused(InteractError):
    """A key or a person that may not do this."""

    status = 403
    title = "Access refused"


class BodyTooLarge(InteractError):
    """A request with more in it than is taken."""

    status = 413
    title = "Body too large"


class KeyReused(InteractError):
    """An Idempotency-Key that came before with another question."""

    status = 422
    title = "Idempotency-Key reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The Idempotency-Key {key!r:.80} came within the last 24 hours with another request. "
            "Send a key of its own with each request, and the same one only to repeat it."
        )


class KeyTaken(InteractError):
    """A definition whose key another one has."""

    status = 409
    title = "Key taken"

    def __init__(self, kind: str, key: str) -> None:
        one = f"an {kind}" if kind[0] in "aeio" else f"a {kind}"
        super().__init__(f"There is {one} {key!r} already. Name another key, or change that {kind}.")


class KeptInFile(InteractError):
    """A job that a file keeps, and that is changed there."""

    status = 409
    title = "Kept in a file"

    def __init__(self, key: str, file: str) -> None:
        super().__init__(
            f"Job {key!r} is kept in the file {file!r}. Change it there and run `interact apply`, "
            "or delete it with `interact delete job`."
        )


class EditConflict(InteractError):
    """A change to what has been changed meanwhile; carries what is there now, `version` None where there are none."""

    status = 409
    title = "Changed meanwhile"

    def __init__(self, key: str, version: int | None, definition: dict[str, object], *, kind: str = "job") -> None:
        self.version, self.definition = version, definition
        super().__init__(
            f"{kind.capitalize()} {key!r} was changed by somebody else meanwhile"
            f"{f' and is at version {version} now' if version else ''}. "
            f"Look at what it says there, then send the change {'with that version' if version else 'again'}."
        )


class RunEnded(InteractError):
    """A run that has ended, so that nothing of it can be cancelled."""

    status = 409
    title = "Run has ended"

    def __init__(self, run_id: str, verdict: str) -> None:
        super().__init__(f"Run {run_id!r} has ended as {verdict}; there is nothing left to cancel.")


class TooManyRequests(InteractError):
    """A key that sends more requests than it may."""

    status = 429
    retry_helps = True
    title = "Too many requests"

    def __init__(self, a_minute: int, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(
            f"This key has sent {a_minute:,} requests within a minute, which is as many as it may. "
            f"Wait {retry_after_seconds} seconds."
        )


class NotStartable(InteractError):
    """A job that cannot start now, with the reason; `retry_after_seconds` for one that passes by itself."""

    status = 409
    title = "Not startable"

    def __init__(self, told: str, *, retry_after_seconds: int | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(told)


class TooManyWaiting(NotStartable):
    """A job whose queue is full."""

    def __init__(self, job_key: str, waiting: int) -> None:
        super().__init__(
            f"Job {job_key!r} has {waiting} runs waiting, which is as many as may wait. "
            "Wait until one has ended, then trigger it again.",
            retry_after_seconds=30,
        )


class TooManyAsked(TooManyWaiting):
    """Somebody whose questions to one agent wait."""

    def __init__(self, agent: str, waiting: int) -> None:
        NotStartable.__init__(
            self,
            f"{waiting} of your questions to agent {agent!r} wait, which is as many as may wait. "
            "Wait until one is answered, or cancel one, then ask again.",
            retry_after_seconds=30,
        )


class StillAnswering(NotStartable):
    """A further question that came while the one before it is being answered."""

    def __init__(self, chat_id: str) -> None:
        super().__init__(
            f"Chat {chat_id!r}, the question before this one, is still being answered. "
            "Wait for its answer or cancel it, then ask again.",
            retry_after_seconds=5,
        )


class NothingAsked(NotStartable):
    """The DAG that answers questions, started by hand in Airflow: nobody has asked anything."""

    title = "Nothing was asked: ask on an agent's page"

    def __init__(self) -> None:
        super().__init__(
            "This DAG run was started in Airflow, and so nothing was asked. "
            "Open Agents, choose one, and ask there: the answer comes by itself."
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
    retry_after_seconds = 5
    title = "Warehouse unavailable"


class AirflowUnavailable(InteractError):
    """Airflow's own database, which cannot be asked now; names the kind of the fault."""

    status = 503
    retry_helps = True
    title = "Airflow unavailable"
    retry_after_seconds = 5

    def __init__(self, kind: str) -> None:
        super().__init__(f"Airflow's database does not answer ({kind}). Try again in some seconds.")


class StoreUnavailable(InteractError):
    """The store cannot be read or written."""

    status = 503
    retry_helps = True
    retry_after_seconds = 5
    title = "Store unavailable"


class SettingRefused(InteractError):
    """A setting that cannot be used."""

    title = "Setting refused"


def listed(values: Iterable[object], *, limit: int = 12) -> str:
    """Return values as one readable list, quoted, at most `limit` of them and a count of the rest."""
    shown = [repr(value) for value in values]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more if shown else "none"
