PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin

# The tool that writes the locks, and its version.
UV := uv==0.13.9
LOCKING = --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE)

.PHONY: run test lint bench map lock types style search terms
.DEFAULT_GOAL := run

# A stamp named by the lock's content: an unchanged lock costs no second.
define installed
.venv/installed-$(1)-$(shell cat $(2) | cksum | cut -d' ' -f1)
endef
RUN_STAMP := $(call installed,run,requirements.lock)
DEV_STAMP := $(call installed,dev,requirements-dev.lock)

run: $(RUN_STAMP)
	@exec $(BIN)/python manage.py run --with-parent --host $(HOST) --port $(PORT)

# What needs one processor goes beside what needs another; the search is compiled meanwhile, which the tests would wait for.
BESIDE := $(MAKE) --no-print-directory --jobs 2 --output-sync=target

test: $(DEV_STAMP)
	@$(BESIDE) search terms types style
	@tests/system_packages.sh
	@exec $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(DEV_STAMP)
	@$(BESIDE) types style

types: $(DEV_STAMP)
	$(BIN)/mypy .

style: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/test_import_arrows.py
	$(BIN)/python manage.py makemigrations --check --dry-run

search: $(DEV_STAMP)
	$(BIN)/python -c "from generation.engine import solve; solve.warm()"

terms: $(DEV_STAMP)
	$(BIN)/python -c "from generation.engine.term_model import preparation; preparation.warm()"

# Reads SUITE, TIME, SEEDS and the other variables from the environment, where make puts what its command line sets.
bench: $(DEV_STAMP)
	@exec $(BIN)/python -m tests.benchmarks.report

# The plan of the source in figures; with DRAW=docs/architecture.md its rooms are drawn into that page, too.
map: $(DEV_STAMP)
	@$(BIN)/python -m tests.house $(if $(DRAW),--draw $(DRAW))

# Every library that the requirements bring along, at the versions of the lock that there is (`make lock UPGRADE=--upgrade`: the newest),
# with the hashes of all its files for Python 3.11 and later on every platform.
lock: | .venv/bin/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip compile --quiet $(LOCKING) requirements-dev.txt --output-file requirements-dev.lock
	$(BIN)/uv pip compile --quiet $(LOCKING) requirements.txt --constraints requirements-dev.lock --output-file requirements.lock

.venv/bin/pip:
	@deploy/make_venv.sh $(PYTHON)

$(RUN_STAMP): | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@rm -f .venv/installed-run-* && touch $@

$(DEV_STAMP): | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@rm -f .venv/installed-* && touch $@ $(RUN_STAMP)
