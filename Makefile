# Two commands do everything on a fresh machine with cargo, Python 3.11+ and make:
#   make demo    the main job on an embedded default: OneLogin fills a platform's endpoint, both on this machine
#   make test    every test, of the crate, the command line, the Python module and the example services
# Everything is installed into this folder: ./target, ./.venv and ./examples/axum_service/target

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check
SOURCES := $(shell find src python/scim_engine -type f ! -name '*.so' ! -name '*.pyc') Cargo.toml Cargo.lock pyproject.toml README.md \
           THIRD-PARTY-NOTICES.txt

# `--force-reinstall`, because the new build has the same version, so pip would keep the old one.
BENCHED = $(VENV)-bench/bin/pip install --disable-pip-version-check -q --force-reinstall --no-deps $$(ls -t target/wheels/scim_engine-*.whl | head -1)
JAQ := 3.1.2
AXUM := --manifest-path examples/axum_service/Cargo.toml
# Each runs one part of `make bench`.
BENCH_PARTS := $(addprefix bench-,crate peers python contest sizes memory report)
# Other targets for which the crate is checked: ARM with Linux and macOS, Windows, and WebAssembly, which has no threads.
TARGETS := aarch64-unknown-linux-gnu aarch64-apple-darwin x86_64-pc-windows-msvc wasm32-unknown-unknown
# The oldest Rust, and the features with which it checks the crate.
MSRV := $(shell sed -n 's/^rust-version = "\(.*\)"$$/\1/p' Cargo.toml)
# Tools of `make audit`, built into target/tools once for each version. cargo-public-api reads what the rustdoc of one version of
# Rust writes, so that version is fixed, too; the format is not stable, which RUSTC_BOOTSTRAP allows.
TOOLS := target/tools
DENY := 0.20.2
PUBLIC_API := 0.52.0
API_RUST := 1.95.0
MUTANTS := 27.1.0
LLVM_COV := 0.9.1
# The fuzz targets are built by this version of cargo-fuzz. RUSTC_BOOTSTRAP allows AddressSanitizer on stable Rust.
FUZZ := 0.13.2
API := docs/api/scim_engine.txt
PYTHON_CODE := python tools fuzz tests/python tests/conformance tests/reference tests/differential tests/mutants tests/databases tests/storages tests/services examples benches

# The number of requests that `make soak` tries for each property, and in Python.
SOAK ?= 100000
# The number of cases of each kind that `make differential` tries, and of pairs of a filter and a document.
CASES ?= 20000
FILTERS ?= $(CASES)
SEED ?= 1
KINDS ?= filters patch create replace diff lists projection versions
# The filters on User that `make test-databases` tries, and the users. Other resource types have fewer.
DATABASE_FILTERS ?= 5000
DATABASE_ROWS ?= 2000
# The number of cases of each kind that `make peers` tries with each peer.
PEER_CASES ?= 2000
PEERS := tests/differential/peers
# The executions of each fuzz target in `make fuzz`, instead of 50,000,000 in all.
FUZZ_RUNS ?=

.PHONY: demo test test-databases soak differential peers fuzz fuzz-short mutants coverage test-rust test-python test-services lint lint-targets lint-msrv audit advisories api release-check notices stub count bench bench-tools bench-services bench-databases $(BENCH_PARTS) wheel clean help

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/installed $(VENV)/demo-tools ## OneLogin fills the FastAPI service on an embedded database
	@$(BIN)/python examples/onelogin_demo/demo.py

test: test-rust test-python test-services test-databases ## every test

test-rust: ## tests of the crate and the command line
	@echo '== crate, default features'
	cargo test --locked
	@echo '== crate and command line (member order and number text kept), and columns'
	cargo test --locked --features cli,endpoint,sea-query

test-python: $(VENV)/installed $(VENV)/tools ## tests of the Python module and README
	@echo '== Python module'
	$(BIN)/python -m pytest

test-services: $(VENV)/installed $(VENV)/service-tools ## the example services: real servers, SQLite and PostgreSQL
	@echo '== the axum service (a minute or two the first time)'
	cargo test --locked $(AXUM)
	@echo '== both services, by HTTP'
	$(BIN)/python -m pytest tests/services

# The packages are all that is needed: PostgreSQL, SQLite and DuckDB come with them.
test-databases: $(VENV)/installed $(VENV)/database-tools ## filters, orders and storages over the columns of PostgreSQL, SQLite and DuckDB, by SQLAlchemy, Django and sea-query too, beside the engine
	$(BIN)/python -m pytest tests/databases tests/storages
	@echo '== databases beside the engine (some minutes)'
	$(BIN)/python -m tests.databases --filters $(DATABASE_FILTERS) --documents $(DATABASE_ROWS)

