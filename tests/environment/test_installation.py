"""Installing: once, alone, resumed, and each thing that stands in its way in one line. venv and pip are stand-ins."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.environment.checkout import PYTHON, ROOT, Checkout

INSTALL = "install -q --disable-pip-version-check --no-input --no-user -r requirements/sim.txt"
TELLING = "installing the simulation packages (once, about a minute) ...\n"


@pytest.fixture
def checkout(tmp_path):
    return Checkout.at(tmp_path / "here")


def error(checkout, *words, env=None):
    """The one line of an installation that fails; it has left nothing that counts as installed."""
    status, _, lines = checkout.make(*(words or ("installed-sim",)), env=env)
    assert (status, len(lines)) == (2, 1), lines
    assert not list(checkout.folder.glob(".venv/installed-*"))
    return lines[0]


def test_once(checkout):
    assert checkout.make("installed-sim") == (0, TELLING, [])
    assert checkout.pip_calls() == [INSTALL]
    assert checkout.make("installed-sim") == (0, "", [])
    assert checkout.make("-j4", "installed-sim", "installed-formal", env={"PYTHON": "/no"})[0] == 0
    assert checkout.pip_calls() == [INSTALL, INSTALL.replace("sim", "formal")]
    assert checkout.make("installed-sim") == (0, "", [])


def test_what_includes_the_others_counts_for_them(checkout):
    assert checkout.make("installed-test")[0] == 0
    assert checkout.make("installed-sim", "installed-formal", "installed-torch", "installed-search") == (0, "", [])


def test_another_lock_file_is_installed_again(checkout):
    checkout.make("installed-formal")
    (checkout.folder / "requirements" / "sim.txt").write_text("# newer\n")
    for _ in range(2):
        assert checkout.make("installed-formal")[0] == 0
    assert len(checkout.pip_calls()) == 2


@pytest.mark.parametrize("broken", ["gone", "another version", "no pip", "no link's end", "a file", "empty"])
def test_an_environment_whose_python_is_gone_is_made_anew(checkout, broken):
    checkout.make("installed-sim")
    venv = checkout.folder / ".venv"
    python = venv / "bin" / "python"
    (venv / "old").touch()
    if broken == "gone":
        python.unlink()
    elif broken == "another version":
        python.write_text("#!/bin/sh\ncase $* in *version_info*) echo '(3, 99)'; exit 0; esac\nexit 1\n")
    elif broken == "no pip":
        python.write_text(f"#!/bin/sh\ncase $* in '-m pip'*) exit 1; esac\nexec {sys.executable} $*\n")
        (venv / "installed-sim").unlink()
    elif broken == "no link's end":
        python.unlink()
        python.symlink_to("/nothing/python3.10")
    else:
        shutil.rmtree(venv)
        venv.touch() if broken == "a file" else venv.mkdir()
    assert checkout.make("installed-sim") == (0, TELLING, [])
    assert not (venv / "old").exists()
    assert checkout.make("installed-sim") == (0, "", [])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_installation_that_is_stopped(checkout, number, status):
    (checkout.folder / "pip").write_text("echo $$ > pip.pid; sleep 60\n")
    with subprocess.Popen([sys.executable, "-m", "sw.common.install", "sim"], cwd=checkout.folder, text=True,
                          stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        pip = wait_for(checkout.folder / "pip.pid")
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (status, "stopped\n")
    assert not alive(pip)
    (checkout.folder / ".venv" / "half").touch()
    (checkout.folder / "pip").write_text("exit 0\n")
    assert checkout.make("installed-sim") == (0, TELLING, [])
    assert not (checkout.folder / ".venv" / "half").exists()


def test_killed_outright(checkout):
    (checkout.folder / "pip").write_text("echo $$ > pip.pid; exec sleep 60\n")
    with subprocess.Popen([sys.executable, "-m", "sw.common.install", "sim"], cwd=checkout.folder) as process:
        pip = wait_for(checkout.folder / "pip.pid")
        process.kill()
    os.kill(pip, signal.SIGKILL)
    (checkout.folder / ".venv" / "half").touch()
    (checkout.folder / "pip").write_text("exit 0\n")
    assert checkout.make("installed-sim")[0] == 0
    assert not (checkout.folder / ".venv" / "half").exists()


def test_ctrl_c_at_make(checkout):
    (checkout.folder / "pip").write_text("echo $$ > pip.pid; sleep 60\n")
    with checkout.start("installed-sim") as process:
        pip = wait_for(checkout.folder / "pip.pid")
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode in (130, 2, -signal.SIGINT)
    assert [line for line in said.splitlines() if not line.startswith("make: ")] == ["stopped"]
    assert not alive(pip)


def test_two_at_once(checkout):
    (checkout.folder / "pip").write_text("mkdir busy || echo twice >> pip.called; sleep 1; rmdir busy\n")
    with checkout.start("installed-sim") as first, checkout.start("installed-sim") as second:
        said = [process.communicate(timeout=60) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sorted(err for _, err in said) == ["", "waiting for another installation here ...\n"]
    assert checkout.pip_calls() == [INSTALL]


NO_NETWORK = (
    "error: the packages must come from the network, which pip cannot reach (NewConnectionError); behind a proxy set "
    "https_proxy, for a mirror PIP_INDEX_URL (log: .venv/pip.log)"
)


def test_without_a_network(checkout):
    checkout.make("installed-sim")
    (checkout.folder / "pip").write_text(
        "echo \"WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('...')'\"\n"
        "echo 'ERROR: No matching distribution found for click==8.5.1'\nexit 1\n")
    status, _, lines = checkout.make("installed-formal")
    assert (status, lines) == (2, [NO_NETWORK])
    assert checkout.make("installed-sim") == (0, "", [])  # as before


@pytest.mark.parametrize(("said", "reason"), [
    ("echo 'ERROR: No matching distribution found for amaranth==9'; exit 1",
     "pip ended with status 1: No matching distribution found for amaranth==9"),
    ("echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'; exit 1",
     "pip ended with status 1: Could not install packages due to an OSError: [Errno 28] No space left on device"),
    ("echo 'Segmentation fault' >&2; exit 139", "pip ended with status 139: Segmentation fault"),
    ("exit 3", "pip ended with status 3: it said nothing"),
])
def test_other_failures_of_pip(checkout, said, reason):
    (checkout.folder / "pip").write_text(f"{said}\n")
    assert error(checkout) == f"error: {reason} (log: .venv/pip.log)"


def test_a_venv_that_fails(checkout):
    (checkout.folder / "venv.py").write_text("import sys; print('no room'); sys.exit(1)")
    assert error(checkout) == f"error: '{PYTHON} -m venv .venv' ended with status 1: no room"


def test_a_python_without_venv(checkout):
    (checkout.folder / "ensurepip.py").write_text("raise ImportError")
    assert error(checkout) == (
        f"error: '{PYTHON}' has no venv module; install it (for instance 'apt install python3-venv')"
    )


@pytest.mark.parametrize("script", [None, "exit 1", "echo no >&2; exit 127"])
def test_a_python_that_is_none(checkout, tmp_path, script):
    program = tmp_path / "python 2'7"
    if script:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    assert error(checkout, "installed-sim", f"PYTHON={program}") == (
        f"error: Python 3.11 or newer is needed, '{program}' is not; name one with 'make ... PYTHON=python3.11'"
    )


def test_another_python_is_named_on_the_command_line_only(checkout, tmp_path):
    program = tmp_path / "my python"
    program.write_text(f"#!/bin/sh\ntouch {checkout.folder}/used\nexec {sys.executable} \"$@\"\n")
    program.chmod(0o755)
    assert checkout.make("installed-sim", f"PYTHON={program}", env={"PYTHON": "/no"})[0] == 0
    assert (checkout.folder / "used").exists()


@pytest.mark.parametrize("build", ["a file", "a link to nowhere", "full", "of another user"])
def test_a_build_folder_that_cannot_be_written_to(checkout, build):
    path = checkout.folder / "build"
    if build == "a file":
        path.touch()
        assert error(checkout) == "error: build: the folder cannot be made: a file is in its place"
    elif build == "a link to nowhere":
        path.symlink_to("/proc/nowhere")
        assert error(checkout) == "error: build: the folder cannot be made: a file is in its place"
    elif build == "full":
        path.symlink_to("/proc/self/fd")  # takes no new files
        assert error(checkout).startswith("error: build: cannot be written to: ")
    elif os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    else:
        path.mkdir(mode=0o555)
        assert error(checkout) == "error: build: cannot be written to: Permission denied"
    assert not (checkout.folder / ".venv").exists()


@pytest.mark.parametrize("name", [
    "a b", "it's", 'say "x"', "$HOME", "a#b", "a:b", "100%", "back\\slash", "a,b", "a=b", "~x", "größe", "a+b", "a@b",
])
def test_a_path_that_tools_cannot_use_is_refused_at_once(tmp_path, name):
    checkout = Checkout.at(tmp_path / name)
    bad = next(character for character in name if not re.match(r"[a-zA-Z0-9]", character))
    what = "a space" if bad == " " else f"the character {bad!r}"
    begun = time.monotonic()
    assert error(checkout) == (
        f"error: the path of the checkout must have only letters of A-Z and a-z, digits and ._-, as make and Verilator "
        f"trip over others; it has {what}: move '{checkout.folder}' elsewhere"
    )
    assert time.monotonic() - begun < 5  # a second on an idle machine
    assert {path.name for path in checkout.folder.iterdir()} == {"Makefile", "pip", "requirements", "sw", "venv.py"}
    assert checkout.make("help")[0] == 0


@pytest.mark.parametrize("name", ["plain", "A-b_1.2"])
def test_other_paths_are_not_refused(tmp_path, name):
    assert Checkout.at(tmp_path / name).make("installed-sim") == (0, TELLING, [])


@pytest.mark.slow
def test_a_real_environment(checkout):
    """Real venv and pip, with nothing to fetch; foreign settings of both are in the way."""
    for name in ("venv.py", "pip"):
        (checkout.folder / name).unlink()
    foreign = {"PIP_TARGET": "/no", "PIP_USER": "1", "PIP_PREFIX": "/no", "PYTHONHOME": "/no", "PYTHONPATH": str(ROOT)}
    assert checkout.make("installed-test", env=foreign)[0] == 0
    assert checkout.make("installed-sim", env=foreign) == (0, "", [])
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    assert checkout.make("installed-sim", env=foreign) == (0, TELLING, [])


def wait_for(path) -> int:
    """The process whose number a file holds, once it does."""
    until = time.monotonic() + 30
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.02)
    return int(path.read_text())


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
