"""The LZ4 functions for waves give blocks that a decoder written from the format turns back."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

HEADER = Path(__file__).parents[2] / "sim" / "harness" / "lz4"
PROGRAM = """
#include "lz4.h"
#include <cstdio>
int main() {
    std::vector<char> in(1 << 20);
    const int size = static_cast<int>(fread(in.data(), 1, in.size(), stdin));
    std::vector<char> out(LZ4_compressBound(size));
    if (LZ4_compress_default(in.data(), out.data(), size, LZ4_compressBound(size) - 1) != 0) return 1;
    const int count = LZ4_compress_default(in.data(), out.data(), size, static_cast<int>(out.size()));
    return fwrite(out.data(), 1, count, stdout) != static_cast<std::size_t>(count);
}
"""


def decoded(block: bytes) -> bytes:
    out, at = bytearray(), 0

    def length(nibble):
        nonlocal at
        total = nibble
        while nibble == 15:
            at += 1
            total += block[at - 1]
            if block[at - 1] < 255:
                break
        return total

    while at < len(block):
        token = block[at]
        at += 1
        count = length(token >> 4)
        out += block[at : at + count]
        at += count
        if at == len(block):
            return bytes(out)
        offset = int.from_bytes(block[at : at + 2], "little")
        assert 1 <= offset <= len(out)
        at += 2
        for _ in range(4 + length(token & 15)):
            out.append(out[-offset])
    raise AssertionError("the last sequence must be literals")


@pytest.fixture(scope="module")
def compress(tmp_path_factory):
    if shutil.which("g++") is None:
        pytest.skip("g++ is not there")
    folder = tmp_path_factory.mktemp("lz4")
    (folder / "main.cpp").write_text(PROGRAM)
    command = ["g++", "-std=gnu++17", "-Wall", "-Wextra", "-Werror", "-O1", f"-I{HEADER}", "main.cpp", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True)
    return lambda data: subprocess.run([folder / "main"], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("size", [0, 1, 4, 5, 12, 13, 14, 20, 100, 299, 70_000, 200_000])
@pytest.mark.parametrize("kind", ["zeros", "random", "runs"])
def test_a_block_decodes_to_what_it_was_made_from(compress, size, kind):
    rng = np.random.Generator(np.random.PCG64(size))
    data = {
        "zeros": np.zeros(size, np.uint8),
        "random": rng.integers(0, 256, size, dtype=np.uint8),
        "runs": np.repeat(rng.integers(0, 4, size, dtype=np.uint8), rng.integers(1, 40, size))[:size],
    }[kind].tobytes()
    block = compress(data)
    assert decoded(block) == data
    if size >= 1000 and kind != "random":
        assert len(block) < size / 2
