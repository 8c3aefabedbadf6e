# What one can do here. `make` alone lists it.

CONFIGURATION ?= debug
SOURCES := Sources Tests Chaos Package.swift
DEBUG := .build/$(CONFIGURATION)/grapevine
SECONDS ?= 60
SCHEDULES ?= 10000
SEED ?= 0
SCRIPTS ?= 10000000
SEEDS ?= 5
VIEWS ?= 10000
RELEASE := .build/release/grapevine
# What `grapevine version` and grapevine_build_info tell; nothing where git or its history is missing.
export GRAPEVINE_COMMIT ?= $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)

.DEFAULT_GOAL := help
# Each verb uses the whole machine, and the order of `test` is from quick to slow.
.NOTPARALLEL:
.PHONY: help setup build release demo test lint unit story documents names api-check fuzz fuzz-long laws worlds mutants chaos determinism bench-registry bench-gossip bench-speed table-views bench-table bench-agents bench-dns dashboards dashboards-check clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (apt-get, needs root); quick when all is there
	@Tests/Setup/setup

build: setup ## build the program and its tests (CONFIGURATION=debug)
	swift build --build-tests -c $(CONFIGURATION)

release: setup ## build the program as it is shipped: optimised, the Swift runtime inside
	swift build -c release --static-swift-stdlib --product grapevine

demo: release ## three machines, one Service, real packets: the story with ✓ and ✗ (needs root)
	Tests/Demo/demo --binary $(RELEASE)

test: setup lint unit story documents names ## everything that must pass (needs root for the story)

lint: setup ## layout of Swift and of shell
	swift format lint --strict -r $(SOURCES)
	shellcheck -x .ci/run Tests/Setup/setup Tests/API/check Tests/Fuzz/run Tests/Benchmarks/run Tests/Benchmarks/speed Tests/Benchmarks/Agents/run $(addprefix Tests/Demo/,demo rehearse documents caller reader)

# Worlds in virtual time keep every processor busy; tests of the real machine, which wait for
# real programs, come after them and not beside them, those of single parts before whole agents,
# and of these not all at once: their programs have time limits.
unit: build ## the Swift tests alone
	swift test -c $(CONFIGURATION) --skip-build --skip HostTests --skip AgentTests
	swift test -c $(CONFIGURATION) --skip-build --filter HostTests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6 swift test -c $(CONFIGURATION) --skip-build --filter AgentTests

story: build ## the demo as a test, with the debug binary (needs root)
	Tests/Demo/rehearse
	Tests/Demo/demo --binary $(DEBUG)

documents: build ## run every command that a document shows (needs root)
	Tests/Demo/documents --binary $(DEBUG)

names: build ## ask for names with dig, kdig, unbound, dnsmasq, nginx, HAProxy and the C library (needs root)
	Tests/Names/strangers --program $(DEBUG)

api-check: build ## check /openapi.json, and fuzz a real agent by it (SECONDS=60)
	Tests/API/check --binary $(DEBUG) --seconds $(SECONDS)

fuzz: setup ## let fuzzers choose what happens to a node and to a store (SECONDS=60)
	Tests/Fuzz/run $(SECONDS)

fuzz-long: setup ## fuzz until so many datagrams came to the door (SCRIPTS=10000000)
	Tests/Fuzz/run --scripts $(SCRIPTS)

# In a folder of its own, beside the builds that tests use.
laws: setup ## play random schedules, try hostile records (SCHEDULES=10000, SEED=0)
	swift build -c release --product grapevine-laws --scratch-path .build-laws
	.build-laws/release/grapevine-laws trials
	.build-laws/release/grapevine-laws schedules $(SCHEDULES) $(SEED)

worlds: setup ## every order of events in small worlds
	swift build -c release --product grapevine-laws --scratch-path .build-laws
	.build-laws/release/grapevine-laws worlds

# Beside the laws, so that what both need is built once.
chaos: setup ## play every scenario in which things go wrong (SEEDS=5)
	swift build -c release --product grapevine-chaos --scratch-path .build-laws
	.build-laws/release/grapevine-chaos run --quiet --seed 1 --seeds $(SEEDS)

determinism: setup ## play each seed in two processes, and compare their courses (SEEDS=5)
	swift build -c release --product grapevine-chaos --scratch-path .build-laws
	.build-laws/release/grapevine-chaos verify-determinism --seeds $(SEEDS)

mutants: setup ## make mistakes on purpose, and see that each one is noticed
	swift build -c release --product grapevine-laws --scratch-path .build-mutants -Xswiftc -DGRAPEVINE_MUTANTS
	.build-mutants/release/grapevine-laws mutants

bench-registry: setup ## figures of a registry of 10,000 nodes beside their targets
	Tests/Benchmarks/run

bench-gossip: setup ## figures of gossip beside their targets and a model of memberlist (OPTIONS=--quick)
	GRAPEVINE_BENCH=1 swift build -c release --product GossipBench --scratch-path .build-bench
	.build-bench/release/GossipBench $(OPTIONS)

# A debug build: what takes long is the kernel, and the programs that write its rules.
bench-speed: setup ## how much faster than real time the simulator runs the real node (SIZES="50 2000")
	Tests/Benchmarks/speed "$(SIZES)"

table-views: build ## send packets through random views in both packet filters (VIEWS=10000, SEED=0; needs root)
	GRAPEVINE_VIEWS=$(VIEWS) GRAPEVINE_SEED=$(SEED) swift test -c $(CONFIGURATION) --skip-build --filter 'packets go where the walk says'

bench-table: setup ## figures of the table beside those of kube-proxy's layout (needs root; OPTIONS=--full)
	GRAPEVINE_BENCH=1 swift build -c release --product TableBench --scratch-path .build-bench
	GRAPEVINE_BENCH=1 swift build -c release --product grapevine --scratch-path .build-bench
	.build-bench/release/TableBench $(OPTIONS)

bench-agents: setup ## figures of 50 real agents in namespaces on this machine (needs root)
	Tests/Benchmarks/Agents/run

bench-dns: setup ## questions a second beside dnsmasq and unbound with the same names (OPTIONS=--seconds 10)
	swift build -c release --static-swift-stdlib --product grapevine --scratch-path .build-agents
	Tests/Benchmarks/Names/run --program .build-agents/release/grapevine $(OPTIONS)

dashboards: setup ## draw Dashboards/*.json anew from Tests/Dashboards/panels.py
	python3 -B Tests/Dashboards/draw.py

dashboards-check: build ## ask a real Prometheus on real agents what dashboards and alerts ask (needs root)
	python3 -B Tests/Dashboards/check.py --binary $(DEBUG)

clean: ## remove what building made
	rm -rf .build .build-*
