# The same words everywhere: make demo | test | check | bench | docs. Everything below builds .venv by itself.
.PHONY: help demo test check bench fuzz docs lock clean
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The newest Python from 3.11 on that is there; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
INSTALL = if command -v uv >/dev/null 2>&1; then \
	VIRTUAL_ENV=.venv uv pip install --quiet --require-hashes -r $(1) && VIRTUAL_ENV=.venv uv pip install --quiet --no-deps --no-build-isolation -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; fi

help:
	@echo "make demo    the whole way of a message on this machine, without modem or network"
	@echo "make test    all tests"
	@echo "make check   ruff, mypy --strict, import rule"
	@echo "make bench   measurements beside their peers (docs/benchmarks.md)"
	@echo "make fuzz    100,000 hostile SMS through the inbox"
	@echo "make docs    regenerate the generated parts of docs/"
	@echo "make lock    pin the dependencies again (requirements.lock, requirements-dev.lock)"

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "Waspada needs Python 3.11 or newer; none was found. On Debian or Ubuntu: sudo apt install python3 python3-venv"; exit 1; fi
	@echo "Making .venv with $$($(PYTHON) --version) ..."
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$(PYTHON)" .venv; \
	elif ! $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "This Python cannot make virtual environments. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; \
	else $(PYTHON) -m venv .venv; fi

.venv/.run-ready: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the program needs (requirements.lock) ..."
	@$(call INSTALL,requirements.lock)
	@touch $@

.venv/.dev-ready: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need (requirements-dev.lock) ..."
	@$(call INSTALL,requirements-dev.lock)
	@touch $@ .venv/.run-ready

demo: .venv/.run-ready
	@exec $(BIN)/waspada demo $(ARGS)

test: .venv/.dev-ready
	@$(BIN)/python -m pytest $(ARGS)

check: .venv/.dev-ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_import_rule.py

bench: .venv/.dev-ready
	@$(BIN)/python -m bench $(ARGS)

fuzz: .venv/.dev-ready
	@$(BIN)/python -m tests.fuzz_pdu $(ARGS)

docs: .venv/.dev-ready
	@$(BIN)/python docs/generate.py

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
lock: .venv/.dev-ready
	@$(LOCK) --upgrade --extra central --extra build pyproject.toml -o requirements.lock
	@$(LOCK) --upgrade --extra central --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info
