"""One job to one Airflow DAG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, BaseOperator, Param
from airflow.sdk.definitions.mappedoperator import MappedOperator

from interact.jobs.combinations import BATCH, LIMIT
from interact.jobs.definition import Parameter
from interact.jobs.stored import StoredJob
from interact.operators.announce_run import AnnounceRunOperator
from interact.operators.ask_agent import AskAgentOperator
from interact.operators.begin_run import BeginRunOperator
from interact.operators.render_reports import RenderReportsOperator
from interact.settings import Settings

_RETRY = {"retries": 2, "retry_delay": timedelta(seconds=15)}


def build(job: StoredJob, settings: Settings) -> DAG:
    """Return the DAG of a job: begin, ask (one a combination), render, announce.

    The same job gives the same DAG, bit by bit: anything that changed from one parse to the next would make Airflow
    store a new DAG version each time.
    """
    definition = job.definition
    with DAG(
        dag_id=job.dag_id,
        dag_display_name=f"Private job of {definition.owner}" if definition.is_private else definition.name,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        auto_register=False,  # Else Airflow would publish the half of a DAG whose other half could not be built.
        tags=["interact", f"agent:{definition.agent}", f"organisation:{definition.organisation}"],
        params={name: param(name, parameter) for name, parameter in definition.parameters.items()},
        default_args={"owner": definition.owner, "queue": settings.queue, **_RETRY}
        if settings.queue
        else {"owner": definition.owner, **_RETRY},
    ) as dag:
        begin = BeginRunOperator(task_id="begin", job_id=job.job_id)
        ask = AskAgentOperator.partial(
            task_id="ask",
            pool=settings.pool,
            map_index_template="{{ label }}",
            execution_timeout=timedelta(minutes=definition.time_limit_minutes),
        ).expand(chat=begin.output)
        render = _render(batches(definition.parameters))
        announce = AnnounceRunOperator(task_id="announce", trigger_rule="all_done")
        begin >> ask >> render >> announce
    return dag


def batches(parameters: Mapping[str, Parameter]) -> int:
    """Return how many tasks render, one for up to 25 chats, when a run asks for everything that a job allows.

    Airflow maps over a task's one result only, which is the list of chats, so this is fixed when the DAG is built; a
    run that asks for less leaves the last ones nothing to do.
    """
    most = min(math.prod(len(parameter.values) for parameter in parameters.values()), LIMIT)
    return math.ceil(most / BATCH)


def _render(count: int) -> BaseOperator | MappedOperator:
    if count == 1:
        return RenderReportsOperator(task_id="render", trigger_rule="all_done", batch=0)
    return RenderReportsOperator.partial(task_id="render", trigger_rule="all_done").expand(batch=list(range(count)))


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
