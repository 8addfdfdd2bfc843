# Klankbord's two commands: `make demo` and `make test`. The rest serves them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
UV = .venv-uv/bin/uv
BIN = .venv/bin
SERVE ?= 1
BLUESKY = tests/real/bluesky

.PHONY: help demo serve setup test lint docs requirements clean check-python

help:
	@echo "make demo            everything over the sandbox, then serve (SERVE=0: stop after the summary)"
	@echo "make test            lints and every test"
	@echo "make serve           serve Airflow and Superset again, without running the DAGs"
	@echo "make setup           only the two environments"
	@echo "make docs            the metrics' pages, and dbt's documentation as one file"
	@echo "make requirements    compile requirements/*.in to pinned files with hashes"

demo: setup
	@$(BIN)/klankbord demo $(if $(filter 0,$(SERVE)),--no-serve,)

serve: setup
	@$(BIN)/klankbord serve

setup: .venv/.pipeline .venv-superset/.superset

check-python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' \
	  || { echo "Klankbord needs Python 3.11 or 3.12 (found: $(PYTHON)): install one, or say make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@command -v git > /dev/null || { echo "git is missing: install it." >&2; exit 1; }

.venv-uv/.uv: requirements/uv.txt | check-python
	@echo "· uv, which installs the rest"
	@$(PYTHON) -m venv .venv-uv || { echo "$(PYTHON) cannot make a virtual environment: install its venv package (python3-venv on Debian)." >&2; exit 1; }
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.pipeline: requirements/pipeline.txt pyproject.toml .venv-uv/.uv
	@echo "· the pipeline's environment (.venv): Airflow, dbt, Great Expectations"
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python .venv --require-hashes $<
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@rm -f .venv/.dev; touch $@

.venv-superset/.superset: requirements/superset.txt .venv-uv/.uv
	@echo "· Superset's environment (.venv-superset)"
	@test -x .venv-superset/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv-superset
	@$(UV) pip sync --quiet --python .venv-superset --require-hashes $<
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.pipeline
	@echo "· tools for tests"
	@$(UV) pip install --quiet --python .venv --require-hashes -r $<
	@touch $@

# the real Bluesky servers, where there is node; the tests say so where there is not
$(BLUESKY)/node_modules/.installed: $(BLUESKY)/package-lock.json
	@if command -v npm > /dev/null; then \
	  echo "· Bluesky's own servers (npm)"; \
	  cd $(BLUESKY) && npm run --silent setup && touch node_modules/.installed; \
	else echo "· no npm here: the tests of Bluesky's own servers will be skipped"; fi

lint: setup .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	@$(BIN)/klankbord register check
	@$(BIN)/klankbord metrics check
	@$(BIN)/klankbord dashboards validate

# needs no database and no network
docs: setup
	@$(BIN)/klankbord metrics write
	@$(BIN)/klankbord metrics dbt-docs --out .klankbord/docs/dbt.html

test: setup .venv/.dev $(BLUESKY)/node_modules/.installed lint
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

requirements: .venv-uv/.uv
	@for name in uv pipeline superset dev; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header requirements/$$name.in -o requirements/$$name.txt; done

clean:
	rm -rf .venv .venv-superset .venv-uv $(BLUESKY)/node_modules
