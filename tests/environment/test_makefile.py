"""The Makefile: options come from its command line alone, as they are; nothing else reaches the programs."""

import re

import pytest

from sw.common.process import KEPT, SET
from tests.environment.checkout import ROOT, Checkout

TEXT = (ROOT / "Makefile").read_text()
OPTIONS = re.search(r"^OPTIONS := (.*)", TEXT, re.MULTILINE)[1].split()

# What other tools leave in the environment
FOREIGN = """
    PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONDONTWRITEBYTECODE PYTHONOPTIMIZE PYTHONWARNINGS PYTHONIOENCODING
    PYTHONNOUSERSITE PYTHONUSERBASE PYTHONINSPECT PYTHONSAFEPATH PYTHONBREAKPOINT PYTHONPLATLIBDIR VIRTUAL_ENV
    CONDA_PREFIX PIP_TARGET PIP_USER PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_NO_INDEX PIP_NO_DEPS PIP_DRY_RUN
    PIP_CONSTRAINT PIP_REQUIREMENT PIP_PYTHON MPLBACKEND MATPLOTLIBRC MPLCONFIGDIR COCOTB_TEST_MODULES COCOTB_TOPLEVEL
    COCOTB_TESTCASE GPI_USERS MODULE TOPLEVEL TESTCASE LIBPYTHON_LOC VERILATOR_ROOT VERILATOR_BIN CXX CC CXXFLAGS
    CFLAGS CPPFLAGS LDFLAGS CPATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH GCC_EXEC_PREFIX MAKEFILES BASH_ENV ENV
    CDPATH GREP_OPTIONS PERL5OPT PERL5LIB LANG LANGUAGE LC_MESSAGES OMP_NUM_THREADS OPENBLAS_NUM_THREADS FORCE_COLOR
    PYTEST_ADDOPTS RUFF_CONFIG MYPYPATH SOURCE_DATE_EPOCH GUI VENV PY SIMULATOR
""".split()
NEEDED = """
    http_proxy HTTPS_PROXY no_proxy PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_CERT PIP_CACHE_DIR
    PIP_DEFAULT_TIMEOUT SSL_CERT_FILE REQUESTS_CA_BUNDLE TMPDIR CLASHFREE_MNIST CLASHFREE_VERILATOR USER
""".split()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout.at(tmp_path_factory.mktemp("checkout") / "here").telling()


def test_the_environment_of_programs(checkout):
    env = dict.fromkeys([*FOREIGN, *OPTIONS], "no") | dict.fromkeys(NEEDED, "yes") | {"LC_ALL": "tlh_KL"}
    arguments, found = checkout.told("sim", env=env | {"MAKEFILES": ""})
    assert arguments == ["-m", "sim"]
    assert {name for name, value in found.items() if value == "no"} == set()
    assert [name for name in NEEDED if found.get(name) != "yes"] == []
    assert {name: found[name] for name in SET} == SET


def test_make_and_python_keep_the_same():
    (kept,) = re.findall(r"^KEPT := ((?:.*\\\n)*.*)", TEXT, re.MULTILINE)
    assert sorted(kept.replace("\\", "").replace("%", "*").split()) == sorted(KEPT)
    assert dict(re.findall(r"^export (\w+) := (.*)", TEXT, re.MULTILINE)) == SET


def test_options_of_the_environment_are_none(checkout):
    for words in (["sim"], ["-e", "sim"]):
        assert checkout.told(*words, env=dict.fromkeys(OPTIONS, "1"))[0] == ["-m", "sim"]


