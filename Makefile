# What people and CI call. Each target first sees to it that .venv holds what it needs.

PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; \
	done)
BOOTSTRAP := $(or $(PYTHON),python3) bin/bootstrap
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" .cache/uv-*/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate $(LOCK_OPTIONS)

.PHONY: setup demo serve test check prompts bench reference pictures lock

setup: ## system libraries and .venv
	@$(BOOTSTRAP)

demo: setup ## the main job, end to end, on a real Airflow that is stopped afterwards
	@.venv/bin/interact demo

serve: setup ## the same Airflow, until Ctrl-C
	@.venv/bin/interact serve

test: ## the whole suite; TESTS='tests/api -k trigger' for a part of it
	@$(BOOTSTRAP) --with-tests
	@.venv/bin/python -m pytest -n 2 $(TESTS)

check: ## lint, format, types and the rules of the house
	@$(BOOTSTRAP) --with-tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -m pytest tests/rules

prompts: setup ## the prompt suite: what is right, told or silent; ONLY=shop for a part of it
	@.venv/bin/python tests/prompts/run.py

bench: setup ## the measurements; ONLY=name for one of them
	@.venv/bin/python tests/bench/run.py $(ONLY)

reference: setup ## docs/openapi.json and docs/definitions.schema.json, from the code
	@.venv/bin/python tests/reference.py

pictures: ## the pictures of README, from the pages
	@$(BOOTSTRAP) --with-tests
	@.venv/bin/python tests/pictures.py

lock: setup ## both lock files from their .in; LOCK_OPTIONS=--upgrade for the newest versions
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
