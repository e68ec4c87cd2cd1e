# Needs make and Python 3.13; everything else goes into .venv/ and .local/, from uv.lock.
UV_ENV := .local/env/uv
UV := UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true $(UV_ENV)/bin/uv
SYNC := sync --quiet --frozen --compile-bytecode --python $(UV_ENV)/bin/python
EXPORT := $(UV) export --quiet --frozen --no-emit-project --no-header --no-annotate --only-group
RUN := .venv/bin
SAM := PATH="$(CURDIR)/$(UV_ENV)/bin:$$PATH" SAM_CLI_TELEMETRY=0 .local/env/sam/bin/sam
# One file per environment says that it agrees with the lock; uv's own is what the lock says of it.
UV_READY := $(UV_ENV)/.ready
READY := .venv/.ready .local/env/sam/.ready .local/env/cloud/.ready
E2E := $(RUN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder tests/e2e # two clouds: most of the time is waiting
TESTED := benchmarks faults functions layers local openapi tests

.PHONY: help install build run demo redeploy trace openapi lint format types test unit e2e fuzz faults bench local deploy lock clean
.DEFAULT_GOAL := help
export PORT ?= 4566
export INTERCHANGE_ARCHITECTURE ?= arm64

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## Prepare the environments (every other target does, too)

$(UV_READY): requirements-uv.txt
	@python=; for name in python3.13 python3 python; do $$name -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 13))' \
		2>/dev/null && python=$$name && break; done; \
	test -n "$$python" || { echo "Python 3.13 is needed, as python3.13 or python3 on the PATH: https://www.python.org/downloads/" >&2; exit 1; }; \
	$$python -m venv --clear $(UV_ENV)
	@$(UV_ENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --requirement $<
	@touch $@

.venv/.ready: uv.lock $(UV_READY)
	@$(UV) $(SYNC) && touch $@

.local/env/%/.ready: uv.lock $(UV_READY)
	@UV_PROJECT_ENVIRONMENT=.local/env/$* $(UV) $(SYNC) --only-group $* && touch $@

build: $(READY) ## Build for Lambda; INTERCHANGE_ARCHITECTURE=x86_64 for the stack parameter Architecture=x86_64
	@$(RUN)/python -m local build
run: $(READY) ## Run everything here, and stay up until Ctrl-C; PORT=4566
	@$(RUN)/python -m local run
demo: $(READY) ## Run everything here, play the story, exit
	@$(RUN)/python -m local demo
redeploy: $(READY) ## Put edited code into the cloud that `make run` keeps up
	@$(RUN)/python -m local redeploy
trace: $(READY) ## Print a request's story from the logs: ID=…; STACK=interchange for one in AWS, HOURS=24 back
	@$(RUN)/python -m local.trace '$(ID)' $(if $(STACK),--stack '$(STACK)') $(if $(HOURS),--hours '$(HOURS)')

openapi: $(READY) ## Write docs/openapi.json from the template, the models and the errors
	@PYTHONPATH=functions:layers/interchange $(RUN)/python -m openapi

lint: $(READY) .local/env/scan/.ready ## Check style, the template and its security
	@$(RUN)/ruff check --quiet $(TESTED) && $(RUN)/ruff format --quiet --check $(TESTED)
	@$(RUN)/cfn-lint template.yaml
	@found=$$(.local/env/scan/bin/checkov) || { echo "$$found"; exit 1; }
	@AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint
format: $(READY) ## Fix style where that is mechanical
	@$(RUN)/ruff check --quiet --fix $(TESTED); $(RUN)/ruff format --quiet $(TESTED)
types: $(READY) ## Check types
	@$(RUN)/mypy

test: $(READY) ## Check everything, the deployed stack included
	@$(MAKE) --no-print-directory --jobs=2 lint types
	@$(RUN)/pytest --numprocesses=auto --dist=loadfile tests/unit tests/integration tests/contracts --cov
	@$(E2E)

unit: $(READY) ## Run the fast tests
	@$(RUN)/pytest --numprocesses=auto --dist=loadfile tests/unit
e2e: $(READY) ## Test a stack that is deployed for it, on a free port
	@$(E2E)
fuzz: $(READY) ## Send a stack of its own whatever docs/openapi.json allows, and what it does not; EXAMPLES=300 SEED=1
	@EXAMPLES=$(or $(EXAMPLES),300) SEED=$(or $(SEED),$(shell date +%s)) $(RUN)/pytest tests/e2e/test_schemathesis.py
faults: $(READY) ## Break every pattern in every way, and account for all that was accepted; ONLY=webhook,kill N=40
	@PYTHONPATH=functions:layers/interchange $(RUN)/python -m faults --only "$(ONLY)" --count $(or $(N),40)
bench: $(READY) .local/env/peers/.ready ## Measure the read path beside its peers; ARGS=--rounds=7
	@$(RUN)/python -m benchmarks $(ARGS)

local: $(READY) ## Make `sam local` ready to run functions in containers, beside what `make run` keeps up
	@$(RUN)/python -m local ready
deploy: build ## Deploy to AWS: make deploy ARGS=--guided
	@$(SAM) deploy $(ARGS)

lock: $(UV_READY) ## Take the newest dependencies that pyproject.toml allows: make lock ARGS=--upgrade
	@$(UV) lock --quiet $(ARGS)
	@$(EXPORT) runtime --output-file layers/dependencies/requirements.txt
	@$(EXPORT) docs --output-file layers/docs/requirements.txt
	@$(EXPORT) uv --output-file requirements-uv.txt

clean: ## Remove what was built; the environments stay
	@rm -rf .aws-sam .local/bench .local/build .local/build.toml .local/cache .local/containers .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
