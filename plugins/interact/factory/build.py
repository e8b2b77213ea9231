"""One job to one Airflow DAG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, BaseOperator, Param
from airflow.sdk.definitions.mappedoperator import MappedOperator

from interact.factory.waking import waking_of
from interact.jobs.combinations import BATCH, LIMIT
from interact.jobs.definition import Job, Parameter
from interact.jobs.stored import Published
from interact.operators.announce_run import AnnounceRunOperator
from interact.operators.ask_agent import AskAgentOperator
from interact.operators.begin_run import BeginRunOperator
from interact.operators.render_reports import RenderReportsOperator
from interact.settings import Settings

_RETRY = {"retries": 2, "retry_delay": timedelta(seconds=15)}
# Far more than each takes: what hangs ends, and the run with it, so that it does not hold up the job's next one.
_BOOKKEEPING_LIMIT = timedelta(minutes=5)
_RENDER_LIMIT = timedelta(minutes=15)
# The first task decides whether a time runs, so it outlasts a store that is away for a quarter of an hour.
_BEGIN_RETRY = {"retries": 6, "retry_exponential_backoff": 2.0, "max_retry_delay": timedelta(minutes=5)}
_WAITING_LIMIT = timedelta(hours=6)
_SIDE_BY_SIDE = 8


def build(published: Published, settings: Settings) -> DAG:
    """Return the DAG of a job: begin, ask (one a combination), render, announce.

    The same job gives the same DAG, bit by bit: anything that changed from one parse to the next would make Airflow
    store a new DAG version each time.
    """
    job = published.job
    definition = job.definition
    with DAG(
        dag_id=job.dag_id,
        dag_display_name=f"Private job of {definition.owner}" if definition.is_private else definition.name,
        schedule=waking_of(published.plan, published.held_from),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=run_limit(definition),
        is_paused_upon_creation=False,
        auto_register=False,  # Else Airflow would publish the half of a DAG whose other half could not be built.
        tags=["interact", f"agent:{definition.agent}", f"organisation:{definition.organisation}"],
        params={name: param(name, parameter) for name, parameter in definition.parameters.items()},
        default_args={"owner": definition.owner, "queue": settings.queue, **_RETRY}
        if settings.queue
        else {"owner": definition.owner, **_RETRY},
    ) as dag:
        begin = BeginRunOperator(
            task_id="begin", job_id=job.job_id, execution_timeout=_BOOKKEEPING_LIMIT, **_BEGIN_RETRY
        )
        ask = AskAgentOperator.partial(
            task_id="ask",
            pool=settings.pool,
            map_index_template="{{ label }}",
            execution_timeout=timedelta(minutes=definition.time_limit_minutes),
        ).expand(chat=begin.output)
        render = _render(batches(definition.parameters))
        announce = AnnounceRunOperator(
            task_id="announce", trigger_rule="all_done", execution_timeout=_BOOKKEEPING_LIMIT
        )
        begin >> ask >> render >> announce
    return dag


def run_limit(definition: Job) -> timedelta:
    """Return how long a run may take as a whole, waiting for slots included; no task's limit reaches one that hangs so.

    Twice what its answers may take, eight side by side, and six hours.
    """
    answers = math.ceil(_most(definition.parameters) / _SIDE_BY_SIDE) * definition.time_limit_minutes
    return timedelta(minutes=2 * answers) + _WAITING_LIMIT


def batches(parameters: Mapping[str, Parameter]) -> int:
    """Return how many tasks render, one for up to 25 chats, when a run asks for everything that a job allows.

    Airflow maps over a task's one result only, which is the list of chats, so this is fixed when the DAG is built; a
    run that asks for less leaves the last ones nothing to do.
    """
    return math.ceil(_most(parameters) / BATCH)


def _most(parameters: Mapping[str, Parameter]) -> int:
    return min(math.prod(len(parameter.values) for parameter in parameters.values()), LIMIT)


def _render(count: int) -> BaseOperator | MappedOperator:
    if count == 1:
        return RenderReportsOperator(
            task_id="render", trigger_rule="all_done", execution_timeout=_RENDER_LIMIT, batch=0
        )
    return RenderReportsOperator.partial(
        task_id="render", trigger_rule="all_done", execution_timeout=_RENDER_LIMIT
    ).expand(batch=list(range(count)))


def param(name: str, parameter: Parameter) -> Param:
    """Return a parameter as Airflow's Trigger form shows it: a list to pick several values from."""
    values = list(parameter.values)
    schema: dict[str, Any] = {
        "type": ["array", "string"],
        "title": name,
        "description": "One answer for each value.",
        "examples": values,
        "items": {"type": "string", "enum": values},
    }
    if parameter.default:
        return Param(list(parameter.default), **schema)
    return Param(**schema)
