# Why this base and not Airflow's own image: docs/decisions/0001-one-way-to-install.md
FROM python:3.12-slim-bookworm

WORKDIR /opt/interact

# What changes seldom comes first: a change of code rebuilds nothing of this layer. Bytecode is made here, once, since the
# user below may not write it.
COPY pyproject.toml requirements.txt ./
COPY bin/bootstrap bin/
COPY plugins/interact/__init__.py plugins/interact/
RUN UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 bin/bootstrap && rm -rf .cache /var/lib/apt/lists/*

COPY dags dags
COPY include include
COPY plugins plugins

# User 50000 in group 0, like Airflow's image, so that volumes made for the one fit the other.
RUN useradd --uid 50000 --gid 0 --create-home --home-dir /opt/airflow airflow
USER 50000:0

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/interact/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/interact/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    PATH=/opt/interact/.venv/bin:$PATH

EXPOSE 8080
CMD ["airflow", "api-server"]
