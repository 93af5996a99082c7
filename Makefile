# `make help` explains itself: every target that people call has a sentence behind `##`.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/installed
PEERS := $(VENV)/peers
COVERAGE ?= 90
# Each of these must reach it, and so must the whole.
ROOMS := bot handlers models
# The first Python here that fits; 3.13 last, for the built-in Redis exists for older ones only.
PYTHON ?= $(shell for name in python3 python3.12 python3.11 python3.13; do \
  "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
  && echo "$$name" && break; done)

# Compiled modules are kept: tests and demo start hundreds of processes, each of which would
# otherwise compile everything anew (17 s of processor time for a look at the tests alone, now 7).
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench soak fuzz system-packages clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The shell's parent is make: the demo ends when make ends, be it by kill -9.
demo: $(READY) ## Install what is missing, run everything on this machine, print where to look
	@exec $(BIN)/shebaoka demo --parent $$PPID

# While mypy keeps one core busy the other compiles the tests, once for all their processes.
test: $(READY) ## Lint, then run every test with its coverage (needs `make system-packages` once)
	@$(BIN)/pytest --collect-only --quiet >/dev/null 2>&1 & \
	  $(MAKE) --no-print-directory lint; found=$$?; wait; exit $$found
	@sync # what was installed: a Redis that writes every command down would wait behind it
	$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)
	@short=; for room in $(ROOMS); do \
	  printf 'Branch coverage in %%: %-9s ' "$$room/"; \
	  $(BIN)/coverage report --include="$$room/*" --format=total --precision=1 \
	    --fail-under=$(COVERAGE) || short="$$short $$room/"; \
	done; test -z "$$short" || { echo "Below $(COVERAGE) %:$$short"; exit 1; }

lint: $(READY) ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) $(PEERS)/installed ## Measure turns and pushes beside others, write docs/performance.md (20 minutes)
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.push
	$(BIN)/python -m benchmarks.push.single

soak: $(READY) ## Kill and freeze for up to an hour, and audit what it left (docs/soak.md)
	@exec $(BIN)/python -m benchmarks.soak

# Without a wheel of atheris for this Python the rest runs, and says so.
fuzz: $(READY) ## Hostile input for 45 minutes: every reader, a million webhook bodies, a control
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  --only-binary :all: --requirement benchmarks/fuzz-requirements.lock 2>/dev/null || true
	@exec $(BIN)/python -m benchmarks.fuzz $(FUZZ)

system-packages: ## Install what tests and benchmarks need from Debian; no service is enabled
	@$(if $(filter 0,$(shell id -u)),,sudo) .ci/system-packages

clean: ## Remove the environment and everything generated; the data in ./var stay
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* coverage.xml \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python cannot make an environment (Debian: apt-get install python3-venv)."; exit 1; }
	@# The lock is complete. Without --no-deps pip looks at newer releases for an extra (coverage[toml])
	@# than the lock pins, and refuses them for having no hash; `pip check` says if one were missing.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@

# In a folder that only the peers' processes see: nothing of theirs can replace what the product runs.
$(PEERS)/installed: benchmarks/requirements.lock $(READY)
	rm -rf $(PEERS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  --target $(PEERS) --requirement benchmarks/requirements.lock
	@touch $@
