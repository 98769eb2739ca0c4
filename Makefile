# Everything the project does, from a fresh clone: each target installs what it lacks or says what to install.

FUZZTIME ?= 30s
SEEDS    ?= 200
HOURS    ?= 1
JOBS     := $(MAKE) --no-print-directory -j3
TEST     := node web/scripts/test.mjs
BIN      := $(CURDIR)/build/bin
# What makes the wasm: tinygo, of which is what ships, or go.
COMPILER ?= tinygo
export COMPILER
BUILT    := $(BIN)/.built-$(shell go env GOVERSION 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build test test-go test-wasm test-other test-unit test-browser lint fmt generate size costs fuzz soak soak-wasm mutants scale hosts exports bench profile gone hidden interop vuln clean compiler
.PHONY: deps tools npm chromium synapse toolchains

help: ## say what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: npm ## build all and serve the demo; the last line is the URL to open
	@if [ $(COMPILER) = tinygo ] && ! .tools/tinygo/install 2>/dev/null; then \
		echo "No TinyGo could be had, which this is built with to weigh a seventh: going on with Go's own compiler."; \
		export COMPILER=go; \
	fi; node web/build.mjs
	@go run ./web/demo -dir build/web

build: npm compiler ## build web/dist (the npm package) and build/web (the pages); COMPILER=go: with Go's own compiler
	@node web/build.mjs

test: ## every check and test; the last line is "N passed, N failed"
	@$(JOBS) deps
	@$(TEST)

test-go: toolchains ## Go tests of this machine
	@$(TEST) go

test-wasm: ## Go tests in Chromium, through wasmbrowsertest
	@$(JOBS) tools chromium
	@$(TEST) wasm

test-other: ## a package of Go's own compiler: the tests under Node, and some in Chromium
	@$(JOBS) deps
	@$(TEST) other

test-unit: npm compiler ## build, then the tests of the built shim under Node
	@$(TEST) build unit

test-browser: ## build, then the pages in Chromium against real hosts
	@$(JOBS) npm chromium compiler
	@$(TEST) build browser

lint: ## format, vet, staticcheck, generated files, types; silent when all is well
	@$(JOBS) tools npm
	@$(TEST) lint

fmt: ## format what lint would complain about
	@$(JOBS) tools npm
	@find . \( -name node_modules -o -name dist -o -name build -o -name .git \) -prune -o -name '*.go' -print0 | xargs -0 -r $(BIN)/gofumpt -w
	@cd web && node_modules/.bin/biome check --write --colors=off

generate: toolchains ## run the generators
	@go generate ./...

size: build ## what a page downloads, against the floors of both compilers; fails above the budget
	@node web/scripts/size.mjs

costs: npm compiler ## what each dependency and package costs in the wasm; writes web/docs/size.md
	@node web/scripts/costs.mjs

fuzz: toolchains ## fuzz every target for FUZZTIME (default 30s)
	@node web/scripts/fuzz.mjs $(FUZZTIME)

soak: toolchains ## simulate SEEDS worlds (default 200) for HOURS virtual hours (default 1) with faults of every kind
	@go run ./web/soak -seeds $(SEEDS) -hours $(HOURS)

soak-wasm: build ## give the wasm the inputs of SEEDS such worlds: its effects must be what Go's own compiler makes, word for word
	@node web/soak/wasm.mjs -seeds $(SEEDS) -hours $(HOURS)

mutants: toolchains ## break the core on purpose: the simulation must catch every mutation
	@go run ./web/soak/mutants

scale: toolchains ## ten thousand holds on one homeserver through an outage; writes web/docs/scale.md
	@go run ./web/soak/scale -docs web/docs

hosts: build chromium ## see what every host does; writes web/docs/hosts.md and actions.md
	@HOSTS_DOC=write node --test --test-reporter=spec web/test/hosts.test.mjs
	@ACTIONS_DOC=write node --test --test-reporter=spec web/test/unit/action-list.test.mjs

exports: build ## compare every export with matrix-widget-api's; writes web/docs/compat-exports.md
	@node web/scripts/compat-exports.mjs

bench: build chromium ## what a call and a start cost beside postMessage, Go and matrix-widget-api, and what they leave behind (ROUNDS, CALLS, DOC=write)
	@node web/bench/run.mjs

profile: build chromium ## where the time of a call goes, by function (CALLS, MODE=load, KIND)
	@node web/bench/profile.mjs

gone: build chromium ## measure how soon a page that ends has left its room
	@node web/scripts/gone.mjs

hidden: build chromium ## three minutes of a hidden page whose timers are slowed (make test: 75 s)
	@HIDDEN_SECONDS=185 node --test --test-reporter=spec web/test/hidden.test.mjs

interop: build ## everything that keeps a future, on a real Synapse, in Chromium (SYNAPSE_VERSION=x.y.z: on that one)
	@$(JOBS) chromium synapse
	@node web/interop/run.mjs

synapse: toolchains
	@.tools/synapse/install $(CURDIR)/build/synapse/venv$(SYNAPSE_VERSION:%=-%)

vuln: toolchains ## known vulnerabilities in what we import (asks the Go vulnerability database)
	@cd .tools && go tool -n govulncheck >/dev/null
	@"$$(cd .tools && go tool -n govulncheck)" ./...

clean: ## remove what builds and tests leave behind
	@rm -rf build web/dist

deps: tools npm chromium compiler ## install the tools, the npm packages, Chromium and TinyGo

# The tools are built once per version of themselves and of Go.
tools: $(BUILT) ; @:
$(BUILT): .tools/go.mod .tools/go.sum | toolchains
	@mkdir -p $(BIN)
	@cd .tools && go build -o $(BIN)/ github.com/agnivade/wasmbrowsertest honnef.co/go/tools/cmd/staticcheck mvdan.cc/gofumpt
	@touch $@

npm: web/node_modules/.package-lock.json ; @:
web/node_modules/.package-lock.json: web/package-lock.json | toolchains
	@cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

compiler: toolchains
ifeq ($(COMPILER),tinygo)
	@.tools/tinygo/install
endif

chromium:
	@.tools/chrome/install

toolchains:
	@command -v go >/dev/null || { echo "Building needs Go 1.26 or newer: install it and put it on PATH." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { echo "Building needs Node 20 or newer: install it and put it on PATH." >&2; exit 1; }
