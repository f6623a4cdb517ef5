# The flow as targets; `make help` lists them. Each target installs what it needs in .venv, once.

#:  DESIGN=FILE     the design; of sim, verilog, ip and synth (designs/morse.toml), bitstream and program (the board's)
#:  BOARD=NAME      arty, arty-100, nexys4ddr or ulx3s; of synth (arty), bitstream and program (ulx3s)
#:  DATA=NAME       morse, digits, sklearn:NAME, a file or a folder (docs/data.md); of sim (what the design names)
#:  LABEL=COLUMN    the column of the labels, for tables; of sim
#:  TRAIN=N         the first N training samples; of sim (as many as the design says, all of DATA)
#:  TEST=N          the first N test samples, 0 for none; of sim (likewise)
#:  EPOCHS=N        passes over the training samples; of sim (what the design says, more for smaller DATA)
#:  SEED=N          draws pauses and generated data, of sim; begins place and route, of synth and bitstream (1)
#:  WAVES=1         write the waves of the cocotb bench, FST; of sim; needs zlib1g-dev and liblz4-dev
#:  ROUTE=1         also place and route, for ulx3s; of synth
#:  ESTIMATE=1      stop before place and route; of bitstream
#:  MHZ=F           the clock, at most; of bitstream (the board's)
#:  LONG=1          larger sizes and more faults; of formal
#:  SHORT=1         minutes: only that each experiment runs; of evidence
#:  PYTHON=PROGRAM  the Python that makes .venv, 3.11 or newer; of all (python3)
OPTIONS := DESIGN BOARD DATA LABEL TRAIN TEST EPOCHS SEED WAVES ROUTE ESTIMATE MHZ LONG SHORT PYTHON

override PY := .venv/bin/python

# What an option is comes from make's command line alone, never from the environment. Its value goes to the program
# as it is, whatever characters it has. The programs know their own defaults.
given  = $(filter command,$(origin $(1)))
quoted = '$(subst ','\'',$(1))'
option = $(if $(call given,$(1)),$(2)=$(call quoted,$(value $(1))))
python = $(call quoted,$(if $(call given,PYTHON),$(value PYTHON),python3))

unknown := $(filter-out $(OPTIONS),$(foreach name,$(.VARIABLES),$(if $(call given,$(name)),$(name))))
$(if $(unknown),$(error there is no option $(unknown); the options are $(OPTIONS)))

# Nothing else of the environment reaches a program: other tools leave much in it that would break one.
KEPT := PATH HOME USER LOGNAME TMPDIR TERM CLASHFREE_% OMP_PROC_BIND OPENBLAS_CORETYPE OPENBLAS_L2_SIZE \
        CUDA_VISIBLE_DEVICES \
        %_proxy %_PROXY SSL_CERT_% %_CA_BUNDLE NETRC XDG_CACHE_HOME XDG_CONFIG_HOME \
        PIP_%INDEX_URL PIP_TRUSTED_HOST PIP_%CERT PIP_FIND_LINKS PIP_CACHE_DIR PIP_CONFIG_FILE PIP_%TIMEOUT PIP_RETRIES
unexport $(filter-out $(KEPT),$(.VARIABLES))
export LC_ALL := C
export PYTHONUTF8 := 1

# One file of tests stays in one process, so that it builds each of its models once.
PYTEST := $(PY) -m pytest -n auto --dist loadfile

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help sim verilog ip synth bitstream program bench evidence faults mutants formal test test-long lint clean \
        installed-sim installed-route installed-boards installed-program installed-formal installed-host \
        installed-torch installed-search installed-test

help:  ## list targets and options
	@echo 'Targets:'
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do printf '%-16s %s\n' "$$name" "$$text"; done
	@echo 'Options, as in make sim DESIGN=designs/digits.toml TRAIN=1000:'
	@sed -n 's/^#://p' Makefile

sim: installed-sim  ## train in the simulated hardware, compare every bit with the golden model
	@$(PY) -m sim $(call option,DESIGN,--design) $(call option,DATA,--data) $(call option,LABEL,--label) \
	    $(call option,TRAIN,--train) $(call option,EPOCHS,--epochs) $(call option,TEST,--test) \
	    $(call option,SEED,--seed) $(call option,WAVES,--waves)

verilog: installed-sim  ## write build/verilog/<design>/top.v and its port list
	@$(PY) -m hw $(call option,DESIGN,--design)

ip: installed-sim  ## write the accelerator with AXI ports and a FuseSoC core file to build/ip/<design>/
	@$(PY) -m hw.ip $(call option,DESIGN,--design)

synth: installed-$(if $(call given,ROUTE),route,sim)  ## count a design's cells on a board, check them, estimate the clock
	@$(PY) -m boards.synth $(call option,BOARD,--board) $(call option,DESIGN,--design) $(call option,ROUTE,--route) \
	    $(call option,SEED,--seed)

bitstream: installed-boards  ## make a design with its serial line into a board's bitstream, in build/bitstream/
	@$(PY) -m boards.bitstream $(call option,BOARD,--board) $(call option,DESIGN,--design) $(call option,MHZ,--mhz) \
	    $(call option,SEED,--seed) $(call option,ESTIMATE,--estimate)

program: installed-program  ## load a bitstream into a board
	@$(PY) -m boards.program $(call option,BOARD,--board) $(call option,DESIGN,--design)

bench: installed-search  ## measure the speed figures, and the optimiser, to build/bench/*.json
	@$(PY) -m sim.speed
	@$(PY) -m sw.app.speed_morse
	@$(PY) -m sw.app.cpu
	@OMP_PROC_BIND=true $(PY) -m sw.app.speed_sparse
	@$(PY) -m sw.app.optimisers --quick --out build/bench/optimisers.json

evidence: installed-search  ## run again what docs/ shows of experiments, fail where they differ
	@$(PY) -m sw.experiments evidence $(if $(call given,SHORT),--short) --jobs 2

faults: installed-sim  ## plant each fault and print what caught it, to build/faults/report.json
	@$(PY) -m tests.faults

mutants: installed-test  ## change one line at a time, print which test noticed, to build/mutants/report.json
	@$(PY) -m tests.mutants

formal: installed-formal  ## prove that no beat is lost and lanes never clash, to build/formal/report.json
	@$(PY) -m tests.formal $(call option,LONG,--long)

test: lint  ## lint, then the whole test suite, as CI runs it; prints the time per folder
	@$(PYTEST)

test-long: lint  ## the same with many more random designs and faults
	@$(PYTEST) --long

lint: installed-test  ## ruff and mypy
	@$(PY) -m ruff check --quiet --output-format concise .
	@$(PY) -m mypy $(wildcard sw hw sim boards)

clean:  ## remove build/ (.venv stays)
	@rm -rf build 2>/dev/null || { echo 'error: build cannot be removed: is it of another user?' >&2; exit 2; }

# Quick where all is there; sw/common/install.py does the work, and says in one line what stands in its way.
installed-sim installed-route installed-boards installed-program installed-formal installed-host installed-torch \
installed-search installed-test:
	@$(PY) -m sw.common.install --check $(@:installed-%=%) 2>/dev/null || { \
	    $(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	        printf "error: Python 3.11 or newer is needed, '%s' is not; name one with 'make ... PYTHON=python3.11'\n" \
	            $(python) >&2; exit 2; }; \
	    $(python) -m sw.common.install $(@:installed-%=%); }
