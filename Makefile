# One command per job. A fresh clone needs Python 3.11 or newer and nothing else: every target makes its environment.
#   make demo    simulate a patient, score the films, write the report
#   make test    every test, as CI runs them        make quick   the tests of a few seconds
#   make check   format, lint, types, layers, tests
#   make bench   speed as ratios in one run: the network, its stages, memory (docs/export.md)
#   make web     build the workbench's page from web/ (needs Node)      make web-check  its types, format and tests
#   make bundle  simulate films, train a bundle from nothing and measure it: about two hours of two cores
#   make reference REAL=FOLDER  go on from the shipped weights, on simulated and on real films without scores: how the
#                shipped bundle was trained, two hours of two cores; FOLDER holds the films and joints.json

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Long files begin first; a test that hangs or kills its process ends the run and is named.
TESTS := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

.PHONY: help venv demo bench bundle reference test quick check format format-check lint types layers web web-check clean

help:
	@sed -n 's/^#   //p' Makefile

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $(PIP_FLAGS) --constraint constraints.txt --editable ".[dev,dicom,export,fast,ray,serve]"
	touch $@

demo: venv
	$(BIN)/opensvh demo -o demo

bundle: venv
	$(BIN)/opensvh simulate -o runs/training-films --patients 440 --seed 1
	$(BIN)/opensvh train --config compact-half --data runs/training-films -o runs/compact-half --resume
	$(BIN)/opensvh train --config compact --start runs/compact-half/bundle --data runs/training-films -o runs/compact --resume
	$(BIN)/opensvh simulate -o runs/unseen-films --patients 40 --seed 2
	$(BIN)/opensvh evaluate --backend torch --model runs/compact/bundle --data runs/unseen-films -o runs/unseen

REAL ?= $(OPENSVH_REAL_FILMS)
MIX := --mix runs/edited/coarse=0.22 --mix runs/edited/feet=0.1 --mix runs/edited/sharp=0.08 \
       --mix runs/edited/marked=0.08 --mix runs/real/marked=0.02
EDIT := $(BIN)/opensvh edit-films --few 0.4

reference: venv
	test -n "$(REAL)" || { echo "give REAL=FOLDER: real films and their joints.json"; exit 2; }
	$(BIN)/opensvh simulate -o runs/reference-films --patients 300 --seed 1
	$(BIN)/python validation/real_training_sets.py --real $(REAL) -o runs/real
	$(EDIT) --films runs/real/coarse -o runs/edited/coarse --copies 3 --undamaged 0.12 --seed 1
	$(EDIT) --films runs/real/coarse -o runs/edited/feet --limb foot --copies 5 --undamaged 0.12 --seed 4
	$(EDIT) --films runs/real/sharp -o runs/edited/sharp --copies 16 --undamaged 0.12 --seed 2
	$(EDIT) --films runs/real/marked -o runs/edited/marked --copies 10 --undamaged 0 --only-damaged --seed 3
	$(BIN)/opensvh train --config reference --start reference --data runs/reference-films $(MIX) -o runs/reference --resume
	$(BIN)/opensvh simulate -o runs/reference-unseen --patients 20 --seed 2
	$(BIN)/opensvh evaluate --backend torch --model runs/reference/bundle --data runs/reference-unseen -o runs/reference-figures
	$(BIN)/python validation/not_limbs.py --real $(REAL) -o runs/not-limbs
	$(BIN)/opensvh evaluate --backend torch --model runs/reference/bundle --real $(REAL) --not-limbs runs/not-limbs -o runs/reference-real

bench: venv
	$(BIN)/python benchmarks/run.py

test: venv
	$(TESTS) --durations=40

quick: venv
	$(TESTS) --durations=10 -m "not slow"

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

web/node_modules: web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	touch $@

web: web/node_modules
	npm --prefix web run build

web-check: web/node_modules
	npm --prefix web run check
	npm --prefix web test

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo web/node_modules
