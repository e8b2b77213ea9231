"""One message to one channel: mail, Slack, Teams, a signed webhook; usable as Airflow's own notifiers too."""
