# make demo: set up and run the main job.  make test: set up and test.  See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# hundreds of processes start in the tests: what one has compiled the others load, whatever the shell says
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-long bench check lint clean docs picture

demo: $(STAMP)
	@sh docs/demo.sh $(BIN)/symtrans

test: $(STAMP)
	$(BIN)/ruff check symtrans tests benchmarks
	$(BIN)/ruff format --check symtrans tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

# hours of fuzzing, all float32 inputs, every form of every family at many points: by hand
test-long: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m pytest -m long -n 2 --dist worksteal -q

bench: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m benchmarks goals import cold command pieces symbolic cached call
	$(BIN)/python -m benchmarks kernels --write
	$(BIN)/python -m benchmarks images --write

check: $(STAMP)
	$(BIN)/symtrans check generated

docs: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

# what the README shows; Debian's chromium takes the second one
picture: $(STAMP)
	$(BIN)/python docs/picture.py
	$(BIN)/python docs/screenshot.py

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist demo docs/_build docs/families .pytest_cache .mypy_cache .ruff_cache .hypothesis
