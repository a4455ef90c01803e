# make demo: everything up to results. make test: everything up to a green test suite.
SWIFT_BUILD := swift build -c release
BINARY := .build/release/sonarsweep
VENV := .venv
PEERS := .venv-peers
TRAINING := models/sonar-mini/train
PREFIX ?= /usr/local
# Tests leave nothing in the user's own cache.
TEST_CACHE := SONARSWEEP_CACHE=$(CURDIR)/.build/test-cache

APT := libzmq3-dev libmsgpack-dev libdnnl-dev libsentencepiece-dev libopenblas-dev liblapacke-dev libsqlite3-dev \
  pkg-config
APT_VENV := $(if $(shell python3 -c "import ensurepip, venv" 2>/dev/null && echo yes),,python3-venv)
# iproute2 cuts a network in a namespace; chromium shows reports; prometheus scrapes a fleet (run from the tests: the
# service of that name need not run); in tmux and the shells the tests type as people do. A Slurm cluster is started by the
# tests too; systemd's own analysis reads the units, strace and readelf what they need.
APT_TEST := iproute2 tmux bash-completion zsh fish chromium fonts-dejavu-core prometheus prometheus-alertmanager slurmctld \
  slurmd slurm-client munge systemd strace binutils openssl
APT_PEERS := libsndfile1
SUDO := $(if $(filter 0,$(shell id -u)),,sudo -n)

.PHONY: deps deps-test deps-peers deps-model build demo test test-swift test-conformance test-chaos test-service test-deploy \
  test-mechanisms soak docs fixtures conformance-full benchmark bench-engine bench-peers bench-service model model-check \
  format lint install clean

# $(call install_packages,packages): those that are missing, or word for word what to type.
define install_packages
	@missing=""; for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q "ok installed" || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  { $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } || \
	  { echo "Could not install packages here. Ask an administrator for:"; \
	    echo "  sudo apt-get update && sudo apt-get install$$missing"; exit 1; }; \
	fi
endef

deps:
	@command -v swift >/dev/null || { echo "Swift 6.1 or newer is needed: https://www.swift.org/install"; exit 1; }
	$(call install_packages,$(APT))

deps-test: deps
	$(call install_packages,$(APT_TEST) $(APT_VENV))
	@test -x $(VENV)/bin/python || python3 -m venv $(VENV)
	@$(VENV)/bin/pip install -q --disable-pip-version-check -r Tests/Conformance/requirements.txt
	@$(VENV)/bin/pip install -q --disable-pip-version-check --no-deps -r Tests/Deploy/requirements.txt

# The official SONAR stack, transformers and CTranslate2: 5.4 GB, wanted only by the targets that say so.
deps-peers:
	$(call install_packages,$(APT_PEERS) $(APT_VENV))
	@test -x $(PEERS)/bin/python || python3 -m venv $(PEERS)
	@$(PEERS)/bin/pip install -q --disable-pip-version-check -r Benchmarks/Peers/requirements.txt

build: deps
	$(SWIFT_BUILD) --product sonarsweep

demo: build
	$(BINARY) run jobs/position.yaml
	$(BINARY) run jobs/language.yaml
	@echo
	@$(BINARY) results list
	@echo "Open them with xarray: README.md, 'Results'."

test: deps-test test-swift test-conformance test-service test-deploy test-chaos

# The fast tests of every module, then the ones with real processes.
test-swift: deps
	$(SWIFT_BUILD) --build-tests
	$(TEST_CACHE) swift test -c release --skip-build --skip FleetTests
	$(TEST_CACHE) swift test -c release --skip-build --filter FleetTests
	@# The kernels of processors without AVX-512 sum in another order.
	ONEDNN_MAX_CPU_ISA=AVX2 $(TEST_CACHE) swift test -c release --skip-build \
	  --filter 'OperatorTests|BatchInvarianceTests|StateTests|PackedFileTests'

# Python reads the stores, speaks the protocol and drives the command line.
test-conformance: deps-test
	$(SWIFT_BUILD) --product sonarsweep
	$(TEST_CACHE) $(VENV)/bin/python -m pytest -q Tests/Conformance

# On demand: takes out what keeps each promise and sees that its test fails, in a clone of what is committed.
test-mechanisms: deps-test
	rm -rf .build/mechanisms && git clone -q . .build/mechanisms
	PYTHON=$(CURDIR)/$(VENV)/bin/python python3 .build/mechanisms/Tests/mechanisms.py

