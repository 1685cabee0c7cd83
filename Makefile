# Everything a newcomer types. Each target brings what it needs; nothing but Python 3.11+ and make must be there.
PYTHON ?= python3
BIN := .venv/bin
SEEDS ?= 500
DAYS ?= 1
EVENINGS ?= 500
MINUTES ?= 5
# Debian keeps daemons where an ordinary user's PATH does not look.
export PATH := $(PATH):/usr/sbin:/sbin
# Generated things stand beside their sources, so find them by what changed.
PAGE_SOURCES := hatch_build.py $(shell find edge/pages cloud/pages protocol/pages protocol/schema/typescript \
	-type f -not -path '*/node_modules/*' 2>/dev/null) package.json package-lock.json tsconfig.json

.PHONY: demo test test-install nightly bundle check format schema pages bench sim chaos evenings screenshots clean venv
.DELETE_ON_ERROR:

demo: venv pages
	$(BIN)/holdfast-edge demo

# Hundreds of these tests start real processes at once. What fails in the crowd is tried once more by itself,
# and only counts as passed if it passes there; both runs are printed.
test: venv pages
	.ci/packages chromium mosquitto faketime
	$(BIN)/python hatch_build.py test
	$(BIN)/pytest -n auto --dist loadgroup || $(BIN)/pytest --last-failed

# Builds the release and gathers what a box needs to be installed without the internet.
bundle: venv pages
	@test -n "$(PROFILE)" || { echo "Name the box's profile: make bundle PROFILE=box.toml (docs/install.md)"; exit 2; }
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	$(BIN)/holdfast-provision bundle $(PROFILE) bundle --wheel dist/holdfast-*.whl

# Lays boxes down in throw-away Debian systems and boots them, builds and runs the cloud's containers, and has a
# real Prometheus watch; needs root and some minutes.
test-install: venv pages
	.ci/packages mmdebstrap shellcheck systemd-nspawn prometheus \
		podman podman-compose runc netavark aardvark-dns iptables
	$(BIN)/pytest --timeout=900 tests/install

# The same proofs, dug deeper for some hours: thousands of histories, a thousand examples each, an hour's storm.
nightly: SEEDS = 10000
nightly: MINUTES = 60
nightly: venv pages
	.ci/packages mosquitto faketime
	SEEDS=$(SEEDS) DAYS=$(DAYS) MINUTES=$(MINUTES) .ci/nightly

check: venv node_modules/.package-lock.json
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m protocol.schema --check
	$(BIN)/python hatch_build.py check

format: venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: venv
	$(BIN)/python -m protocol.schema

bench: venv pages
	$(BIN)/python -m tests.bench

# Venue-days in virtual time with everything that can go wrong; docs/proof.md tells what it proves. SEED=n plays one
# of them again, TRACE=1 step by step; OPTIONS are passed on.
sim: venv
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED) $(if $(TRACE),--trace),--seeds $(SEEDS)) \
		--days $(DAYS) $(OPTIONS)

# The demo as real processes, under load and a storm of kills, cuts and full disks; ends with a report in chaos/.
chaos: venv pages
	.ci/packages mosquitto
	$(BIN)/python -m tests.chaos --minutes $(MINUTES) $(OPTIONS)

# Random evenings through the real writer: kills, restarts and full disks beside a venue in memory.
evenings: venv
	EVENINGS=$(EVENINGS) $(BIN)/pytest --timeout=0 tests/integration/journal/test_any_evening.py

screenshots: venv pages
	.ci/packages chromium mosquitto faketime
	$(BIN)/python -m tests.browser.screenshots

pages: edge/web/static/.stamp

edge/web/static/.stamp: $(PAGE_SOURCES) | venv
	$(BIN)/python hatch_build.py build
	touch $@

node_modules/.package-lock.json: package-lock.json | venv
	$(BIN)/python -c 'import hatch_build; hatch_build.install_packages()'

venv: .venv/.stamp

.venv/.stamp: pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Holdfast needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ...' >&2; exit 1; }
	PYTHON=$(PYTHON) .ci/packages venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[edge,cloud,agent,test]'
	touch $@

clean:
	rm -rf .venv node_modules edge/web/static cloud/owners/static dist build
