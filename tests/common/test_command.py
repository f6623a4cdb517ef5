"""How commands begin and end: one line for what its user can mend, whatever the surroundings are like."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from sw.common.command import MISSING, Options, command, ending
from sw.common.errors import UserError
from sw.common.process import KEPT, SET, Stopped, environment

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def allocation() -> MemoryError:
    with pytest.raises(MemoryError) as caught:
        np.zeros(1 << 60, np.uint8)
    return caught.value


@pytest.mark.parametrize(("error", "status", "text"), [
    (UserError("x must be 1, got 2"), 2, "error: x must be 1, got 2"),
    (UserError("it failed", detail="line 1\nline 2"), 2, "error: it failed\nline 1\nline 2"),
    (KeyboardInterrupt(), 130, "stopped"),
    (Stopped(), 130, "stopped"),
    (Stopped(signal.SIGTERM), 143, "stopped"),
    (ModuleNotFoundError("no", name="torch.nn"), 2, f"error: {MISSING['torch']}"),
    (MemoryError(), 2, "error: not enough memory"),
    (allocation(), 2, ("error: not enough memory: Unable to allocate 1.00 EiB for an array with shape "
                       "(1152921504606846976,) and data type uint8")),
    (RuntimeError("DefaultCPUAllocator:\n can't allocate memory: 9 bytes"), 2,
     "error: not enough memory: DefaultCPUAllocator: can't allocate memory: 9 bytes"),
    (BrokenProcessPool("x"), 2, "error: a process died, perhaps for want of memory; fewer at a time need less"),
    (UnicodeEncodeError("utf-8", "a\udcff", 1, 2, "no"), 2, "error: '\\udcff' cannot be written in utf-8"),
    (OSError(errno.ENOSPC, "No space left on device", "build/x"), 2, "error: build/x: No space left on device"),
    (OSError(errno.EROFS, "Read-only file system"), 2, "error: Read-only file system"),
    (FileNotFoundError(errno.ENOENT, "No such file or directory", "g++"), 2, "error: g++: No such file or directory"),
    (PermissionError(errno.EACCES, "Permission denied", b"bytes"), 2, "error: bytes: Permission denied"),
    (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
])
def test_endings(error, status, text, capsys):
    assert ending(error) == (status, text)

    @command
    def main(arguments):
        raise error

    assert main([]) == status
    assert capsys.readouterr().err == (text + "\n" if text else "")


@pytest.mark.parametrize("error", [ValueError("x"), ModuleNotFoundError("x", name="numpy"), RuntimeError("x"),
                                   AssertionError(), OSError("without a number")])
def test_faults_of_the_program_pass(error):
    @command
    def main(arguments):
        raise error

    assert ending(error) is None
    with pytest.raises(type(error)) as caught:
        main([])
    assert caught.value is error


def test_status_and_another_word_for_stopped(capsys):
    assert command(lambda arguments: None)([]) == 0
    assert command(lambda arguments: 7)([]) == 7

    def main(arguments):
        raise KeyboardInterrupt

    assert command(main, stopped="it goes on")([]) == 130
    assert capsys.readouterr().err == "it goes on\n"


def test_options_complain_in_one_line():
    parser = Options(prog="x")
    parser.add_argument("--n", type=int)
    with pytest.raises(UserError) as caught:
        parser.parse_args(["--n", "abc"])
    assert str(caught.value) == "argument --n: invalid int value: 'abc'"


def test_the_environment_of_tools(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PATH": "a", "PYTHONPATH": "b", "LANG": "c", "MAKEFLAGS": "d", "LC_ALL": "e",
                                        "https_proxy": "f", "CLASHFREE_X": "g", "XPATH": "h"})
    assert environment() == {"PATH": "a", "https_proxy": "f", "CLASHFREE_X": "g"} | SET
    assert not [name for name in KEPT if name.startswith(("PYTHON", "LD_", "COCOTB"))]


# Commands as processes of their own, in a package that is made for it: the package begins as ours do.

PACKAGE = "from sw.common import process  # noqa: F401\n"
MAIN = """\
import sys, os, time
from sw.common.command import command

