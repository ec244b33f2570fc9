# `make` alone lists the targets. Everything happens in .venv; nothing outside this folder is touched.
PYTHON ?= python3
RUN := .venv/bin/python -m
READY := .venv/.ready
ARGS ?=
N ?= 200
# What starts processes or pages; `make test` runs it.
QUICK_LEAVES_OUT := $(addprefix --ignore=tests/,badday torture cli demo docs web warehouse delivery)

.PHONY: help setup demo test quick check format types bench torture translations clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## set up .venv with everything that is needed

$(READY): pyproject.toml
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@$(RUN) pip --version >/dev/null 2>&1 || $(RUN) ensurepip --upgrade >/dev/null
	@$(RUN) pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(RUN) pip install --quiet --disable-pip-version-check -e . --group dev
	@touch $(READY)

demo: setup ## a simulated shop on http://localhost:8000 (ARGS="--customers 200 --port 8010 --headless-for 20")
	@.venv/bin/anstoss demo $(ARGS)

test: setup ## all tests; what needs an absent part is listed as not run
	@$(RUN) pytest $(ARGS)

quick: setup ## a developer's loop, under a minute
	@RULES_EXAMPLES=5 $(RUN) pytest -m "not slow and not torture" -n 2 --hypothesis-profile=quick $(QUICK_LEAVES_OUT) $(ARGS)

check: setup ## format, lint, types, floors, translations: what CI runs besides the tests
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@.venv/bin/lint-imports --no-cache --config pyproject.toml
	@$(RUN) pytest -q tests/house

format: setup ## put code into the house's form
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

bench: setup ## every figure of docs/benchmarks.md, each beside its reference in the same run
	@.venv/bin/anstoss bench $(ARGS)

torture: setup ## kill processes at random moments, N rounds
	@TORTURE_ROUNDS=$(N) $(RUN) pytest -m torture tests/torture $(ARGS)

translations: setup ## extract texts of the back office, update the .po files and compile them
	@$(RUN) anstoss.web.translations

clean: ## remove what was set up
	@rm -rf .venv demo-home
