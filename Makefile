# One command per job. A fresh clone needs Python 3.11 or newer and nothing else: every target makes its environment.
#   make demo    simulate a patient, score the films, write the report
#   make test    every test, as CI runs them        make quick   the tests of a few seconds
#   make check   format, lint, types, layers, tests
#   make bundle  simulate films, train a bundle from nothing and measure it: about two hours of two cores
#   make bundle-further  go on from the shipped weights: how the shipped bundle was trained, half an hour

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help venv demo bundle bundle-further test quick check format format-check lint types layers clean

help:
	@sed -n 's/^#   //p' Makefile

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $(PIP_FLAGS) --constraint constraints.txt --editable ".[dev,dicom]"
	touch $@

demo: venv
	$(BIN)/opensvh demo -o demo

bundle: venv
	$(BIN)/opensvh simulate -o runs/training-films --patients 440 --seed 1
	$(BIN)/opensvh train --config compact-half --data runs/training-films -o runs/compact-half --resume
	$(BIN)/opensvh train --config compact --start runs/compact-half/bundle --data runs/training-films -o runs/compact --resume
	$(BIN)/opensvh simulate -o runs/unseen-films --patients 40 --seed 2
	$(BIN)/opensvh evaluate --model runs/compact/bundle --data runs/unseen-films -o runs/unseen

bundle-further: venv
	$(BIN)/opensvh simulate -o runs/further-films --patients 201 --seed 1
	$(BIN)/opensvh train --config compact --start compact --steps 900 --data runs/further-films -o runs/further --resume
	$(BIN)/opensvh simulate -o runs/further-unseen --patients 20 --seed 2
	$(BIN)/opensvh evaluate --model runs/further/bundle --data runs/further-unseen -o runs/further-figures

test: venv
	$(BIN)/pytest --durations=15

quick: venv
	$(BIN)/pytest -m "not slow"

check: format-check lint types layers test

format: venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: venv
	$(BIN)/ruff format --check .

lint: venv
	$(BIN)/ruff check .

types: venv
	$(BIN)/mypy

layers: venv
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo
