"""A PostgreSQL server for tests, started here."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sw.common.process import environment


def server_programs():
    """Folder of the newest server's programs, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def as_user():
    """The words before a command that run it as one who is not root, as the server demands; None if that cannot be."""
    if os.getuid():
        return []
    known = subprocess.run(["id", "postgres"], env=environment(), capture_output=True).returncode == 0
    if shutil.which("setpriv") and known:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return None


@contextmanager
def postgresql():
    """URL of a server with an empty database; skips the test where there can be none."""
    programs, user = server_programs(), as_user()
    if programs is None:
        pytest.skip("there is no PostgreSQL server (Debian's package postgresql)")
    if user is None:
        pytest.skip("the PostgreSQL server does not run as root, and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has 107 characters at most
    if user:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, log = folder / "data", folder / "log"
    control = [*user, str(programs / "pg_ctl"), "-D", str(data)]
    try:
        subprocess.run([*user, str(programs / "initdb"), "-D", str(data), "-U", "me", "-A", "trust", "-N",
                        "-E", "UTF8", "--no-locale"], check=True, capture_output=True, cwd=folder, env=environment())
        subprocess.run([*control, "-l", str(log), "-w", "-o", f"-p {port} -k {folder} -h 127.0.0.1 -F", "start"],
                       check=True, stdout=subprocess.DEVNULL, cwd=folder, env=environment())
        yield f"postgresql://me@127.0.0.1:{port}/postgres"
    finally:
        with suppress(subprocess.CalledProcessError):
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder,
                           env=environment())
        shutil.rmtree(folder, ignore_errors=True)