@command
def main(arguments):
    {body}

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def start(tmp_path):
    """A function: the process of a command whose main has this body, or that imports this first."""
    running = []

    def begin(body="pass", first="", **how):
        (tmp_path / "ours").mkdir(exist_ok=True)
        (tmp_path / "ours" / "__init__.py").write_text(PACKAGE)
        (tmp_path / "ours" / "__main__.py").write_text(first + "\n" + MAIN.format(body=body))
        (tmp_path / "sw").symlink_to(os.path.join(ROOT, "sw"))
        words = how.pop("words", [])
        pipe = subprocess.PIPE
        running.append(subprocess.Popen([sys.executable, *words, "-m", "ours"],
                                        **{"cwd": tmp_path, "stdout": pipe, "stderr": pipe, "text": True} | how))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def test_python_begins_again_in_a_clean_environment(start, tmp_path):
    (tmp_path / "foreign" / "numpy").mkdir(parents=True)
    (tmp_path / "foreign" / "numpy" / "__init__.py").write_text("raise RuntimeError('foreign')")
    env = dict(os.environ) | {
        "PYTHONPATH": str(tmp_path / "foreign"), "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "ascii",
        "PYTHONOPTIMIZE": "2", "MPLBACKEND": "none", "LD_LIBRARY_PATH": "/no", "COCOTB_TESTCASE": "x", "LANG": "C",
    }
    body = ("import json; print(json.dumps([dict(os.environ), sys.flags.optimize, sys.warnoptions, sys.path, "
            "sys.stdout.encoding, sys.argv[1:], numpy.__name__]))")
    out, err = start(body, "import numpy", env=env).communicate(timeout=60)
    assert err == ""
    found, optimize, warn, path, encoding, arguments, name = json.loads(out)
    assert (optimize, warn, encoding, arguments, name) == (0, [], "utf-8", [], "numpy")
    assert str(tmp_path / "foreign") not in path
    kept = [re.escape(pattern).replace(r"\*", ".*") for pattern in KEPT]
    extra = {one for one in found if not any(re.fullmatch(pattern, one) for pattern in kept)}
    assert extra - {"PWD", "OLDPWD", "SHLVL", "_"} == set(SET)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("when", ["main", "import", "tidying up"])
def test_a_signal_stops_it(start, number, status, when):
    body, first = {
        "main": ("print('on', flush=True); time.sleep(60)", ""),
        "import": ("pass", "from sw.common import command\nprint('on', flush=True)\nimport time; time.sleep(60)"),
        "tidying up": (f"""
    try:
        print('on', flush=True); time.sleep(60)
    finally:
        os.kill(os.getpid(), {int(number)}); time.sleep(0.1); print('tidy', flush=True)""", ""),
    }[when]
    process = start(body, first)
    assert process.stdout.readline() == "on\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (status, "tidy\n" if when == "tidying up" else "", "stopped\n")


def test_an_ignored_signal_stays_ignored(start):
    process = start("print('on', flush=True); time.sleep(0.3); print('done')",
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("done\n", "")
    assert process.returncode == 0


LONG = "\n    for n in range(100000): print('é', n)"


@pytest.mark.parametrize("body", ["print('é')", LONG, "print('é', flush=True)"], ids=["end", "long", "flushed"])
def test_output_on_a_full_disk(start, body):
    with open("/dev/full", "w") as full:
        process = start(body, stdout=full)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (2, "error: No space left on device\n")


def test_all_output_on_a_full_disk(start):
    with open("/dev/full", "w") as full:
        process = start(LONG, stdout=full, stderr=full)
        process.communicate(timeout=30)
    assert process.returncode == 2


def test_a_reader_that_leaves(start):
    process = start(LONG)
    assert process.stdout.readline() == "é 0\n"
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_closed_streams(start, tmp_path, closed):
    body = "print('é'); sys.stderr.write('x'); open('made', 'w').write(str(sys.stderr.isatty()))"
    # a file that took the place of a closed stream would get its output
    process = start(body, preexec_fn=lambda: [os.close(number) for number in closed])
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert (out, err) == ("" if 1 in closed else "é\n", "" if 2 in closed else "x")
    assert (tmp_path / "made").read_text() == "False"


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1", "nothing"])
def test_output_in_any_locale(start, locale):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    process = start("print('±×名'); print('±×名', file=sys.stderr)", env=env | {"LC_ALL": locale, "LANG": locale})
    assert process.communicate(timeout=30) == ("±×名\n", "±×名\n")


def test_a_library_user_is_left_alone():
    """Imported, and not run with -m, the packages change nothing of a process."""
    code = ("import os, signal, sys; a = dict(os.environ), signal.getsignal(signal.SIGTERM); import sw, hw, sim; "
            "print(a == (dict(os.environ), signal.getsignal(signal.SIGTERM)), 'PYTHONSTARTUP' in os.environ)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"PYTHONSTARTUP": "/no"})
    assert done.stdout == "True True\n"

