"""The random bits of stochastic rounding: one LFSR shared by a group of neighbouring lanes.

The bit sequence of a group obeys b[t + 47] = b[t] xor b[t + 5], the primitive trinomial
x^47 + x^5 + 1 (Xilinx XAPP052 lists its reciprocal), so its period is 2^47 - 1. The state at t is the
integer with bit j = b[t + j]. In every clock in which the lanes update weights, lane l of the group
takes the 15 bits b[t + l] .. b[t + l + 14] (bit j has weight 2^j), and the state then moves on by
``STEP`` bits. Lanes share bits, which costs nothing in hardware: 47 flip-flops and STEP exclusive-ors
for 32 lanes. What matters is that one weight's successive draws are independent, and they lie
C * STEP bits apart.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["COARSE", "GROUP", "LENGTH", "STEP", "TAP", "WINDOW", "draws", "groups", "seeds", "wide"]

LENGTH = 47
TAP = 5
GROUP = 32
WINDOW = 15
STEP = 7
COARSE = 8  # rates of 2^-8 and less drop so many bits more
_MASK = (1 << LENGTH) - 1


def groups(z: int) -> int:
    """Number of LFSRs of a junction of ``z`` lanes."""
    return -(-z // GROUP)


def wide(number, bits: int):
    """The ``bits`` + COARSE bit number of a rate of 2^-8 or less, from the top ``bits`` bits of a draw.

    Its upper bits are the lowest ones of the draw once more: no two neurons' sums of lanes share more bits
    for it, a bit's place does not matter to its randomness, and the hardware needs no shifter.
    """
    return number | (number & ((1 << COARSE) - 1)) << bits


def seeds(junction: int, z: int) -> np.ndarray:
    """Initial states, (groups,) uint64, none of them zero, for junction 1..L.

    Multiples of an odd constant (the golden ratio in 64 bits) spread the start points over the period. The first
    multiple that gives zero is beyond 2^47 of them.
    """
    n = np.arange(1, groups(z) + 1, dtype=np.uint64) + np.uint64(junction << 16)
    return n * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(13) & np.uint64(_MASK)


def draws(state: np.ndarray, slots: int, clocks: int, z: int) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the next ``slots`` training slots of ``clocks`` updating clocks each.

    Args: state (groups,) uint64. Returns numbers (slots * clocks, z) int32, row by clock, and the states
    after each slot, (slots, groups) uint64. Takes time and memory for min(z, 32) lanes of each group.
    """
    count, used = slots * clocks, min(z, GROUP)
    bits = np.empty((len(state), LENGTH * 8), np.uint8)
    bits[:, :LENGTH] = state[:, None] >> np.arange(LENGTH, dtype=np.uint64) & np.uint64(1)
    _continue(bits)
    # eight clocks take STEP bytes; the lanes of a clock reach into the bits of the next ones
    rounds = -(-(count + (GROUP - 1) // STEP) // 8)
    stream = np.zeros((len(state), STEP * rounds + 1 + LENGTH), np.uint8)
    stream[:, 1 : LENGTH + 1] = np.packbits(bits, axis=1, bitorder="little")
    _continue(stream[:, 1:])
    # clock 8r + p begins 8 - p bits after the begin of byte STEP * r + p
    read = np.ndarray((len(state), rounds, 8), "<u4", stream, strides=(stream.shape[1], STEP, 1))
    begins = (read >> np.arange(8, 0, -1, dtype=np.uint32)).reshape(len(state), -1)
    # words[group, clock, lane]: the bits from b[t + lane] on; lanes from STEP on find theirs at later clocks
    words = np.empty((*begins.shape, min(used, STEP)), np.uint16)
    for lane in range(words.shape[2]):
        np.right_shift(begins, np.uint32(lane), out=words[:, :, lane], casting="same_kind")
    lanes = sliding_window_view(words.reshape(len(state), -1), used, axis=1)[:, :: words.shape[2]][:, :count]
    numbers = np.empty((count, len(state), used), np.int32)
    np.bitwise_and(lanes.transpose(1, 0, 2), np.uint16((1 << WINDOW) - 1), out=numbers)
    ends = np.arange(1, slots + 1) * (clocks * STEP)
    read = np.ndarray((len(state), stream.shape[1] - 8), "<u8", stream, offset=1, strides=(stream.shape[1], 1))
    states = read[:, ends // 8] >> (ends % 8).astype(np.uint64) & np.uint64(_MASK)
    return numbers.reshape(count, -1)[:, :z], states.T


def _continue(b: np.ndarray) -> None:
    """Fill (groups, count) uint8 from its first LENGTH columns: a group's bits in sequence, or its bytes.

    Squaring the polynomial keeps it valid, b[t + 47m] = b[t] ^ b[t + 5m] for every power of two m: so the
    recurrence holds for whole bytes too, and takes more and more columns at once.
    """
    have, scale = LENGTH, 1
    while have < b.shape[1]:
        while LENGTH * scale * 2 <= have:
            scale *= 2
        first = have - LENGTH * scale
        take = min((LENGTH - TAP) * scale, b.shape[1] - have)
        np.bitwise_xor(b[:, first:][:, :take], b[:, first + TAP * scale :][:, :take], out=b[:, have : have + take])
        have += take
