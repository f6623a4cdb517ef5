"""A limit to the memory of a process, so that too large a network fails by itself, with a reason.

Without one Linux gives out more memory than there is, and ends a process, perhaps another one, when it is used.
"""

import re
import resource
from pathlib import Path

__all__ = ["available", "limit"]


def available() -> int | None:
    """Bytes that programs can still have; None where the system does not tell."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def limit(more: int) -> None:
    """Let this process have so many bytes more than it has now; torch then raises, and `train` says OutOfMemory."""
    status = Path("/proc/self/statm")
    if status.exists():  # the limit counts data, in pages
        has = int(status.read_text().split()[5]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        soft = has + more if hard == resource.RLIM_INFINITY else min(has + more, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
