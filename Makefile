# Two commands do everything on a fresh machine with cargo, Python 3.9+ and make:
#   make demo    the main job on an embedded default: a OneLogin day, played through the Python module
#   make test    every test, of the crate, the command line and the Python module
# Whatever they install goes into this folder: ./target and ./.venv

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check
SOURCES := $(shell find src python/scim_engine -type f ! -name '*.so' ! -name '*.pyc') Cargo.toml Cargo.lock pyproject.toml README.md

.PHONY: demo test test-rust test-python lint bench wheel clean help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/installed ## a OneLogin day on an embedded store
	@$(BIN)/python examples/onelogin_day/demo.py

test: test-rust test-python ## every test

test-rust: ## tests of the crate and the command line
	@echo '== crate, default features'
	cargo test --locked
	@echo '== crate and command line (member order and number text kept)'
	cargo test --locked --features cli

test-python: $(VENV)/installed $(VENV)/tools ## tests of the Python module, README and demo
	@echo '== Python module'
	$(BIN)/python -m pytest

lint: $(VENV)/tools $(VENV)/installed ## formatting, clippy, docs, ruff, types, dependencies
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --features cli -- -D warnings
	cargo clippy --locked --features cli,python -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
	$(BIN)/ruff check python tests/python examples benches
	$(BIN)/ruff format --check python tests/python examples benches
	$(BIN)/python -m mypy python/scim_engine
	@echo '== the default features know no pyo3, no command line, no HTTP'
	@! cargo tree --locked -e normal --prefix none | grep -E '^(pyo3|clap|http|hyper|tokio)' || { echo 'a dependency too many'; exit 1; }

bench: $(VENV)/installed ## benchmarks, with ratios; minutes
	cargo bench --locked --bench filter --bench patch
	cargo run --release --locked --manifest-path benches/peers/Cargo.toml
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --disable-pip-version-check -q -r benches/python/requirements.txt $$(ls -t target/wheels/scim_engine-*.whl | head -1)
	$(VENV)-bench/bin/python benches/python/bench.py

wheel: $(VENV)/installed ## the wheel, in target/wheels
	@ls -t target/wheels/scim_engine-*.whl | head -1

$(BIN)/python:
	@echo '== making $(VENV)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/maturin: $(BIN)/python
	$(PIP) install -q 'maturin>=1.16,<2'
	@touch $@

$(VENV)/installed: $(VENV)/maturin $(SOURCES)
	@echo '== building the Python module (a minute or two the first time)'
	$(BIN)/maturin build --release --locked --interpreter $(BIN)/python
	$(PIP) install -q --force-reinstall --no-deps "$$(ls -t target/wheels/scim_engine-*.whl | head -1)"
	@touch $@

$(VENV)/tools: tests/python/requirements.txt $(BIN)/python
	@echo '== installing what the tests need'
	$(PIP) install -q -r tests/python/requirements.txt
	@touch $@

clean: ## removes what was built and installed here
	rm -rf target $(VENV) $(VENV)-bench
