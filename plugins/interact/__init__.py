"""Interact jobs on Apache Airflow: saved questions to data agents, run by Airflow.

Words    schedules (when), jobs (what is asked), chats (what a run leaves)
Doors    warehouse (reading data), agents (who answers), reports (documents), store (where all is kept)
Story    runs (begin, ask, render, announce, account)
Shells   operators, connections, timetables (Airflow's side of the story)
Wiring   factory (jobs to DAGs), api (HTTP), plugin (Airflow's hook), commands (the `interact` command)
"""

__version__ = "0.1.0"
