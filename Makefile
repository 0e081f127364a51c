# setup  make .venv, install what is missing (idempotent)    demo   a whole run on built-in data
# test   setup, then the tests                               check  style, types, direction of imports
# lock   resolve requirements.lock anew                      studio the graph in LangGraph Studio (PORT=2024)
# help   this text                                            test-all the tests with the slow ones
.PHONY: help setup demo test test-all check lock studio
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 2024

help:
	@sed -n 's/^# //p' Makefile

setup:
	@$(PYTHON) -I cli/bootstrap.py

test: setup
	@$(BIN)/python -m tests.programs
	@$(BIN)/python -m pytest -q

test-all: setup
	@$(BIN)/python -m tests.programs
	@$(BIN)/python -m pytest -q -m "slow or not slow"

demo: setup
	$(BIN)/tinysmith run "tell walking, running, standing and badminton apart with the motion sensor; print the activity on serial, green LED while I run" --data basic_motions --board nano33ble --yes

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_house.py

lock:
	@$(PYTHON) -I cli/bootstrap.py --lock

## The server's own telemetry is switched off; Studio itself is a page that talks to this address from the browser.
studio: setup
	@LANGGRAPH_CLI_NO_ANALYTICS=1 $(BIN)/langgraph dev --no-reload --port $(PORT)
