"""The DAG that answers what is asked outside any job: one for all of it, made without a look into the store."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from interact.factory.build import every_task, put_tasks
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.questions import ANSWER_MINUTES
from interact.settings import Settings

AT_ONCE = 16
"""Questions and previews that are under way at the same time; the pool says how many of them are with an agent."""
_RUN_LIMIT = timedelta(hours=2)
"""Of a run as a whole, waiting for slots included: whoever asked is gone by then."""
_ABOUT = (
    "Answers what people ask on agents' pages, and previews of jobs, a run for each. Leave it on. Nothing comes of "
    "starting it here: open *Agents*, choose one, and ask there. What was asked and answered is its asker's alone."
)


def questions(settings: Settings) -> DAG:
    """Return the DAG `interact_ask`: the tasks of a job's DAG, and nothing that starts it by itself."""
    with DAG(
        dag_id=QUESTIONS_DAG,
        dag_display_name="Interact's questions",
        doc_md=_ABOUT,
        schedule=None,
        catchup=False,
        max_active_runs=AT_ONCE,
        dagrun_timeout=_RUN_LIMIT,
        is_paused_upon_creation=False,
        auto_register=False,
        tags=["interact"],
        default_args=every_task(settings),
    ) as dag:
        put_tasks(None, settings, {}, limit=timedelta(minutes=ANSWER_MINUTES))
    return dag
