# setup  make .venv, install what is missing (idempotent)    demo   a whole run on built-in data
# test   setup, then the tests                               check  style, types, direction of imports
# lock   resolve requirements.lock anew                      help   this text
.PHONY: help setup demo test check lock
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help:
	@sed -n 's/^# //p' Makefile

setup:
	@$(PYTHON) -I cli/bootstrap.py

test: setup
	@$(BIN)/python -m pytest -q

demo: setup
	$(BIN)/tinysmith run "tell walking, running, standing and badminton apart with the motion sensor; print the activity on serial, green LED while I run" --data basic_motions --board nano33ble --yes

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_house.py

lock:
	@$(PYTHON) -I cli/bootstrap.py --lock
