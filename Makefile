# ClassifyCloud: everything a person types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv installs the same locked, hash-checked set several times faster than pip; it is used only where it is found.
UV := $(shell command -v uv 2>/dev/null)
ROOMS := wire classifier api worker balancer training local cli bench deploy classifycloud ami

.DEFAULT_GOAL := help
.PHONY: help install install-dev run docs test test-spark test-aws test-long ladder checkov screenshots check lock format clean audit soak bench-ratio bench-profile bench-peers bench-engines bench-cold bench-scale bench-memory bench-decoding bench-refusals bench-flood bench-decoder bench-queue bench-queue-calls bench-queue-depth bench-finetune bench-bulk bench-spark bench-start bench-scale-in bench-balancer bench-operate bench-validate bench-scaling bench-week

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# TensorFlow and OpenVINO publish nothing for later versions yet.
SUPPORTED := import sys; v = sys.version_info[:2]; \
	sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed and " \
	"$(PYTHON) is %d.%d. Say which to use: make PYTHON=python3.13 ..." % v)

# A folder that was made only in part would stay broken for good.
$(BIN)/python:
	@$(PYTHON) -c '$(SUPPORTED)'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

define sync
$(if $(UV),$(UV) pip install --compile-bytecode --python $(BIN)/python --require-hashes -r $(1),$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $(1))
$(if $(UV),$(UV) pip install --python $(BIN)/python --no-deps -e .,$(BIN)/python -m pip install --disable-pip-version-check --no-deps -e .)
$(BIN)/python -m compileall -q $(ROOMS)
endef

$(VENV)/.serve: requirements/serve.txt pyproject.toml | $(BIN)/python
	$(call sync,requirements/serve.txt)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(call sync,requirements/dev.txt)
	@touch $(VENV)/.serve $@

install: $(VENV)/.serve ## make .venv with the classifycloud command in it

install-dev: $(VENV)/.dev ## the same, with what training, tests and checks need

run: install ## start the whole service on this machine
	@$(BIN)/classifycloud up $(ARGS)

# Its theme would warn of what docs/decisions/0036-docs-site.md deals with.
docs: install-dev ## the documentation as a site in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "build/site/index.html"

# Most tests wait for real processes: more of them at once than there are cores end sooner; in their order the
# long ones begin first, and nobody waits for them at the end.
TESTS_AT_ONCE ?= 3

