"""The watch's one task: a row for every expected time."""

from __future__ import annotations

import logging

from airflow.sdk import BaseOperator, Context

from interact.operators.failing import for_airflow

log = logging.getLogger(__name__)


class KeepAccountsOperator(BaseOperator):
    """Account for every expected time, and finish what a crash left half done; returns counts."""

    template_fields = ()

    def execute(self, context: Context) -> dict[str, int]:
        """Keep the accounts."""
        from interact import settings
        from interact.connections.agents import probe_model
        from interact.connections.warehouse import probe, read_column
        from interact.notifiers.senders import open_sender
        from interact.operators.supervisor import Supervisor
        from interact.runs.account import Doors, account
        from interact.runs.desk import open_desk

        with for_airflow("The watch"):
            doors = Doors(read_column, probe, probe_model, open_sender)
            done = account(open_desk(settings.read()), Supervisor(), doors)
        told = (
            "%d times skipped, %d not run; %d runs closed, %d started; %d outages over; %d runs told, missed times "
            "of %d jobs; %d messages delivered, %d failed, %d unknown; %d faults"
        )
        log.log(logging.ERROR if done.faults else logging.INFO, told, *done.plain().values())
        return done.plain()