soak: $(VENV)/installed $(VENV)/tools ## the law on $(SOAK) random requests for each property, and the module beside the reference on 1,000,000 filters and 350,000 requests, databases on 100,000 filters, MariaDB too: some hours; needs mariadbd
	PROPTEST_CASES=$(SOAK) cargo test --locked --features protocol --test properties laws
	SCIM_ENGINE_LAWS=$(SOAK) SCIM_ENGINE_LAWS_SEED=$$(date +%s) $(BIN)/python -m pytest tests/python/test_laws.py
	$(MAKE) differential FILTERS=1000000 CASES=50000 SEED=$$(date +%s)
	$(MAKE) test-databases DATABASE_FILTERS=100000
	$(BIN)/python -m tests.databases --engines sqlalchemy-mariadb django-mariadb --filters 20000
	SCIM_ENGINE_STORAGE_REQUESTS=5000 $(BIN)/python -m pytest tests/storages/test_contract.py

differential: $(VENV)/installed ## the module beside the reference of the law, on $(CASES) random cases of each kind; lists the differences
	@mkdir -p target/differential
	@for kind in $(KINDS); do \
		count=$(CASES); test $$kind != filters || count=$(FILTERS); \
		$(BIN)/python -m tests.differential $$kind --count $$count --seed $(SEED) --output target/differential/$$kind.jsonl || found=1; \
	done; exit $${found:-0}

# npm and the second environment are only for the peers: scim2-models is not installed beside the module.
peers: $(PEERS)/node_modules/installed $(VENV)-peers/installed $(VENV)/installed ## the same random cases, answered by other libraries; lists the differences by topic; needs node
	$(BIN)/python -m tests.differential.peers --count $(PEER_CASES)

# The sample and its seed are those of docs/assurance.md.
mutants: $(TOOLS)/mutants-$(MUTANTS) $(VENV)/mutant-tools ## a sample of mutants, which the crate's tests must catch, in target/mutants/report.md: an hour or two
	$(BIN)/python -m tests.mutants --tool $(abspath $(TOOLS))/bin/cargo-mutants --seed 1 --per-room 100

# Branches are counted by an unstable option, which RUSTC_BOOTSTRAP allows.
coverage: $(TOOLS)/llvm-cov-$(LLVM_COV) ## lines and branches that the crate's tests reach, by room, in target/coverage; needs rustup
	@command -v rustup >/dev/null || { echo 'rustup is needed to measure the coverage: install it from https://rustup.rs'; exit 1; }
	@rustup --quiet component add llvm-tools
	@mkdir -p target/coverage
	RUSTC_BOOTSTRAP=1 $(TOOLS)/bin/cargo-llvm-cov llvm-cov --locked --branch --doctests --features cli,cursors \
	  --json --output-path target/coverage/coverage.json
	@$(PYTHON) tools/coverage.py target/coverage/coverage.json >target/coverage/rooms.md; found=$$?; cat target/coverage/rooms.md; exit $$found

fuzz: $(TOOLS)/fuzz-$(FUZZ) ## every fuzz target, 50,000,000 executions in all, until a fault; three hours; report in target/fuzz/report.md
	$(PYTHON) fuzz/run.py $(if $(FUZZ_RUNS),--runs $(FUZZ_RUNS))

fuzz-short: $(TOOLS)/fuzz-$(FUZZ) ## every fuzz target, a few minutes in all after the build, from the cases and with a fixed seed
	$(PYTHON) fuzz/run.py --short

lint: lint-targets lint-msrv $(VENV)/tools $(VENV)/installed ## formatting, clippy, docs, other targets, oldest Rust, ruff, types, notices, words, workflows
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --all-targets --features cli,endpoint,sea-query -- -D warnings
	cargo clippy --locked --no-default-features --features protocol -- -D warnings
	cargo clippy --locked --features cli,python -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --features cli,endpoint,sea-query
	cargo fmt --check $(AXUM)
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked $(AXUM) --all-targets -- -D warnings
	$(BIN)/ruff check $(PYTHON_CODE)
	$(BIN)/ruff format --check $(PYTHON_CODE)
	$(BIN)/python -m mypy
	$(BIN)/python tests/conformance/format.py --check
	$(BIN)/python tests/conformance/doors.py --check
	$(BIN)/python tools/notices.py --check
	$(BIN)/python tools/stub.py --check
	$(BIN)/typos
	$(BIN)/zizmor --offline --quiet .github
	@echo '== the default features know no pyo3, no command line, no HTTP'
	@! cargo tree --locked -e normal --prefix none | grep -E '^(pyo3|clap|http|hyper|tokio)' || { echo 'a dependency too many'; exit 1; }

