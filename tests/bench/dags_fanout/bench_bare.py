"""The baselines of `fanout`: Airflow DAGs that do nothing for each of the values in their `conf`."""

from airflow.sdk import DAG, BaseOperator, task_group


class Values(BaseOperator):
    """Return the values that the run was started with."""

    def execute(self, context: dict) -> list[str]:
        """Return them."""
        return context["dag_run"].conf["market"]


class Bare(BaseOperator):
    """Do nothing."""

    template_fields = ()

    def __init__(self, *, value: object = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.value = value

    def execute(self, context: dict) -> None:
        """Do nothing."""


with DAG("bench_flat", schedule=None, catchup=False, is_paused_upon_creation=False):
    each = Bare.partial(task_id="each").expand(value=Values(task_id="values").output)
    each >> Bare(task_id="last", trigger_rule="all_done")

with DAG("bench_group", schedule=None, catchup=False, is_paused_upon_creation=False):

    @task_group
    def one(value: object) -> None:
        """Three tasks for one value."""
        ask = Bare(task_id="ask", value=value)
        ask >> Bare(task_id="render") >> Bare(task_id="publish")

    one.expand(value=Values(task_id="values").output) >> Bare(task_id="last", trigger_rule="all_done")
