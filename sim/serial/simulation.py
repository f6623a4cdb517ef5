"""The shell of a design under Verilator, at the other end of a serial line."""

import struct
import subprocess
from pathlib import Path

from hw.circuit import converted
from hw.shell import Shell
from hw.verilog import verilog
from sim.errors import SimError
from sim.harness.build import CACHE, LIBRARY, digest, quick_build
from sim.toolchain import find_verilator
from sw.common.cache import cached
from sw.common.process import environment
from sw.design.design import Design
from sw.design.frames import BASE_RATE, rate_step

__all__ = ["SerialSimulation", "build_shell"]

_MORE = 4000  # clocks
_MAIN = Path(__file__).with_name("serial.cpp")


def build_shell(
    design: Design, *, clock_hz: int = 100_000_000, board: str = "simulation", store_bits: int = 0, cache: Path = CACHE
) -> Path:
    """The executable that simulates the shell of a design; kept in ``cache``. SimError where it cannot be built."""
    verilator = find_verilator()
    text = verilog(converted(lambda: Shell(design, clock_hz=clock_hz, board=board, store_bits=store_bits), "top"))
    folder = cache / "shells"
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{design.name}-{clock_hz}-{board}-{store_bits}.v"
    source.write_text(text)
    key = digest(verilator, ["shell", "-O1"], [source, _MAIN])

    def make(work: Path) -> Path:
        shared = [verilator.root / "include" / name for name in LIBRARY]
        return quick_build({"Vtop": [source]}, f'#include "{_MAIN}"\n', work, cache, verilator, shared, options=["-O1"])

    folder, _ = cached(cache / f"shell-{key}", make)
    return folder / "Vtop"


class SerialSimulation:
    """A line to a board that is simulated (sw.host.link.Link), while `read` waits for it; ``clocks`` have been so far.

    SimError if the simulation has ended.
    """

    name = "simulation"
    rates = (12_000_000, 3_000_000, 115_200)

    def __init__(self, executable: Path, clock_hz: int = 100_000_000) -> None:
        self.clock_hz, self.clocks, self.rate = clock_hz, 0, BASE_RATE
        self._process = subprocess.Popen(
            [str(executable.resolve())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(),
        )  # fmt: skip
        self.set_rate(BASE_RATE)

    def set_rate(self, rate: int) -> None:
        self.rate = rate
        self._tell(b"R" + struct.pack("<I", rate_step(rate, self.clock_hz)))

    def write(self, data: bytes) -> None:
        """Bytes that the line brings to the board, after those before."""
        self._tell(b"S" + struct.pack("<I", len(data)) + data)

    def read(self, seconds: float) -> bytes:
        """What the board has sent within so many simulated seconds, up to a little after its first byte."""
        data = self._run(max(1, round(seconds * self.clock_hz)), 1)
        return data + self._run(_MORE, _MORE) if data else data

    def time(self) -> float:
        """Simulated seconds."""
        return self.clocks / self.clock_hz

    def _run(self, clocks: int, until: int) -> bytes:
        """So many clocks, or fewer until so many bytes have come from the board; these bytes."""
        self._tell(b"C" + struct.pack("<QI", clocks, until))
        done, count = struct.unpack("<QI", self._fetch(12))
        self.clocks += done
        return self._fetch(count)

    def reset(self) -> None:
        """A clock of reset."""
        self._tell(b"X")

    def damage(self, period: int, seed: int) -> None:
        """From now on one byte of about ``period`` has a bit that is wrong, in both directions; 0: none."""
        self._tell(b"D" + struct.pack("<II", period, seed))

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.wait(timeout=10)

    def __enter__(self) -> "SerialSimulation":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _tell(self, command: bytes) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(command)
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise SimError(f"the simulated board has ended with status {self._process.wait()}") from None

    def _fetch(self, count: int) -> bytes:
        assert self._process.stdout
        data = self._process.stdout.read(count)
        if len(data) != count:
            raise SimError(f"the simulated board has ended with status {self._process.wait()}")
        return data
