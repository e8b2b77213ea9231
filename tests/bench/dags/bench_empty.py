"""The baseline of `run_overhead`: an Airflow DAG of four chained tasks that do nothing."""

from airflow.sdk import DAG, task

with DAG(dag_id="bench_empty", schedule=None, is_paused_upon_creation=False):

    @task
    def nothing(before: int) -> int:
        """Return what it was given."""
        return before

    nothing(nothing(nothing(nothing(0))))
