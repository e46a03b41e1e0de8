# make app   sets up .venv and starts the app on http://localhost:8501
# make test  sets up the same and runs all tests
# make lint  style and types
# make optional  installs requirements-published.txt and requirements-optional.txt, and runs the tests that are
#            skipped without them
# make docs  builds docs/ as a site in ./site

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: app test lint docs optional javascript browser clean

app: $(VENV)/.app
	$(BIN)/python -m pages --server.port $(PORT)

test: $(VENV)/.dev browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev javascript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

optional: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-published.txt -r requirements-optional.txt
	$(BIN)/python -m pytest -rs tests/core/networks tests/core/zoo/test_published.py tests/core/zoo/test_elsewhere.py \
	  tests/core/problems/test_physics.py tests/core/pictures/test_metrics.py

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

# Debian's python3 may lack venv; as root it is installed on the way.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.app: $(VENV)/bin/python requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.app requirements-cluster.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-cluster.txt -r requirements-dev.txt
	touch $@

$(VENV)/.docs: $(VENV)/bin/python requirements-docs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

# The JavaScript is checked with npm's tools, which neither the app nor a talk needs; where they cannot be
# had it is left unchecked, and said so.
javascript:
	@cd pages/widgets && if command -v npm >/dev/null && \
	  { [ node_modules -nt package-lock.json ] || npm ci --engine-strict --no-fund --no-audit --silent; }; \
	  then npm run --silent lint; else echo "npm or its packages could not be had: JavaScript is not checked."; fi

# Browser tests need Chromium; where it cannot be had they are skipped and say so.
browser:
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; } || \
	  echo "Chromium could not be installed: browser tests will be skipped."

clean:
	rm -rf $(VENV) site .mypy_cache .pytest_cache .ruff_cache .hypothesis pages/widgets/node_modules