# The fleet as a service, over HTTP: what people, browsers and Prometheus see of it.
test-service: deps-test
	$(SWIFT_BUILD) --product sonarsweep
	$(TEST_CACHE) $(VENV)/bin/python -m pytest -q Tests/Service

# What deploy/ says: on a real Slurm, by systemd's and Kubernetes' own tools, and between two hosts.
test-deploy: deps-test
	$(SWIFT_BUILD) --product sonarsweep
	$(TEST_CACHE) $(VENV)/bin/python -m pytest -q Tests/Deploy

# Real processes that are killed, stopped and cut off.
test-chaos: deps-test
	$(SWIFT_BUILD) --product sonarsweep
	$(TEST_CACHE) $(VENV)/bin/python -m pytest -q Tests/Chaos

# On demand: the same at random, and for longer. SEED=7 repeats an order of events.
SECONDS ?= 600
soak: deps-test build
	$(TEST_CACHE) PYTHONPATH=Tests/Conformance $(VENV)/bin/python Tests/Chaos/soak.py --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# On demand: writes Tests/Fixtures/reference anew from the official SONAR modules and proves its forms to be one model.
fixtures: deps-peers
	OMP_NUM_THREADS=1 $(PEERS)/bin/python Tests/Conformance/reference/make_fixtures.py
	OMP_NUM_THREADS=1 $(PEERS)/bin/python -m pytest -q Tests/Conformance/reference

# On demand: the program and the official modules on a random model of full size. 20 GB of disk in .full/, which is kept
# and made only once; 8 GB of memory.
conformance-full: build deps-peers
	@test -s .full/expected.json || OMP_NUM_THREADS=1 $(PEERS)/bin/python Tests/Conformance/reference/full.py .full
	$(PEERS)/bin/python Tests/Conformance/reference/compare_full.py .full

# What the fleet costs around the model.
benchmark: build
	$(SWIFT_BUILD) --product dispatch-benchmark
	.build/release/dispatch-benchmark

# The HTTP interface while a fleet works: 500 jobs queued, 50 clients watching, 2 workers.
bench-service: deps-test build
	$(TEST_CACHE) $(VENV)/bin/python Benchmarks/Service/bench_service.py

# The engine on the embedded model and on one of SONAR's full size with random weights. 16 GB of disk in .full/.
bench-engine: build .full/random
	$(BINARY) bench
	$(BINARY) bench --accuracy
	$(BINARY) bench --model ./.full/random

# The official SONAR modules and CTranslate2 beside it, in turn: half an hour, 10 GB of memory, 27 GB of disk.
bench-peers: build deps-peers .full/random
	$(PEERS)/bin/python Benchmarks/Peers/bench_peers.py

.full/random: | build
	$(SWIFT_BUILD) --product random-model
	mkdir -p .full
	.build/release/random-model --output $@

# What is pinned there is what the official SONAR stack has, which makes the golden values.
deps-model: deps-peers
	@$(PEERS)/bin/pip install -q --disable-pip-version-check -r $(TRAINING)/requirements.txt

# On demand: makes the embedded model anew in $(TRAINING)/work/out, or goes on where an earlier run stopped. Hours on a
# CPU. models/sonar-mini itself is not touched.
model: deps-model
	$(PEERS)/bin/python $(TRAINING)/make_model.py
	OMP_NUM_THREADS=1 $(PEERS)/bin/python $(TRAINING)/golden.py $(TRAINING)/work/out

# The same on a small corpus and for a few steps, with checks, in a minute or two.
model-check: deps-model
	$(PEERS)/bin/python $(TRAINING)/selfcheck.py

# The modules' documentation, from their sources, in .build/documentation; fails where a link leads nowhere.
docs: build
	scripts/documentation.sh

format:
	swift format format --in-place --recursive Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict --recursive Sources Tests Benchmarks Package.swift

# $(call install_completions,shell,file where that shell looks for a command's completions)
define install_completions
	mkdir -p $(dir $(DESTDIR)$(PREFIX)/share/$(2))
	$(BINARY) --generate-completion-script $(1) >$(DESTDIR)$(PREFIX)/share/$(2)
endef

install: build
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/sonarsweep
	mkdir -p $(DESTDIR)$(PREFIX)/share/sonarsweep
	tar -c --exclude=train models | tar -x -C $(DESTDIR)$(PREFIX)/share/sonarsweep
	$(call install_completions,bash,bash-completion/completions/sonarsweep)
	$(call install_completions,zsh,zsh/site-functions/_sonarsweep)
	$(call install_completions,fish,fish/vendor_completions.d/sonarsweep.fish)

clean:
	rm -rf .build $(VENV)
