"""Airflow DAGs of the watch and of questions, in a file that reads no store: they have to stand when others cannot."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.sdk import DAG

from interact import settings
from interact.factory.asking import questions
from interact.operators.keep_accounts import KeepAccountsOperator

read = settings.read()

with DAG(
    dag_id="interact_watch",
    dag_display_name="Interact's watch",
    schedule=timedelta(minutes=read.watch_minutes),
    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(minutes=20),
    tags=["interact"],
    default_args={"queue": read.queue} if read.queue else {},
    doc_md="Gives every expected time of every job its row, and tells of what nobody was told of. Leave it on.",
) as dag:
    KeepAccountsOperator(
        task_id="account",
        execution_timeout=timedelta(minutes=10),
        retries=0,  # The next one comes soon, and does what this one could not.
    )

ask = questions(read)
