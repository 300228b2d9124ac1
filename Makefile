# Everything a person or a CI runs. `make` alone lists it. Each target first installs what is missing (tools/setup).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# As many compilers as cores, but never more than memory holds: the largest sources need 1.5 GB.
JOBS ?= $(shell awk -v cores="$$(nproc)" '/^MemAvailable/ { room = int($$2 / 1500000); if (room < 1) room = 1; \
          print room < cores ? room : cores }' /proc/meminfo)
PORT ?= 8080
FUZZ_SECONDS ?= 30
VIGIE := build/release/vigie

# The demonstration model's data: simulated, unless DATA names a file with the columns Time,V1..V28,Amount,Class.
SIMULATED := build/data/card.csv
SIMULATED_ROWS ?= 100000
DATA ?= $(SIMULATED)
PREVALENCE ?=
TRAIN_FLAGS ?=
MODEL := models/card
# The models of /fraude and /score learn from simulated data.
TRANSACTIONS := build/data/transactions.csv
CREDITS := build/data/credit.csv

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run PORT=9000                          another port"
	@echo "  make run DATA=card.csv PREVALENCE=0.00173   a model of your data (at its true base rate, if under-sampled)"
	@echo "  make fuzz FUZZ_SECONDS=3600                 longer, per fuzz target"

.PHONY: setup setup-all
setup:
	@tools/setup build
setup-all:
	@tools/setup all

.PHONY: build
build: setup ## build build/release/vigie
	@tools/configure release
	@cmake --build --preset release --target vigie --parallel $(JOBS)

.PHONY: run
run: build models ## build, train the demonstration models, serve them on PORT (8080) until interrupted
	@exec $(VIGIE) serve --model card=$(MODEL) --model transaction=models/transaction --model credit=models/credit \
	  --state state --port $(PORT)

# The model is made again when its data or its flags change: PACKAGE is the marker that training writes last.
.PHONY: models
models: build $(MODEL)/PACKAGE models/transaction/PACKAGE models/credit/PACKAGE ## train the demonstration models into models/ (of /predict: DATA=..., PREVALENCE=..., TRAIN_FLAGS=...)

$(MODEL)/PACKAGE: $(DATA) build/$(MODEL).flags | build
	$(VIGIE) train card --data '$(DATA)' $(if $(PREVALENCE),--prevalence $(PREVALENCE)) $(TRAIN_FLAGS) --out $(MODEL)

models/transaction/PACKAGE: $(TRANSACTIONS) | build
	$(VIGIE) train transaction --data $< --out $(@D)
$(TRANSACTIONS): | build
	@mkdir -p $(@D)
	$(VIGIE) data simulate transactions --customers 1000 --terminals 2000 --reach 10 --days 90 --seed 1 --out $@

models/credit/PACKAGE: $(CREDITS) | build
	$(VIGIE) train credit --data $< --out $(@D)
$(CREDITS): | build
	@mkdir -p $(@D)
	$(VIGIE) data simulate credit --rows 50000 --seed 1 --out $@

$(SIMULATED): | build
	@mkdir -p $(@D)
	$(VIGIE) data simulate card --rows $(SIMULATED_ROWS) --seed 1 --out $@

.PHONY: flags
build/$(MODEL).flags: flags
	@mkdir -p $(@D)
	@echo '$(DATA) $(PREVALENCE) $(TRAIN_FLAGS)' | cmp --silent - $@ || echo '$(DATA) $(PREVALENCE) $(TRAIN_FLAGS)' > $@

# The tests run on the release build, for that is what is shipped and it is compiled once for use, tests and benches;
# `make asan` runs the same tests again with assertions and sanitizers.
.PHONY: test
test: setup ## build and run all tests
	@tools/build_and_test release $(JOBS)

.PHONY: asan tsan coverage
asan: setup ## all tests under the address, leak and undefined-behaviour sanitizers, assertions on
	@tools/build_and_test asan $(JOBS)
tsan: setup-all ## all tests under the thread sanitizer
	@tools/build_and_test tsan $(JOBS)
coverage: setup-all ## all tests, and which lines they ran: build/coverage/report/index.html
	@tools/build_and_test coverage $(JOBS)
	@mkdir -p build/coverage/report
	@gcovr --root . --filter src/ --exclude '.*_(test|bench)\.cc' --object-directory build/coverage -j $(JOBS) \
	  --exclude-throw-branches --html-details build/coverage/report/index.html --print-summary

.PHONY: test-browser
test-browser: build ## open the served pages in headless Chromium; screenshots in build/browser
	@tools/test_browser $(VIGIE)

.PHONY: test-clients
test-clients: build ## curl, Python, Node, Java, wrk, ab and hey against a running server
	@tests/clients/run $(VIGIE)

.PHONY: test-contract
test-contract: build ## hold a running server against its OpenAPI document: schemathesis, and Redocly's linter
	@tests/contract/run $(VIGIE)

.PHONY: test-keycloak
test-keycloak: build ## people, services and keys of a real Keycloak (fetched; needs Java)
	@tests/integration/keycloak/run $(VIGIE)

.PHONY: test-oidc-provider
test-oidc-provider: build ## several providers at once, opaque tokens, revocation (oidc-provider from npm)
	@tests/integration/oidc-provider/run $(VIGIE)

.PHONY: bench
bench: build ## run the benches; BENCH_FLAGS go to each
	@cmake --build --preset release --parallel $(JOBS)
	@tools/bench $(BENCH_FLAGS)

.PHONY: fuzz
fuzz: setup-all ## fuzz every parser for FUZZ_SECONDS (30) each
	@tools/configure fuzz
	@cmake --build --preset fuzz --parallel $(JOBS)
	@tools/fuzz $(FUZZ_SECONDS)

.PHONY: lint format
lint: setup-all ## clang-format, clang-tidy, shellcheck and the layer check
	@tools/lint $(JOBS)
format: setup-all ## let clang-format rewrite what it would complain about
	@git ls-files -z --cached --others --exclude-standard '*.h' '*.cc' | xargs -0 clang-format-19 -i

.PHONY: try-run
try-run: build models ## serve for a moment on a free port and paste the printed curls
	@tools/try_run $(VIGIE)

.PHONY: clean
clean: ## remove build/; models/ and state/ stay
	rm -rf build

ifneq ($(filter run models try-run,$(MAKECMDGOALS)),)
ifneq ($(DATA),$(SIMULATED))
ifeq ($(wildcard $(DATA)),)
$(error DATA=$(DATA): no such file; give a CSV (.gz, .xz and .zst are read as well), or leave DATA out for simulated data)
endif
endif
endif
