"""Opens Airflow connections and hands on what they lead to."""
