# `make demo` and `make test` each do all the set-up they need. WHEELS=FOLDER sets up from a folder of wheels
# with no network; `make wheels WHEELS=FOLDER` fills one.
PYTHON ?= python3
WHEELS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP_SOURCE := $(if $(WHEELS),--no-index --find-links "$(WHEELS)")

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format soak bench wheels wheel lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

setup: $(READY) ## the environment in .venv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "solsmith needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_SOURCE) --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## the main job on the reference role: build, validate, import, application user, verify
	@$(BIN)/solsmith demo

check: $(READY) ## format, lint and types
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy

test: check ## every check and the tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal --quiet

soak: $(READY) ## the long campaigns
	@$(BIN)/python -m pytest -m soak --timeout 3600 --quiet

bench: $(READY) ## times and memory, as ratios to the least that the same work can cost
	@failed=0; for file in benchmarks/*.py; do $(BIN)/python $$file || failed=1; done; exit $$failed

format: $(READY) ## put the sources in form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

wheel: $(READY) ## the distribution, into build/
	@$(BIN)/python -m hatchling build -t wheel -d build

wheels: ## a folder of wheels to set up from: make wheels WHEELS=FOLDER
	@test -n "$(WHEELS)" || { echo "say where to: make wheels WHEELS=FOLDER" >&2; exit 1; }
	$(PYTHON) -m pip download --quiet --require-hashes -r requirements.lock -d "$(WHEELS)"

lock: ## requirements.lock anew (needs uv)
	@scripts/lock.sh

clean: ## remove what was made
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis
