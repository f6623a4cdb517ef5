# The flow as targets; `make help` lists them. Each target installs what it needs in .venv, once.

PYTHON ?= python3
VENV   := .venv
BOARD  ?= arty
PY     := $(VENV)/bin/python

# Only options that were given are passed on; the programs know their own defaults.
design   = $(if $(DESIGN),--design '$(DESIGN)')
sim_args = $(design) \
           $(if $(DATA),--data '$(DATA)') \
           $(if $(TRAIN),--train '$(TRAIN)') \
           $(if $(EPOCHS),--epochs '$(EPOCHS)') \
           $(if $(TEST),--test '$(TEST)') \
           $(if $(filter-out 0,$(WAVES)),--waves)

# One file of tests stays in one process, so that it builds each of its models once.
PYTEST := $(PY) -m pytest -n auto --dist loadfile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help sim verilog synth bench faults mutants formal test test-long lint clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do printf '%-18s %s\n' "  $$name" "$$text"; done
	@echo
	@echo "  make sim [DESIGN=designs/morse.toml] [DATA=file.npz] [TRAIN=n] [EPOCHS=e] [TEST=n] [WAVES=1]"
	@echo "  make synth BOARD=arty|arty-100|ulx3s [DESIGN=designs/morse.toml]"

sim: $(VENV)/installed-sim  ## train in the simulated hardware, compare every bit with the golden model
	@$(PY) -m sim $(sim_args)

verilog: $(VENV)/installed-sim  ## write build/verilog/<design>/top.v and its port list [DESIGN=]
	@$(PY) -m hw $(design)

synth: $(VENV)/installed-sim  ## count a design's cells on a board, check them, name the longest path [BOARD=arty DESIGN=]
	@$(PY) -m boards.synth --board '$(BOARD)' $(design)

bench: $(VENV)/installed-torch  ## measure the speed figures, to build/bench/report.json, morse.json and sparse.json
	@$(PY) -m sim.speed
	@$(PY) -m sw.app.speed_morse
	@OMP_PROC_BIND=true $(PY) -m sw.app.speed_sparse

faults: $(VENV)/installed-sim  ## plant each fault and print what caught it, to build/faults/report.json
	@$(PY) -m tests.faults

mutants: $(VENV)/installed-test  ## change one line of the sources at a time, print which test noticed, to build/mutants/report.json
	@$(PY) -m tests.mutants

formal: $(VENV)/installed-formal  ## prove that no beat is lost and lanes never clash, to build/formal/report.json [LONG=1]
	@$(PY) -m tests.formal $(if $(filter-out 0,$(LONG)),--long)

test: lint  ## lint, then the whole test suite, as CI runs it; prints the time per folder
	@$(PYTEST)

test-long: lint  ## the same with many more random designs and faults
	@$(PYTEST) --long

lint: $(VENV)/installed-test  ## ruff and mypy
	@$(PY) -m ruff check --quiet --output-format concise .
	@$(PY) -m mypy $(wildcard sw hw sim boards)

clean:  ## remove build/ (.venv stays)
	@rm -rf build

# $(call install,what) installs the lock file $<. A virtual environment that an interrupted run left
# without a working pip is made anew; one that works is kept.
define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
    echo "error: Python 3.11 or newer is needed, '$(PYTHON)' is not; name one with 'make ... PYTHON=python3.11'" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "error: '$(PYTHON)' has no venv module; install it (for instance 'apt install python3-venv')" >&2; exit 1; }
@echo "installing $(1) (once, about a minute) ..."
@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
@$(PY) -m pip install -qq --disable-pip-version-check --no-input -r $<
endef

$(VENV)/installed-sim: requirements/sim.txt
	$(call install,the simulation packages)
	@touch $@

$(VENV)/installed-formal: requirements/formal.txt requirements/sim.txt
	$(call install,the simulation and proof packages)
	@touch $(VENV)/installed-sim $@

$(VENV)/installed-torch: requirements/torch.txt requirements/sim.txt
	$(call install,the simulation packages and torch)
	@touch $(VENV)/installed-sim $@

$(VENV)/installed-test: requirements/test.txt requirements/formal.txt requirements/torch.txt requirements/sim.txt
	$(call install,the simulation, proof, torch and test packages)
	@touch $(VENV)/installed-sim $(VENV)/installed-formal $(VENV)/installed-torch $@
