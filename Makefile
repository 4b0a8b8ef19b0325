PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

.PHONY: run test lint bench
.DEFAULT_GOAL := run

# A stamp named by the requirements' content: unchanged requirements cost no second.
define installed
.venv/installed-$(1)-$(shell cat $(2) | cksum | cut -d' ' -f1)
endef
RUN_STAMP := $(call installed,run,requirements.txt)
DEV_STAMP := $(call installed,dev,requirements.txt requirements-dev.txt)

run: $(RUN_STAMP)
	@exec $(BIN)/python manage.py run --with-parent --host $(HOST) --port $(PORT)

test: lint
	@tests/system_packages.sh
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_import_arrows.py
	$(BIN)/python manage.py makemigrations --check --dry-run

# Reads SUITE, TIME, SEEDS and the other variables from the environment, where make puts what its command line sets.
bench: $(DEV_STAMP)
	@exec $(BIN)/python -m tests.benchmarks.report

.venv/bin/pip:
	@deploy/make_venv.sh $(PYTHON)

$(RUN_STAMP): | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@rm -f .venv/installed-run-* && touch $@

$(DEV_STAMP): | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f .venv/installed-* && touch $@ $(RUN_STAMP)
