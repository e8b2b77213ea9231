"""One job to one Airflow DAG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.definitions.mappedoperator import MappedOperator

from interact.factory.form import param, send_to
from interact.factory.waking import waking_of
from interact.jobs.combinations import BATCH, LIMIT
from interact.jobs.definition import Job
from interact.jobs.parameters import Parameter
from interact.jobs.stored import Published, StoredJob
from interact.operators.announce_run import AnnounceRunOperator
from interact.operators.ask_agent import AskAgentOperator
from interact.operators.begin_run import SEND_TO, BeginRunOperator
from interact.operators.render_reports import RenderReportsOperator
from interact.settings import Settings

_RETRY = {"retries": 2, "retry_delay": timedelta(seconds=15)}
# Far more than each takes: what hangs ends, and the run with it, so that it does not hold up the job's next one.
_BOOKKEEPING_LIMIT = timedelta(minutes=5)
_RENDER_LIMIT = timedelta(minutes=15)
"""For a batch of reports."""
_UNCOUNTED_SHARES = 4
"""How many tasks render where any value is allowed, or where a query says which: a batch each is enough for most."""
# The first task decides whether a time runs, so it outlasts a store that is away for a quarter of an hour.
_BEGIN_RETRY = {"retries": 6, "retry_exponential_backoff": 2.0, "max_retry_delay": timedelta(minutes=5)}
_WAITING_LIMIT = timedelta(hours=6)
_SIDE_BY_SIDE = 8


def build(published: Published, settings: Settings, *, inside_task: bool = False) -> DAG:
    """Return the DAG of a job: begin, ask (one a combination), render, announce.

    The same job gives the same DAG, bit by bit: anything that changed from one parse to the next would make Airflow
    store a new DAG version each time. Inside a task it is the tasks alone: what makes a schedule takes longer to import
    than the rest to build, and by its parameters Airflow would judge anew a run that is under way, whose values the job
    may not allow any more.
    """
    job = published.job
    definition = job.definition
    with DAG(
        dag_id=job.dag_id,
        dag_display_name=f"Private job of {definition.owner}" if definition.is_private else definition.name,
        doc_md=about(job),
        schedule=None if inside_task else waking_of(published.plan, published.held_from),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=run_limit(definition),
        is_paused_upon_creation=False,
        auto_register=False,  # Else Airflow would publish the half of a DAG whose other half could not be built.
        tags=["interact", f"agent:{definition.agent}", f"organisation:{definition.organisation}"],
        params={} if inside_task else _params(published),
        default_args={"owner": definition.owner, **every_task(settings)},
    ) as dag:
        limit = timedelta(minutes=definition.time_limit_minutes)
        put_tasks(job.job_id, settings, definition.parameters, limit=limit, **_at_once(definition))
    return dag


def every_task(settings: Settings) -> dict[str, Any]:
    """Return what all tasks of our runs have in common."""
    return {"queue": settings.queue, **_RETRY} if settings.queue else {**_RETRY}


def put_tasks(
    job_id: str | None, settings: Settings, parameters: Mapping[str, Parameter], *, limit: timedelta, **at_once: int
) -> None:
    """Put a run's four tasks into the DAG that is being made; `limit` is that of one answer.

    Without a job it takes only runs that were accepted before Airflow had them.
    """
    begin = BeginRunOperator(task_id="begin", job_id=job_id, execution_timeout=_BOOKKEEPING_LIMIT, **_BEGIN_RETRY)
    ask = AskAgentOperator.partial(
        task_id="ask", pool=settings.pool, map_index_template="{{ label }}", execution_timeout=limit, **at_once
    ).expand(chat=begin.output)
    render = _render(parameters)
    announce = AnnounceRunOperator(task_id="announce", trigger_rule="all_done", execution_timeout=_BOOKKEEPING_LIMIT)
    begin >> ask >> render >> announce


def about(job: StoredJob) -> str:
    """Return what Airflow's page of the DAG tells everybody: nothing that is asked, and of a private job no name."""
    who, agent, reader = "An", f"`{job.definition.agent}`", ""
    if job.definition.is_private:
        who, agent, reader = "A private", "an agent", ", for its owner"
    told = (
        f"{who} Interact job: it asks {agent} once for each combination of its parameters. "
        f"What a run was answered, and its report, are in the run's tab *Report*{reader}."
    )
    told += f" Its id is `{job.job_id}`."
    if job.kept_in is None:
        return told
    return f"{told} Kept in {'a file' if job.definition.is_private else f'`{job.kept_in}`'}: change it there."


def run_limit(definition: Job) -> timedelta:
    """Return how long a run may take as a whole, waiting for slots included; no task's limit reaches one that hangs so.

    Twice what its answers may take, eight side by side or as many as the job lets be, and six hours.
    """
    side_by_side = min(definition.parallel_chats or _SIDE_BY_SIDE, _SIDE_BY_SIDE)
    answers = math.ceil(_most(definition.parameters) / side_by_side) * definition.time_limit_minutes
    return timedelta(minutes=2 * answers) + _WAITING_LIMIT


def shares(parameters: Mapping[str, Parameter]) -> int:
    """Return how many tasks render, each its share of a run's chats.

    Airflow maps over a task's one result only, which is the list of chats, so this is fixed when the DAG is built: one
    for up to 25 chats when a run asks for all values that the job lists. Where they are not listed nobody can count
    them, and few tasks take long shares rather than forty start for each run.
    """
    if any(not parameter.values for parameter in parameters.values()):
        return _UNCOUNTED_SHARES
    return math.ceil(_most(parameters) / BATCH)


def _most(parameters: Mapping[str, Parameter]) -> int:
    """Return how many chats a run may have at most."""
    return min(math.prod(len(each.values) or LIMIT for each in parameters.values()), LIMIT)


def _params(published: Published) -> dict[str, Any]:
    parameters = published.job.definition.parameters
    shown = {name: param(name, each, published.known.get(name, ())) for name, each in parameters.items()}
    return {**shown, SEND_TO: send_to()}


def _at_once(definition: Job) -> dict[str, int]:
    return {"max_active_tis_per_dagrun": definition.parallel_chats} if definition.parallel_chats else {}


def _render(parameters: Mapping[str, Parameter]) -> BaseOperator | MappedOperator:
    count = shares(parameters)
    batches = math.ceil(_most(parameters) / count / BATCH)
    common: dict[str, Any] = {"trigger_rule": "all_done", "execution_timeout": batches * _RENDER_LIMIT}
    if count == 1:
        return RenderReportsOperator(task_id="render", share=0, of=1, **common)
    return RenderReportsOperator.partial(task_id="render", of=count, **common).expand(share=list(range(count)))