# Nothing is linked, so no other tools are needed. Targets that are already installed are not fetched again.
lint-targets: ## checks that the crate compiles for ARM, macOS, Windows and WebAssembly; needs rustup
	@command -v rustup >/dev/null || { echo 'rustup is needed to check the crate for other targets: install it from https://rustup.rs'; exit 1; }
	@echo '== the targets $(TARGETS)'
	@rustup --quiet target add $(TARGETS)
	@set -e; for target in $(TARGETS); do \
	  for features in '' protocol endpoint; do \
	    echo "cargo check --locked --target $$target --features '$$features'"; \
	    RUSTFLAGS="$$RUSTFLAGS -D warnings" cargo check --locked --quiet --target $$target --features "$$features"; \
	  done; \
	done

# A toolchain that is already installed is not fetched again. Warnings are those of the newest Rust, in `lint`.
lint-msrv: ## checks that the crate compiles with the oldest Rust that it promises; needs rustup
	@command -v rustup >/dev/null || { echo 'rustup is needed to check the crate with Rust $(MSRV): install it from https://rustup.rs'; exit 1; }
	@echo '== Rust $(MSRV)'
	@rustup run $(MSRV) rustc --version >/dev/null 2>&1 || rustup --quiet toolchain install $(MSRV) --profile minimal
	@set -e; for features in '' protocol cli,endpoint,sea-query; do \
	  echo "cargo +$(MSRV) check --locked --features '$$features'"; \
	  cargo +$(MSRV) check --locked --quiet --features "$$features"; \
	done

audit: $(TOOLS)/deny-$(DENY) target/api.txt ## licences, bans and sources of the dependencies, and the public API against docs/api
	$(TOOLS)/bin/cargo-deny --locked check licenses bans sources
	@test -f $(API) || { echo '$(API) is missing: write it with `make api`'; exit 1; }
	@diff -u $(API) target/api.txt || { echo 'the public API is not that of $(API): if the change is wanted, run `make api`'; exit 1; }

# Apart from `audit`, because it needs the database of advisories, which is not in a package registry.
advisories: $(TOOLS)/deny-$(DENY) ## known vulnerabilities in the dependencies; needs the network
	@$(TOOLS)/bin/cargo-deny --locked fetch db || { echo 'the database of advisories cannot be reached, so no advisory was checked'; exit 1; }
	$(TOOLS)/bin/cargo-deny --locked check --disable-fetch advisories

api: target/api.txt ## docs/api/scim_engine.txt, the listing of the public API, after a change of it
	@mkdir -p $(dir $(API))
	cp target/api.txt $(API)

target/api.txt: $(SOURCES) $(TOOLS)/public-api-$(PUBLIC_API)
	@command -v rustup >/dev/null || { echo 'rustup is needed to list the public API: install it from https://rustup.rs'; exit 1; }
	@rustup run $(API_RUST) rustc --version >/dev/null 2>&1 || rustup --quiet toolchain install $(API_RUST) --profile minimal
	RUSTC_BOOTSTRAP=1 cargo +$(API_RUST) rustdoc --locked --quiet --lib --features endpoint,client,compress,sea-query --target-dir target/api -- \
	  -Z unstable-options --output-format json
	$(TOOLS)/bin/cargo-public-api -sss --rustdoc-json target/api/doc/scim_engine.json >$@.new
	@mv $@.new $@

release-check: $(VENV)/release-tools ## that the crate and the Python module can be published
	$(BIN)/python tools/release.py check

notices: ## THIRD-PARTY-NOTICES.txt, after a change of Cargo.lock
	$(PYTHON) tools/notices.py --write

stub: $(VENV)/installed ## the docstrings of python/scim_engine/_engine.pyi, after a change of the comments in src/python
	$(BIN)/python tools/stub.py

count: ## instructions, compared with the kept counts, in target/counts.md; needs valgrind
	PYTHON=$(PYTHON) sh benches/count.sh

bench: bench-tools ## all benchmarks, into benches/results; 9 minutes after the builds
	$(VENV)-bench/bin/python benches/suite

