# make demo    sets everything up and shows what the product does
# make test    sets everything up and runs the tests
# make lint    style, types and layers
# make bench   benchmarks that time what the tests only check
# make soak    hours of kills, damage, load and nonsense against the server; TRIAL=kills COUNT=15 runs a part
# make accuracy LABELLED=folder   measures agreement with readers anew, and writes it into the product
# make docs    writes the reference pages of docs/, the run that README.md shows, the examples of the HTTP interface
# make lock    pins every dependency anew, with its hashes
#
# Python 3.11, 3.12 or 3.13 is looked for; PYTHON=/path/to/python names one.

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak lint bench accuracy docs lock clean

BIN := .venv/bin
READY := .venv/.ready
PYTHON ?=

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed -n '1,10p'

setup: $(READY)

$(READY): requirements.lock requirements-uv.lock pyproject.toml .ci/setup
	@PYTHON='$(PYTHON)' sh .ci/setup
	@touch $@

demo: $(READY)
	@$(BIN)/qa demo

# As many at once as a small machine has cores; the tests of a file stay together, for they share what they set up.
test: $(READY)
	$(BIN)/pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/pytest benchmarks --benchmark-enable --benchmark-only

TRIAL := all
COUNT :=
SEED := 1
soak: $(READY)
	$(BIN)/pytest -m soak
	$(BIN)/python -m benchmarks.soak $(TRIAL) --seed $(SEED) $(if $(COUNT),--count $(COUNT))

# The figures belong to the scorer that they were measured with, so this is the last thing before a release. What the
# folder must hold, benchmarks/accuracy.py says.
accuracy: $(READY)
	@test -n '$(LABELLED)' || { echo 'make accuracy LABELLED=folder: name the folder with the labelled data' >&2; exit 2; }
	$(BIN)/python -m benchmarks.accuracy '$(LABELLED)'

docs: $(READY)
	$(BIN)/python docs/reference.py
	$(BIN)/python docs/example.py
	$(BIN)/python -m docs.answers

# Keeps what is pinned where it still fits; `make lock UPGRADE=--upgrade` takes the newest of everything.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)
lock: $(READY)
	$(LOCK) pyproject.toml --extra tiny-en --group dev --output-file requirements.lock
	$(LOCK) pyproject.toml --extra tiny-en --group build --constraint requirements.lock --output-file requirements-serve.lock
	$(LOCK) --group uv --output-file requirements-uv.lock

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .benchmarks .import_linter_cache
