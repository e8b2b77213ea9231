"""The story as Airflow tasks."""