test: install-dev ## run every test
	$(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist loadfile --no-loadscope-reorder $(ARGS)

test-spark: install-dev ## the tests that start a Spark cluster; they need Java 17 and some minutes
	$(BIN)/python -m pytest -m spark tests/integration/spark $(ARGS)

# The rung of checkov says that it is skipped where its environment cannot be made.
ladder: install-dev ## deployment and image without an AWS account, rung by rung; makes an image, some minutes as root
	$(if $(findstring --,$(ARGS)),,-@$(MAKE) --no-print-directory $(CHECKOV)/.made)
	$(BIN)/python .ci/ladder.py $(ARGS)

# It pins a boto3 of its own and a hundred packages more.
CHECKOV := .venv-checkov

$(CHECKOV)/.made: requirements/checkov.txt
	$(PYTHON) -m venv --clear $(CHECKOV)
	$(if $(UV),$(UV) pip install -q --python $(CHECKOV)/bin/python,$(CHECKOV)/bin/python -m pip install -q --disable-pip-version-check) --require-hashes -r $<
	@touch $@

checkov: $(CHECKOV)/.made ## the templates' security, every check or a reason why not; in an environment of its own
	$(CHECKOV)/bin/checkov --directory deploy/templates --framework cloudformation --quiet --compact --skip-download $(ARGS)

test-aws: install-dev ## emulated AWS: a deployment from up to nothing left, commands on instances of their own; minutes
	$(BIN)/python -m pytest -m aws tests/integration/deploy $(ARGS)

test-long: install-dev ## a request of 119 s through nginx, idle connections; five minutes
	$(BIN)/python -m pytest tests/acceptance/long_requests.py $(ARGS)

check: install-dev ## style, types, import rules, file lengths, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/lengths.py
	$(BIN)/python .ci/lock.py

format: install-dev ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install-dev ## resolve the dependencies anew into requirements/*.txt
	$(BIN)/python .ci/lock.py --write

bench-ratio: install-dev ## the whole service beside the bare engine, InceptionV3 int8, 40 clients; fails under 0.85
	$(BIN)/python -m bench.throughput $(ARGS)

bench-profile: install-dev ## where the CPU of a picture goes, by process and part, with flame graphs
	$(BIN)/python -m bench.throughput.profile $(ARGS)

bench-peers: install-dev ## the service beside FastAPI, LitServe, BentoML, Ray Serve and mosec; half an hour and some GB
	$(BIN)/python -m bench.peers $(ARGS)

bench-engines: install-dev ## TensorFlow and OpenVINO, every precision, batches of 1 to 32
	$(BIN)/python -m bench.engines $(ARGS)

bench-cold: install-dev ## forty at once while nobody works, and from the very start
	$(BIN)/python -m bench.cold $(ARGS)

bench-scale: install-dev ## one and two workers, backlogs of 10 to 100 000, and what a fleet would do and cost
	$(BIN)/python -m bench.scale $(ARGS)

bench-memory: install-dev ## resident memory of every process over half an hour
	$(BIN)/python -m bench.memory $(ARGS)

bench-decoding: install ## ways to decode and scale, by accuracy and CPU: ARGS="PHOTOS NETWORK LABELS"
	$(BIN)/python -m bench.decoding $(ARGS)

bench-queue: install-dev ## the local queue beside moto and MiniStack
	$(BIN)/python -m bench.queue $(ARGS)

bench-queue-calls: install-dev ## what a call to the queue costs its caller, beside boto3
	$(BIN)/python -m bench.queue_calls $(ARGS)

bench-queue-depth: install-dev ## what a call costs the local queue, 10 to 100 000 messages deep
	$(BIN)/python -m bench.queue_depth $(ARGS)

bench-finetune: install-dev ## fine-tuning beside training from scratch: ARGS="TINY_IMAGENET --classes ..."
	$(BIN)/python -m bench.finetune $(ARGS)

bench-bulk: install-dev ## 10 000 pictures under one id while each part is killed in turn: exactly as many rows
	$(BIN)/python -m bench.bulk $(ARGS)

bench-spark: install-dev ## bytes and seconds of training on Spark, and bulk classification: ARGS="TINY_IMAGENET"
	$(BIN)/python -m bench.spark $(ARGS)

bench-start: install ## seconds from the start to the first answer
	$(BIN)/python -m bench.start $(ARGS)

bench-scale-in: install ## 200 scale-ins over real processes: jobs handed out again, lost, doubled
	$(BIN)/python -m bench.scale_in $(ARGS)

bench-balancer: install ## CPU and calls of the balancer at 10, 1 000 and 10 000 workers
	$(BIN)/python -m bench.balancer $(ARGS)

bench-validate: install ## the simulator beside real processes, 10 minutes of arrivals
	$(BIN)/python -m bench.scaling.validate $(ARGS)

bench-scaling: install ## every scaling policy on the same traffic, simulated; the tables of docs/benchmarks.md
	$(BIN)/python -m bench.scaling.replay $(ARGS)

bench-week: install ## seconds that a simulated week at 100 requests a second takes
	$(BIN)/python -m bench.scaling.week $(ARGS)

bench-operate: install-dev ## the operator's page open for an hour at 50 requests/s: live, flat, at most 2 % of a core
	$(BIN)/python -m bench.operate $(ARGS)

bench-decoder: install ## pictures decoded in processes of their own, beside threads
	$(BIN)/python -m worker.decoder.measure $(ARGS)

bench-refusals: install ## what it costs to refuse: 50 clients at once with addresses that may not be fetched
	$(BIN)/python -m bench.refusals $(ARGS)

bench-flood: install ## a client within its limit, alone and beside one that floods
	$(BIN)/python -m bench.flood $(ARGS)

soak: install ## 10 000 jobs through kills, restarts and faults of every kind: none lost, none answered twice
	$(BIN)/python -m bench.soak $(ARGS)

screenshots: install-dev ## pictures of the pages for the documentation; needs Chromium
	$(BIN)/python -m tests.screenshots
	$(BIN)/python -m tests.operate_screenshots

audit: install-dev ## known holes in what is locked; asks the advisory database of PyPI
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/dev.txt $(ARGS)

clean: ## remove what the commands above made
	rm -rf $(VENV) $(CHECKOV) .classifycloud
