# Two commands do everything: make book, make test. Each sets up .venv by itself.
# While you work: make check (lint, types, unit tests), one to two minutes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
PROFILE ?= $(if $(DATA),photos,paper)
FRESH ?=
ARGS ?=

.PHONY: book test check lint published clean another-python
.DEFAULT_GOAL := book

book: $(VENV)/.book
	$(BIN)/camgan book --profile $(PROFILE) $(if $(DATA),--data "$(DATA)") $(if $(filter-out 0,$(FRESH)),--fresh) $(ARGS)

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.test lint
	$(BIN)/python -m pytest -m "not slow and not trains and not browser and not end_to_end" -n 2 --dist loadfile $(ARGS)

# All that published/ holds, made anew at a clean commit: many hours; call it again where it was stopped.
published: $(VENV)/.test
	$(BIN)/python published/renew.py $(if $(DATA),--data "$(DATA)") $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy camgan_lib

$(VENV)/.book: pyproject.toml $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.test: $(VENV)/.book
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

# The virtual environment, made anew where PYTHON=... names another Python than it has.
$(VENV)/.python: $(if $(filter-out file,$(origin PYTHON)),another-python)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("camgan needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.x")'
	@test "$$(cat $@ 2>/dev/null)" = "$$($(PYTHON) -VV)" || { $(PYTHON) -m venv --clear $(VENV) && $(PYTHON) -VV > $@; }

another-python:

clean:
	rm -rf _build