# One part of `make bench`: bench-crate, bench-peers, bench-python, bench-contest, bench-sizes, bench-memory, bench-report.
$(BENCH_PARTS): bench-tools
	$(VENV)-bench/bin/python benches/suite $(@:bench-%=%)

# The report names the tools that this machine cannot install.
bench-databases: $(VENV)/installed ## filters over 1,000,000 users in SQLite and PostgreSQL, beside queries by hand and what people do without a mapping
	$(PIP) install -q -r benches/databases/requirements.txt
	$(BIN)/python benches/databases/run.py

bench-tools: $(VENV)/installed ## the tools of the benchmarks, in target, .venv-bench and benches/node/node_modules
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --disable-pip-version-check -q -r benches/python/requirements.txt
	$(BENCHED)
	cargo build --release --locked --features cli --bin scim-engine
	cargo build --release --locked --manifest-path benches/peers/Cargo.toml
	cargo bench --locked --no-run --bench filter --bench patch --bench scan
	-cargo install jaq --version $(JAQ) --locked --quiet --root target/bench/tools
	-npm ci --silent --prefix benches/node

bench-services: $(VENV)/installed ## throughput of the example services, scim2-server and django-scim2; two minutes
	cargo build --release --locked $(AXUM)
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --disable-pip-version-check -q -r benches/services/requirements.txt
	$(BENCHED)
	$(VENV)-bench/bin/python benches/services/bench.py

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

$(VENV)/database-tools: tests/databases/requirements.txt $(BIN)/python
	@echo '== installing the databases'
	$(PIP) install -q -r tests/databases/requirements.txt
	@touch $@

$(VENV)-peers/installed: $(PEERS)/requirements.txt
	@echo '== installing the peers in Python'
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/pip install --disable-pip-version-check -q -r $(PEERS)/requirements.txt
	@touch $@

$(PEERS)/node_modules/installed: $(PEERS)/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { echo 'node and npm are needed for the peers in JavaScript: install them from https://nodejs.org'; exit 1; }
	@echo '== installing the peers in JavaScript'
	npm ci --silent --prefix $(PEERS)
	@touch $@

$(VENV)/release-tools: tools/requirements.txt $(BIN)/python
	@echo '== installing what a release needs'
	$(PIP) install -q -r tools/requirements.txt
	@touch $@

$(TOOLS)/deny-$(DENY):
	@echo '== building cargo-deny (some minutes)'
	cargo install cargo-deny --version $(DENY) --locked --quiet --root $(TOOLS)
	@touch $@

$(TOOLS)/public-api-$(PUBLIC_API):
	@echo '== building cargo-public-api (some minutes)'
	cargo install cargo-public-api --version $(PUBLIC_API) --locked --quiet --root $(TOOLS)
	@touch $@

$(TOOLS)/mutants-$(MUTANTS):
	@echo '== building cargo-mutants (some minutes)'
	cargo install cargo-mutants --version $(MUTANTS) --locked --quiet --root $(TOOLS)
	@touch $@

$(TOOLS)/llvm-cov-$(LLVM_COV):
	@echo '== building cargo-llvm-cov (a minute or two)'
	cargo install cargo-llvm-cov --version $(LLVM_COV) --locked --quiet --root $(TOOLS)
	@touch $@

$(VENV)/mutant-tools: tests/mutants/requirements.txt $(BIN)/python
	@echo '== installing what the mutants need'
	$(PIP) install -q -r tests/mutants/requirements.txt
	@touch $@

$(TOOLS)/fuzz-$(FUZZ):
	@echo '== building cargo-fuzz (a minute or two)'
	cargo install cargo-fuzz --version $(FUZZ) --locked --quiet --root $(TOOLS)
	@touch $@

$(VENV)/demo-tools: examples/fastapi_service/requirements.txt $(BIN)/python
	@echo '== installing what the FastAPI service needs'
	$(PIP) install -q -r examples/fastapi_service/requirements.txt
	@touch $@

$(VENV)/service-tools: tests/services/requirements.txt examples/fastapi_service/requirements.txt $(BIN)/python
	@echo '== installing what the tests of the services need'
	$(PIP) install -q -r tests/services/requirements.txt
	@touch $@

clean: ## removes everything that was built and installed here
	rm -rf target fuzz/target examples/axum_service/target benches/peers/target benches/node/node_modules $(PEERS)/node_modules $(VENV) $(VENV)-bench $(VENV)-peers
