# Atalaya: `make run` serves the dashboard, `make test` checks everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
STORE ?= $(or $(ATALAYA_STORE),data/published)

.PHONY: docs validation screenshots benchmarks run test check format setup setup-dev browser demo clean help

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: setup ## Serve the dashboard; its first visitor sees the demonstration portfolio being built
	ATALAYA_STORE=$(STORE) $(BIN)/streamlit run dashboard.py --server.port $(PORT)

test: setup-dev browser check ## Everything that has to hold: format, lint, types, tests
	$(BIN)/python -m pytest -n 2

check: setup-dev ## Format, lint and types alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: setup-dev ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(VENV)/.run ## The environment that the dashboard needs
setup-dev: $(VENV)/.dev ## The environment that the tests need

# Debian keeps what venv needs in a package of its own.
$(BIN)/python:
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); s=""; [ "$$(id -u)" = 0 ] || s=sudo; \
	  $$s apt-get update -qq && $$s apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); } || \
	  { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

browser: ## Chromium, for the tests that drive a browser
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { s=""; [ "$$(id -u)" = 0 ] || s=sudo; $$s apt-get update -qq && $$s apt-get install -y -qq --no-install-recommends chromium; }

screenshots: setup-dev browser ## Take the pictures of README and guide anew, on the demonstration
	$(BIN)/python -m loaders.demo_store data/published
	PYTHONPATH=. $(BIN)/python tools/screenshots.py

benchmarks: setup-dev ## Measure: ratios, each in one run
	PYTHONPATH=. $(BIN)/python -m benchmarks

validation: setup-dev ## Run the published test cases and write docs/validation.md
	$(BIN)/python -m tools.validation

docs: setup-dev ## Write the generated pages of docs/ anew
	PYTHONPATH=. $(BIN)/python tools/docs.py

demo: setup ## Write the demonstration's source files to data/demo
	$(BIN)/python -m loaders demo data/demo

clean: ## Remove what was built
	rm -rf $(VENV) data/published data/demo
