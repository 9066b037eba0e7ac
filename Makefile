# Two commands do everything: make book, make test. Each sets up .venv by itself.
# While you work: make check (lint, types, unit tests), about a minute.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
PROFILE ?= $(if $(DATA),quick,paper)
FRESH ?=
ARGS ?=

.PHONY: book test check lint clean
.DEFAULT_GOAL := book

book: $(VENV)/.book
	$(BIN)/camgan book --profile $(PROFILE) $(if $(DATA),--data "$(DATA)") $(if $(filter-out 0,$(FRESH)),--fresh) $(ARGS)

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.test lint
	$(BIN)/python -m pytest -m "not trains and not browser and not end_to_end" -n 2 $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy camgan_lib

$(VENV)/.book: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("camgan needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: $(VENV)/.book
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

clean:
	rm -rf _build
