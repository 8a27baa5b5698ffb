# Everything runs in .venv; the only things assumed are Python 3.11 or later and make.
PYTHON ?= python3
# TORCH=cpu takes the CPU build of torch (0.8 GB installed) instead of the one with CUDA (6 GB).
TORCH ?= default

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.installed-$(TORCH)

.DEFAULT_GOAL := help
.PHONY: help install run unit test test-slow check format docs client release-schema bench lock clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

install: $(STAMP) ## Make .venv with the crashgraph command

$(STAMP): pyproject.toml constraints.txt tools/install.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/install.py --torch $(TORCH)
	@$(BIN)/crashgraph db prepare || echo "Neo4j will be prepared at its first start."
	@rm -f $(VENV)/.installed-*
	@touch $@

run: install ## Start everything with the sample set; Ctrl-C stops it
	@exec $(BIN)/crashgraph up --sample

unit: install ## Run the fast tests: no Neo4j, no torch, under a minute
	$(BIN)/python -m pytest tests/unit -m "not slow" -n auto --dist worksteal --durations 5

test: install ## Run all tests, those against a real embedded Neo4j and Chromium two at a time
	$(BIN)/python -m pytest tests/unit -n auto --dist worksteal --durations 10
	$(BIN)/python -m pytest tests/contract tests/integration tests/browser -n 2 --dist worksteal --durations 25

test-slow: install ## Run the slow unit tests only: hostile text, megabytes, torch
	$(BIN)/python -m pytest tests/unit -m slow -n auto --dist worksteal --durations 25

check: install ## Lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/lint-imports

format: install ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## Write the reference pages of docs/ anew from the code
	$(BIN)/python tools/docs.py

client: install ## Generate the typed client from the schema and its operations
	$(BIN)/python tools/api_client.py

release-schema: install ## Keep this GraphQL schema as that of the release
	$(BIN)/python tools/release_schema.py

bench: install ## Run the benchmarks; the figures are in docs/benchmarks.md
	@set -e; for each in benchmarks/[a-z]*.py; do echo "== $$each"; $(BIN)/python $$each; done

lock: install ## Write constraints.txt anew from pyproject.toml
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev --extra ogm pyproject.toml -o constraints.txt

clean: ## Remove .venv and caches; the graph and the jars stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
