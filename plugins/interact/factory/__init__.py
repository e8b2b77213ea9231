"""Stored jobs to Airflow DAGs."""
