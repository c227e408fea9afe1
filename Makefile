PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
CHROMIUM := $(shell command -v chromium)
TEST_PROCESSES ?= 2

.PHONY: demo test lint golden soak realdata bench clean

# One environment for everything: the extras reference and offline are enough for every approach.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip >&2
	@$(BIN)/python -m pip install --quiet -c constraints.txt $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) torch >&2
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[reference,offline,dev]' >&2
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python -m advisor run examples/help-desk.yaml "$$(mktemp -d)/help-desk-demo"

# Without a Chromium the tests of the page in a browser are left out, and said to be. A file's tests stay in one process,
# since they share what takes long to make; one thread each, or the processes would take the cores from one another.
test: $(STAMP) lint
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --dist loadfile -m "not soak and not realdata$(if $(CHROMIUM),, and not browser)"
	@$(if $(CHROMIUM),,echo "left out: tests/browser, for want of Chromium (apt-get install chromium)")

golden: $(STAMP)
	@ADVISOR_REBASELINE=1 $(BIN)/python -m pytest -q tests/test_golden.py tests/test_readme.py
	@git diff --stat -- tests/golden README.md

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m advisor rules check

# Nothing is skipped in silence: without the data these two say so, and with it everything runs.
soak: $(STAMP)
	@$(BIN)/python -m pytest -q -m "soak$(if $(ADVISOR_DATA),, and not realdata)"
	@$(if $(ADVISOR_DATA),,echo "soak: no data here (ADVISOR_DATA is not set); the long tests on real data were not run")

realdata: $(STAMP)
	@$(if $(ADVISOR_DATA),$(BIN)/python -m pytest -q -m "realdata and not soak",echo "realdata: no data here \
	(ADVISOR_DATA is not set), so the tests on real data were not run")

bench: $(STAMP)
	@$(BIN)/python benchmarks/startup.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
