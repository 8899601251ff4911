# Everyday commands. `make help` lists them; .ci/run does all of it from nothing, in a fresh environment.
VENV ?= .venv
PYTHON ?= python3
T ?= tests
# An active environment is used as it is; otherwise the one that `make setup` creates.
BIN := $(if $(VIRTUAL_ENV),,$(VENV)/bin/)
JAVASCRIPT := tests/clients tests/clients/runware tests/clients/workers clients/workers

.PHONY: help setup javascript format lint types imports check test test-one golden soak coverage bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## make .venv with the package, its tests and the hooks; add the JavaScript clients where npm is
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --editable '.[test,dev]'
	$(VENV)/bin/pre-commit install
	$(VENV)/bin/python -m tests.clients.runware.environments
	@if command -v npm >/dev/null; then $(MAKE) javascript; else echo "npm is missing: the JavaScript clients are skipped"; fi

javascript: ## install the JavaScript clients of the tests
	@for folder in $(JAVASCRIPT); do \
		npm install --prefix $$folder --no-package-lock --no-audit --no-fund --loglevel=error || exit 1; \
	done

format: ## format and mend what ruff can
	$(BIN)ruff check --fix
	$(BIN)ruff format

lint: ## style, spelling and import contracts
	$(BIN)ruff check
	$(BIN)ruff format --check
	$(BIN)codespell
	$(BIN)lint-imports

types: ## mypy --strict
	$(BIN)mypy

check: lint types ## everything but the tests

test: ## the whole suite, files side by side
	$(BIN)pytest

test-one: ## one file or test in one process: make test-one T=tests/service/test_stop.py
	$(BIN)pytest -n 0 $(T)

golden: ## write the golden files of tests/parity again, then show what changed
	MAXSERVE_UPDATE_GOLDEN=1 $(BIN)pytest -n 0 -q tests/parity
	git diff --stat -- tests/parity/golden

soak: ## the long tests: kills, storms, a hundred thousand texts to mask
	$(BIN)pytest -n 0 -m soak

coverage: ## the suite with line and branch coverage, and the least share that CI accepts
	$(BIN)pytest --cov

bench: ## every benchmark, and the budgets at the head of bench/REPORT.md
	$(BIN)python -m bench

clean: ## remove caches and build output
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
