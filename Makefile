.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up

.PHONY: help setup up test test-long check format simulator simulator-old

help:
	@echo "make up         set up what is missing and run the city"
	@echo "make test       set up what is missing and run every check and the fast tests"
	@echo "make test-long  the tests that take minutes"
	@echo "make simulator  the traffic simulator for madang bench signals, beside the city (simulator-old: SUMO 1.9.1)"
	@echo "make setup      the environment only: leaves $(BIN)/madang"

$(STAMP): requirements/setup.txt requirements/dev.txt pyproject.toml package.json package-lock.json tools/setup.py
	@$(PYTHON) tools/setup.py
	@touch $@

setup: $(STAMP)
	@$(BIN)/python -m tools.texts compile

up: setup
	@exec $(BIN)/madang up

check: setup
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.texts check

test: check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-long: setup
	$(BIN)/python -m pytest -m long --timeout=1800

simulator: setup
	$(BIN)/uv venv -q --clear --python $(BIN)/python .simulator
	$(BIN)/uv pip install -q --python .simulator/bin/python --require-hashes -r requirements/sim.txt

simulator-old: setup
	$(BIN)/uv venv -q --clear --python $(BIN)/python .simulator-1.9
	$(BIN)/uv pip install -q --python .simulator-1.9/bin/python --require-hashes -r requirements/sim-1.9.txt

format: setup
	$(BIN)/ruff check --fix