@pytest.mark.parametrize(("words", "arguments"), [
    (["sim"], ["-m", "sim"]),
    (["sim", "DESIGN=a.toml", "DATA=digits", "TRAIN=1", "EPOCHS=2", "TEST=0", "SEED=3", "WAVES=0"],
     ["-m", "sim", "--design=a.toml", "--data=digits", "--train=1", "--epochs=2", "--test=0", "--seed=3", "--waves=0"]),
    (["sim", "EPOCHS=-1", "SEED="], ["-m", "sim", "--epochs=-1", "--seed="]),
    (["verilog", "DESIGN=x"], ["-m", "hw", "--design=x"]),
    (["synth", "BOARD=y", "DESIGN=x"], ["-m", "boards.synth", "--board=y", "--design=x"]),
    (["synth", "BOARD=ulx3s", "ROUTE=1", "SEED=2"], ["-m", "boards.synth", "--board=ulx3s", "--route=1", "--seed=2"]),
    (["ip", "DESIGN=x"], ["-m", "hw.ip", "--design=x"]),
    (["bitstream", "BOARD=y", "DESIGN=x", "MHZ=5", "SEED=2", "ESTIMATE=1"],
     ["-m", "boards.bitstream", "--board=y", "--design=x", "--mhz=5", "--seed=2", "--estimate=1"]),
    (["program", "BOARD=y", "DESIGN=x"], ["-m", "boards.program", "--board=y", "--design=x"]),
    (["formal", "LONG=1"], ["-m", "tests.formal", "--long=1"]),
    (["faults"], ["-m", "tests.faults"]),
], ids=lambda words: " ".join(words))
def test_options_of_the_command_line(checkout, words, arguments):
    assert checkout.told(*words)[0] == arguments


@pytest.mark.parametrize("name", [
    "a b.npz", "it's", 'say "x"', "$HOME", "$(x)", "${x}", "$$", "a#b", "a:b", "100%", "back\\slash", "å/ß/名.npz", "*",
    "~", "a;b", "a&b", "a|b", "`id`", "(a)", "-x", "a,b", "a=b", "!x", "<a>",
])
def test_names_of_files_may_have_any_characters(checkout, name):
    arguments, _ = checkout.told("sim", f"DATA={name}", f"DESIGN={name}")
    assert arguments == ["-m", "sim", f"--design={name}", f"--data={name}"]


@pytest.mark.parametrize("flags", ["-j4", "-k", "k", "s", "-j -k", "B", "w"])
def test_flags_of_a_make_outside(checkout, flags):
    assert checkout.told("sim", "TRAIN=5", env={"MAKEFLAGS": flags, "MAKELEVEL": "2"})[0] == ["-m", "sim", "--train=5"]


def test_a_dry_run_runs_nothing(checkout):
    status, out, err = checkout.make("-n", "sim")
    assert (status, err) == (0, [])
    assert "\n.venv/bin/python -m sim " in out
    assert not out.startswith("[")


def test_from_another_folder(checkout, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit(9)")
    assert checkout.told("-C", str(checkout.folder), "verilog", cwd=tmp_path)[0] == ["-m", "hw"]


def test_a_misspelt_option_is_one_line(checkout):
    status, out, err = checkout.make("sim", "TRIAN=5", "MODULE=x")
    names = " ".join(OPTIONS)
    assert (status, out) == (2, "")
    assert len(err) == 1
    assert re.fullmatch(rf"Makefile:\d+: \*\*\* there is no option (TRIAN MODULE|MODULE TRIAN); the options are {names}"
                        r"\.  Stop\.", err[0])


def test_help_has_every_target_and_option(checkout):
    status, out, err = checkout.make()
    assert (status, err) == (0, [])
    targets = re.findall(r"^([a-z-]+):", TEXT, re.MULTILINE)
    for target in targets:
        assert target.startswith("installed-") or re.search(rf"^  make {target} +\S", out, re.MULTILINE), target
    assert len(targets) == 16
    assert re.findall(r"^  ([A-Z]+)=", out, re.MULTILINE) == OPTIONS
    assert checkout.make("help") == (0, out, [])


def test_clean(checkout):
    (checkout.folder / "build" / "deep").mkdir(parents=True)
    assert checkout.make("clean") == (0, "", [])
    assert not (checkout.folder / "build").exists()
    assert checkout.make("clean") == (0, "", [])
