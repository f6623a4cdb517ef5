"""Who works on a trial, kept with the trial, so that others can tell when that process is no more."""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["PATIENCE", "RENEWAL", "alive", "lease"]

RENEWAL = 15.0  # seconds after which a process renews its leases
PATIENCE = 120.0  # a lease of another machine that was not renewed for so long is void; clocks may differ by less


def lease(now: float | None = None) -> dict[str, Any]:
    """The lease of this process."""
    return {"place": _place(), "pid": os.getpid(), "started": _started(os.getpid()),
            "renewed": round(time.time() if now is None else now, 1)}


def alive(held: Mapping[str, Any] | None, now: float | None = None) -> bool:
    """Whether the process that holds a lease still runs: looked up where it is on this machine, else by the time."""
    if not held:
        return False
    if held["place"] == _place():
        return _started(held["pid"]) == held["started"] != ""
    return (time.time() if now is None else now) - held["renewed"] < PATIENCE


def _place() -> str:
    """This machine since it was started, and on it the space of process numbers: containers have one each."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux: then the time tells
        return f"{socket.gethostname()} {os.getpid()}"


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks: numbers of processes are used again. Empty where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if stat[0] in "ZX" else stat[19]
