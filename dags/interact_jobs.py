"""Airflow DAGs, one for each stored job; Airflow skips a file that lacks the words "airflow" and "dag"."""

from interact.factory.publish import publish

publish(globals())
