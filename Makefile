# Every target makes its own .venv; a second run finds it fresh and installs nothing.
#
#   make serve ARGS="--port 0"      make test ARGS="-k faults"      make lint      make bench

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
RUNTIME := .venv/.runtime
TEST := .venv/.test
COMPILED := .venv/.compiled
SOURCES := $(shell find src -name '*.py')

.PHONY: serve test lint format bench docs clean
.NOTPARALLEL:

serve: $(COMPILED)
	@exec $(BIN)/lookalike serve $(ARGS)

# The linters come first, so that the output closes with pytest's summary.
# Without a network two lines say so: the tests that need Node or Redis are then skipped, and fail with CI=true.
test: lint $(COMPILED)
	@$(BIN)/python -m scripts.javascript
	@$(BIN)/python -m scripts.redis
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(ARGS)

lint: $(TEST)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(TEST)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(TEST) $(COMPILED)
	@exec $(BIN)/python bench/run.py $(ARGS)

# Writes the parts of the README that are made from declarations.
docs: $(TEST)
	@$(BIN)/python -m scripts.readme

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache dist tests/clients/node_modules

$(RUNTIME): pyproject.toml
	@scripts/venv.sh "$(PYTHON)"
	@$(PIP) --editable .
	@touch $@

$(TEST): pyproject.toml
	@scripts/venv.sh "$(PYTHON)"
	@$(PIP) --editable '.[test]'
	@touch $(RUNTIME) $@

# Starting takes twice as long without byte code, and where PYTHONDONTWRITEBYTECODE is set Python itself keeps none.
$(COMPILED): $(RUNTIME) $(SOURCES)
	@$(BIN)/python -m compileall -q src
	@touch $@
