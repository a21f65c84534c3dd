# Two commands for people: `make demo` and `make test`. Each does all the set-up it needs.
PYTHON ?= python3
# More test processes than cores: much of a test's time is waiting.
JOBS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
BIN := .venv/bin
PACKAGES := mlc workflows activities worker starter sandbox

.DEFAULT_GOAL := help
.PHONY: help setup demo up test fuzz check lock

help:            ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/'

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { echo "mlc needs Python 3.11 to 3.14; $(PYTHON) is $$($(PYTHON) -V). Run: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (a minute, once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup      ## a model goes live before your eyes, is tested every night, and scores a file
	@$(BIN)/mlc demo

up: setup        ## the embedded stack alone, until Ctrl-C
	@$(BIN)/mlc up

test: setup      ## the whole test suite on a real Temporal server
	@$(BIN)/python -m compileall -q $(PACKAGES) tests  # hundreds of programs are started: none should compile anew
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

fuzz: setup      ## 100,000 mutated decision tables and expressions: minutes, and outside of the suite
	@$(BIN)/python -m tests.dmn.fuzz --count 100000

check: setup     ## lint, format, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

lock: setup      ## writes requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" --extra embedded --group dev -o requirements.lock pyproject.toml
