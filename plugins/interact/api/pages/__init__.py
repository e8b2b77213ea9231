"""The pages: what people see who are signed in to Airflow, inside it and at an address of their own."""
