"""What tells Airflow when a job is due."""
